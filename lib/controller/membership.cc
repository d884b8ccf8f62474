#include "controller/membership.h"

#include <algorithm>
#include <tuple>

#include "base/planted.h"
#include "base/text.h"

namespace quorate::controller {

void Membership::view_changed(const GroupView& view) {
  view_ = view.view;
  if (entered_view_ == 0) entered_view_ = view.view;
  std::map<NodeNumber, Peer> peers;
  for (const Member& member : view.members) {
    Peer peer;
    peer.name = member.name;
    const auto before = peers_.find(member.node);
    const bool joined =
        std::find(view.joined.begin(), view.joined.end(), member.node) != view.joined.end();
    if (before != peers_.end() && !joined) {
      peer.entered_view = before->second.entered_view;
      peer.uuid = before->second.uuid;
      peer.feature_set = before->second.feature_set;
    }
    peers.emplace(member.node, std::move(peer));
  }
  peers_ = std::move(peers);
  decided_ = false;
  // The DC that stays goes on until all hellos decide anew; one that left, or left and is back, is
  // none.
  const bool back =
      dc_ != self_ && std::find(view.joined.begin(), view.joined.end(), dc_) != view.joined.end();
  if (back || !peers_.contains(dc_)) {
    dc_ = 0;
    dc_since_ = 0;
  }
}

void Membership::hello(NodeNumber sender, const ControllerHello& hello) {
  const auto found = peers_.find(sender);
  if (found == peers_.end() || hello.view != view_) return;
  Peer& peer = found->second;
  peer.said_hello = true;
  peer.left_out = false;
  peer.entered_view = hello.entered_view;
  peer.uuid = hello.uuid;
  peer.feature_set = hello.feature_set;
  peer.eligible = hello.eligible;
  peer.dc_since = hello.dc_since;
  if (!hello.name.empty()) peer.name = hello.name;
  decide();
}

void Membership::leave_out(const LeaveOut& message) {
  if (message.view != view_) return;
  for (const NodeNumber node : message.nodes) {
    const auto found = peers_.find(node);
    if (found != peers_.end() && !found->second.said_hello) found->second.left_out = true;
  }
  decide();
}

void Membership::depose(const Depose& message) {
  const auto peer = peers_.find(message.dc);
  if (message.view != view_ || peer == peers_.end()) return;
  // Before the view's DC is decided members may know different ones (who has just come knows none),
  // so that whose DC is named here mustn't matter.
  if (decided_ && message.dc != dc_) return;
  peer->second.deposed = true;
  if (message.dc == dc_) {
    dc_ = 0;
    dc_since_ = 0;
  }
  decide();
}

bool Membership::settled() const {
  return !peers_.empty() && std::all_of(peers_.begin(), peers_.end(), [](const auto& entry) {
    return entry.second.said_hello || entry.second.left_out;
  });
}

std::vector<NodeNumber> Membership::silent() const {
  std::vector<NodeNumber> nodes;
  for (const auto& [node, peer] : peers_) {
    if (!peer.said_hello && !peer.left_out) nodes.push_back(node);
  }
  return nodes;
}

NodeNumber Membership::best_but(NodeNumber except) const {
  const auto better = [](const std::pair<const NodeNumber, Peer>& a,
                         const std::pair<const NodeNumber, Peer>& b) {
    if (const int order = compare_versions(a.second.feature_set, b.second.feature_set)) {
      return order < 0;
    }
    if (a.second.dc_since != b.second.dc_since) {
      return a.second.dc_since - 1 < b.second.dc_since - 1;  // 0, no DC so far, comes last
    }
    if (a.second.entered_view != b.second.entered_view) {
      return a.second.entered_view < b.second.entered_view;
    }
    if (const int order = icompare(a.second.name, b.second.name)) return order < 0;
    return a.first < b.first;
  };
  const std::pair<const NodeNumber, Peer>* best = nullptr;
  for (const auto& entry : peers_) {
    const Peer& peer = entry.second;
    if (!peer.said_hello || peer.left_out || peer.deposed || !peer.eligible) continue;
    if (entry.first == except) continue;
    if (best == nullptr || better(entry, *best)) best = &entry;
  }
  return best == nullptr ? 0 : best->first;
}

bool Membership::is_next_in_line() const {
  return dc_ != 0 && dc_ != self_ && best_but(dc_) == self_;
}

void Membership::decide() {
  if (!settled()) return;
  if (planted("two-dcs") && dc_ != 0 && dc_ == self_) return;
  // Who becomes eligible within a view doesn't replace a DC that was decided in it. What was
  // decided in earlier views counts for nothing: who has just come doesn't know it.
  const auto current = peers_.find(dc_);
  if (decided_ && current != peers_.end() && current->second.eligible && !current->second.deposed) {
    return;
  }
  const NodeNumber chosen = best_but(0);
  decided_ = chosen != 0;
  if (chosen == dc_) return;
  dc_ = chosen;
  dc_since_ = chosen == 0 ? 0 : view_;
}

NodeNumber Membership::find(std::string_view name) const {
  for (const auto& [node, peer] : peers_) {
    if (!peer.left_out && iequals(peer.name, name)) return node;
  }
  return 0;
}

bool Membership::is_member(NodeNumber node) const {
  const auto found = peers_.find(node);
  return found != peers_.end() && !found->second.left_out;
}

std::string Membership::name_of(NodeNumber node) const {
  const auto found = peers_.find(node);
  return found == peers_.end() ? std::to_string(node) : found->second.name;
}

bool Membership::compatible(std::string_view joiner, std::string_view dc) {
  const auto part = [](std::string_view version, std::size_t index) -> std::int64_t {
    const auto parts = split_words(version, '.');
    return index < parts.size() ? to_integer(parts[index]).value_or(0) : 0;
  };
  if (dc.empty()) dc = "3.0.14";
  return part(joiner, 0) == part(dc, 0) && part(dc, 1) <= part(joiner, 1);
}

}  // namespace quorate::controller
