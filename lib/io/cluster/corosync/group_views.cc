#include "io/cluster/corosync/group_views.h"

#include <algorithm>
#include <utility>

#include "io/cluster/layer.h"

namespace quorate::cluster {
namespace {

constexpr std::uint32_t kMaxPieces =
    static_cast<std::uint32_t>(kMaxPayloadBytes / (kPieceBytes / 2)) + 1;

bool remove_all(Roster& roster, const std::set<Process>& gone) {
  return std::erase_if(roster.members,
                       [&](const auto& entry) { return gone.contains(entry.first); }) > 0;
}

}  // namespace

GroupViews::GroupViews(Process self, std::string name, std::uint64_t nonce, Port& port)
    : self_(self), name_(std::move(name)), nonce_(nonce), port_(port) {}

void GroupViews::on_configuration(Configuration configuration) {
  if (stage_ == Stage::kIn) return process(configuration);
  if (stage_ == Stage::kOutside) return begin_joining(configuration);
  // Everybody who is in a ring from its start knows all there is to know of it.
  if (configuration.merged && configuration.ring != first_ring_) {
    held_.clear();
    held_bytes_ = 0;
    stage_ = Stage::kIn;
    roster_ = {};
    current_ = {};
    current_.number = nonce_;
    current_.members[self_] = Member{self_.node, name_, nonce_};
    process(configuration);
    return;
  }
  observe_while_joining(configuration);
  if (own_join_seen_) {
    held_.emplace_back(std::move(configuration));
  } else {
    present_ = configuration.members;
    ring_ = configuration.ring;
  }
  if (seniors_.empty()) begin_alone();
}

void GroupViews::begin_joining(const Configuration& configuration) {
  if (!configuration.members.contains(self_)) return;
  stage_ = Stage::kJoining;
  first_ring_ = latest_ring_ = ring_ = configuration.ring;
  latest_ = present_ = configuration.members;
  seniors_ = configuration.members;
  seniors_.erase(self_);
  own_join_seen_ = false;
  port_.send(encode(JoinMessage{nonce_, ring_, name_}));
  if (seniors_.empty()) begin_alone();
}

void GroupViews::observe_while_joining(const Configuration& configuration) {
  for (const Process& gone : configuration.left) seniors_.erase(gone);
  for (const Process& member : configuration.members)
    if (configuration.merged && !latest_.contains(member)) seniors_.insert(member);
  latest_ = configuration.members;
  latest_ring_ = configuration.ring;
}

void GroupViews::ask_again(std::uint64_t nonce) {
  if (stage_ != Stage::kJoining) return;
  nonce_ = nonce;
  own_join_seen_ = false;
  held_.clear();
  held_bytes_ = 0;
  present_ = latest_;
  ring_ = latest_ring_;
  port_.send(encode(JoinMessage{nonce_, ring_, name_}));
}

/// Nobody is there who could know more.
void GroupViews::begin_alone() {
  stage_ = Stage::kIn;
  roster_ = {};
  roster_.number = nonce_;
  roster_.members[self_] = Member{self_.node, name_, nonce_};
  changes_ = 0;
  merged_ring_ = 0;
  show_view();
  replay();
}

void GroupViews::welcomed(const WelcomeMessage& welcome) {
  stage_ = Stage::kIn;
  roster_ = welcome.roster;
  changes_ = welcome.changes;
  merged_ring_ = welcome.merged_ring;
  show_view();
  replay();
}

void GroupViews::replay() {
  held_bytes_ = 0;
  const auto held = std::exchange(held_, {});
  for (const auto& event : held) std::visit([this](const auto& each) { process(each); }, event);
}

void GroupViews::on_message(const Process& sender, std::string bytes) {
  if (stage_ == Stage::kOutside) return;
  Message message{sender, std::move(bytes)};
  if (stage_ == Stage::kIn) return process(message);
  const auto decoded = decode_group_message(message.bytes);
  if (!decoded) return;
  if (const auto* join = std::get_if<JoinMessage>(&*decoded);
      join && sender == self_ && join->nonce == nonce_) {
    own_join_seen_ = true;
    return;
  }
  if (!own_join_seen_) return;
  if (const auto* welcome = std::get_if<WelcomeMessage>(&*decoded)) {
    if (welcome->joiner == self_ && welcome->nonce == nonce_ &&
        welcome->roster.members.contains(self_))
      welcomed(*welcome);
    return;
  }
  held_bytes_ += message.bytes.size();
  held_.emplace_back(std::move(message));
}

void GroupViews::process(const Configuration& configuration) {
  ring_ = configuration.ring;
  present_ = configuration.members;
  for (const Process& gone : configuration.left) assemblies_.erase(gone);
  if (configuration.merged) {
    if (covered()) current_ = roster_;
    if (remove_all(current_, configuration.left)) ++current_.number;
    roster_ = {};
    changes_ = 0;
    if (!last_view_.empty()) show_view();
    merged_ring_ = ring_;
    port_.send(encode(TableMessage{merged_ring_, current_}));
    return;
  }
  if (configuration.left.empty()) return;
  ++changes_;
  if (remove_all(roster_, configuration.left)) ++roster_.number;
  if (!covered() && remove_all(current_, configuration.left)) ++current_.number;
  if (covered() || !last_view_.empty()) show_view();
}

void GroupViews::process(const Message& message) {
  const auto decoded = decode_group_message(message.bytes);
  if (!decoded) return;  // of a later version
  if (const auto* piece = std::get_if<PieceMessage>(&*decoded))
    take_piece(message.sender, *piece);
  else if (const auto* bundle = std::get_if<BundleMessage>(&*decoded))
    take_bundle(message.sender, *bundle);
  else if (const auto* join = std::get_if<JoinMessage>(&*decoded))
    admit(message.sender, *join);
  else if (const auto* table = std::get_if<TableMessage>(&*decoded))
    take_side(message.sender, *table);
}

void GroupViews::admit(const Process& joiner, const JoinMessage& message) {
  if (!present_.contains(joiner)) return;
  if (message.ring < merged_ring_) return;  // it saw the merge and sent its side's view
  const auto found = roster_.members.find(joiner);
  if (found != roster_.members.end() && found->second.incarnation == message.nonce) return;
  // One process per node: the end of a predecessor just hasn't been noticed yet.
  std::erase_if(roster_.members,
                [&](const auto& entry) { return entry.first.node == joiner.node; });
  assemblies_.erase(joiner);
  roster_.number = std::max(roster_.number + 1, message.nonce);
  roster_.members[joiner] = Member{joiner.node, message.name, roster_.number};
  if (joiner != self_)
    port_.send(encode(WelcomeMessage{joiner, message.nonce, changes_, merged_ring_, roster_}));
  if (covered()) show_view();
}

void GroupViews::take_side(const Process& sender, const TableMessage& message) {
  if (message.merged_ring != merged_ring_) return;  // delayed until after the next merge
  if (roster_.members.contains(sender) || !message.roster.members.contains(sender)) return;
  for (const auto& [process, member] : message.roster.members)
    if (present_.contains(process)) roster_.members.try_emplace(process, member);
  roster_.number = std::max(roster_.number, message.roster.number + changes_) + 1;
  if (covered()) show_view();
}

void GroupViews::take_piece(const Process& sender, const PieceMessage& piece) {
  if (last_view_.contains(sender)) assemble(sender, piece);
  if (sender == self_) port_.own_piece(piece.id, piece.index);
}

void GroupViews::take_bundle(const Process& sender, const BundleMessage& bundle) {
  if (last_view_.contains(sender)) {
    for (const std::string_view content : bundle.contents) {
      port_.deliver(sender.node, std::string(content));
    }
  }
  if (sender == self_) port_.own_piece(bundle.id, 0);
}

void GroupViews::assemble(const Process& sender, const PieceMessage& piece) {
  if (piece.count == 1) return port_.deliver(sender.node, std::string(piece.content));
  if (piece.count > kMaxPieces || piece.index >= piece.count) return;
  Assembly& assembly = assemblies_[sender];
  if (piece.index == 0) assembly = Assembly{piece.id, 0, piece.count, {}};
  if (assembly.id != piece.id || assembly.count != piece.count || assembly.next != piece.index)
    return;
  assembly.content.append(piece.content);
  if (++assembly.next < assembly.count) return;
  std::string whole = std::move(assembly.content);
  assemblies_.erase(sender);
  port_.deliver(sender.node, std::move(whole));
}

void GroupViews::show_view() {
  if (covered()) current_ = roster_;
  if (current_.members == last_view_) return;
  GroupView view;
  view.view = current_.number;
  view.ring = ring_;
  for (const auto& [process, member] : current_.members) {
    view.members.push_back(member);
    const auto before = last_view_.find(process);
    if (before == last_view_.end() || before->second != member) view.joined.push_back(process.node);
  }
  for (const auto& [process, member] : last_view_) {
    const auto now = current_.members.find(process);
    if (now == current_.members.end() || now->second != member) view.left.push_back(process.node);
  }
  last_view_ = current_.members;
  if (!view.joined.empty()) {
    assemblies_.clear();
    port_.pieces_void();
  }
  port_.view(std::move(view));
}

}  // namespace quorate::cluster
