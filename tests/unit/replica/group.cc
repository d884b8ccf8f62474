#include "group.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "cib/digest.h"
#include "cib/patch.h"

namespace quorate::replica::test {
namespace {
constexpr ClientId kController = 1;
constexpr ClientId kTool = 2;
}  // namespace

Group::Group(std::size_t size, std::uint64_t seed, const cib::Validator* validator)
    : validator_(validator), random_(seed) {
  for (NodeNumber number = 1; number <= size; ++number) nodes_[number].number = number;
}

void Group::handle(Node& node, const Event& event) {
  if (!node.replica) return;
  Effects effects;
  node.replica->handle(event, Now{now_ms_, 1'000'000'000'000 + now_ms_}, effects);
  for (Effect& effect : effects) {
    if (auto* broadcast = std::get_if<Broadcast>(&effect)) {
      for (Component& component : components_) {
        if (component.members.count(node.number) != 0) {
          component.log.push_back({node.number, std::move(broadcast->payload)});
        }
      }
    } else if (auto* write = std::get_if<WriteFile>(&effect)) {
      node.writes.push_back(std::move(*write));
    } else if (auto* timer = std::get_if<SetTimer>(&effect)) {
      node.timers[timer->timer] = now_ms_ + timer->delay_ms;
    } else if (auto* answer = std::get_if<Reply>(&effect)) {
      on_reply(node, *answer);
    } else if (auto* line = std::get_if<Log>(&effect)) {
      node.log.push_back(line->record.text);
    }
  }
}

void Group::on_reply(Node& node, const Reply& reply) {
  auto message = decode_cib_server_message(reply.payload);
  REQUIRE(message);
  if (reply.client == kTool) {
    if (auto* answer = std::get_if<CibReply>(&*message)) node.replies.push_back(*answer);
    return;
  }
  node.heard.push_back(std::move(*message));
}

void Group::on_controller(Node& node, const CibServerMessage& message) {
  if (const auto* snapshot = std::get_if<CibSnapshot>(&message)) {
    node.shadow.emplace(std::move(*cib::Cib::parse(snapshot->document)));
    node.seen = snapshot->position;
  } else if (const auto* change = std::get_if<CibChange>(&message)) {
    const auto patch = xml::Document::parse(change->patch);
    REQUIRE(patch);
    cib::Edit edit(*node.shadow);
    REQUIRE(cib::apply_patch(edit, patch->root(), true) == cib::Code::kOk);
    edit.commit();
    node.last_change = change->position;
    // As the controller does it: at once for the configuration, now and then for the rest.
    if (!change->configuration_changed && change->position < node.seen + 50) return;
    node.seen = change->position;
    handle(node, ClientMessage{kController, encode(CibSeen{change->position})});
  } else if (std::holds_alternative<CibResync>(message)) {
    ++node.resyncs;
    handle(node, ClientMessage{kController, encode(CibSubscribe{"controller", true})});
  } else if (const auto* view = std::get_if<CibView>(&message)) {
    if (!view->in_sync || view->members.front() != node.number) return;
    CibClusterFact fact;
    fact.view = view->view;
    fact.dc = node.number;
    fact.configured_nodes = static_cast<std::uint32_t>(nodes_.size());
    fact.quorate = view->members.size() * 2 > nodes_.size();
    handle(node, ClientMessage{kController, encode(fact)});
  }
}

void Group::start(NodeNumber number) {
  Node& node = nodes_.at(number);
  REQUIRE_FALSE(node.replica);
  ++node.incarnation;
  ReplicaConfig config;
  config.node = number;
  config.node_name = "n" + std::to_string(number);
  config.validator = validator_;
  for (const auto& [name, content] : node.disk) config.files.push_back({name, content});
  node.replica = std::make_unique<Replica>(config);
  node.timers.clear();
  node.heard.clear();
  handle(node, Started{});
  PeerCredentials root;
  root.user = "root";
  root.privileged = true;
  handle(node, ClientConnected{kController, root});
  handle(node, ClientConnected{kTool, root});
  handle(node, ClientMessage{kController, encode(CibSubscribe{"controller", true})});
  std::vector<std::set<NodeNumber>> parts;
  for (const Component& component : components_) parts.push_back(component.members);
  parts.push_back({number});
  install(std::move(parts));
}

void Group::crash(NodeNumber number) {
  Node& node = nodes_.at(number);
  node.replica.reset();
  node.writes.clear();
  node.shadow.reset();
  node.heard.clear();
  std::vector<std::set<NodeNumber>> parts;
  for (const Component& component : components_) {
    std::set<NodeNumber> rest = component.members;
    rest.erase(number);
    if (!rest.empty()) parts.push_back(rest);
  }
  install(std::move(parts));
}

void Group::partition(const std::vector<std::set<NodeNumber>>& parts) {
  std::vector<std::set<NodeNumber>> running;
  std::set<NodeNumber> named;
  for (const auto& part : parts) {
    std::set<NodeNumber> members;
    for (const NodeNumber number : part) {
      named.insert(number);
      if (nodes_.at(number).replica) members.insert(number);
    }
    if (!members.empty()) running.push_back(members);
  }
  for (const auto& [number, node] : nodes_) {
    if (node.replica && named.count(number) == 0) running.push_back({number});
  }
  install(std::move(running));
}

void Group::heal() {
  std::set<NodeNumber> all;
  for (const auto& [number, node] : nodes_) all.insert(number);
  partition({all});
}

void Group::install(std::vector<std::set<NodeNumber>> parts) {
  std::vector<Component> old = std::move(components_);
  components_.clear();
  std::vector<Component> fresh;
  for (auto& part : parts) {
    Component next;
    next.members = part;
    const bool same =
        std::any_of(old.begin(), old.end(), [&](const Component& c) { return c.members == part; });
    for (Component& before : old) {
      std::set<NodeNumber> together;
      for (const NodeNumber number : part) {
        if (before.members.count(number) != 0 && nodes_.at(number).replica) together.insert(number);
      }
      if (together.empty()) continue;
      if (same) {
        next = before;
        break;
      }
      // Those who stay together see the same prefix, at least what one of them has seen.
      std::size_t least = 0;
      for (const NodeNumber number : together) least = std::max(least, before.at[number]);
      const std::size_t end = before.base + before.log.size();
      const std::size_t cut = least + (end > least ? random_() % (end - least + 1) : 0);
      Component flush = before;
      flush.log.resize(cut - flush.base);
      components_.assign(1, Component{});  // what they broadcast meanwhile goes to the next view
      components_[0].members = together;
      for (const NodeNumber number : together) {
        while (flush.at[number] < cut) deliver(flush, number);
      }
      for (std::size_t i = cut - before.base; i < before.log.size(); ++i) {
        const Message& message = before.log[i];
        if (together.count(message.sender) != 0) next.log.push_back(message);
      }
      for (const Message& message : components_[0].log) next.log.push_back(message);
      components_.clear();
    }
    fresh.push_back(std::move(next));
    if (same) continue;
    for (const NodeNumber number : part) fresh.back().at[number] = 0;
  }
  components_ = std::move(fresh);
  for (Component& component : components_) {
    const bool same = std::any_of(
        old.begin(), old.end(), [&](const Component& c) { return c.members == component.members; });
    if (same) continue;
    const std::uint64_t view = next_view_++;
    std::vector<Member> members;
    for (const NodeNumber number : component.members) {
      members.push_back({number, "n" + std::to_string(number), nodes_.at(number).incarnation});
    }
    for (const NodeNumber number : component.members) {
      Node& node = nodes_.at(number);
      node.view = view;
      NodeMembership membership;
      membership.ring = view;
      membership.quorate = component.members.size() * 2 > nodes_.size();
      handle(node, membership);
      handle(node, GroupView{view, view, members, {}, {}});
    }
  }
}

void Group::deliver(Component& component, NodeNumber number) {
  const std::size_t at = component.at[number]++;
  const Message message = component.log[at - component.base];
  handle(nodes_.at(number), Delivered{at, message.sender, message.payload});
}

void Group::trim(Component& component) {
  std::size_t least = component.base + component.log.size();
  for (const auto& [number, at] : component.at) least = std::min(least, at);
  while (component.base < least) {
    component.log.pop_front();
    ++component.base;
  }
}

bool Group::deliver_some() {
  std::vector<std::pair<std::size_t, NodeNumber>> ready;
  for (std::size_t i = 0; i < components_.size(); ++i) {
    for (const auto& [number, at] : components_[i].at) {
      if (at < components_[i].base + components_[i].log.size()) ready.emplace_back(i, number);
    }
  }
  if (ready.empty()) return false;
  const auto [index, number] = ready[random_() % ready.size()];
  deliver(components_[index], number);
  trim(components_[index]);
  return true;
}

bool Group::write_some() {
  if (hold_writes) return false;
  std::vector<Node*> ready;
  for (auto& [number, node] : nodes_) {
    if (!node.writes.empty()) ready.push_back(&node);
  }
  if (ready.empty()) return false;
  Node& node = *ready[random_() % ready.size()];
  const WriteFile write = std::move(node.writes.front());
  node.writes.pop_front();
  for (int version = write.keep; version > 0; --version) {
    const std::string from =
        version == 1 ? write.name : write.name + "." + std::to_string(version - 1);
    const auto found = node.disk.find(from);
    if (found != node.disk.end()) {
      node.disk[write.name + "." + std::to_string(version)] = found->second;
    }
  }
  std::string& file = node.disk[write.name];
  const bool longer = write.how == WriteFile::How::kInPlace && file.size() > write.content.size();
  file = write.content + (longer ? file.substr(write.content.size()) : std::string());
  handle(node, FileWritten{write.request, true, {}});
  return true;
}

bool Group::step() {
  std::vector<Node*> talking;
  for (auto& [number, node] : nodes_) {
    if (!node.heard.empty()) talking.push_back(&node);
  }
  if (!talking.empty() && random_() % 2 == 0) {
    Node& node = *talking[random_() % talking.size()];
    const CibServerMessage message = std::move(node.heard.front());
    node.heard.erase(node.heard.begin());
    on_controller(node, message);
    return true;
  }
  if (random_() % 4 == 0 && write_some()) return true;
  return deliver_some() || write_some() || !talking.empty();
}

void Group::drain() {
  while (step()) {
  }
}

void Group::pass(std::int64_t milliseconds) {
  now_ms_ += milliseconds;
  for (auto& [number, node] : nodes_) {
    std::vector<TimerId> due;
    for (const auto& [timer, at] : node.timers) {
      if (at <= now_ms_) due.push_back(timer);
    }
    for (const TimerId timer : due) {
      node.timers.erase(timer);
      handle(node, TimerFired{timer});
    }
  }
}

void Group::settle(int seconds) {
  for (int i = 0; i < seconds; ++i) {
    drain();
    pass(1000);
  }
  drain();
}

std::uint64_t Group::ask(NodeNumber number, cib::Request what, const std::string& session,
                         std::uint64_t id) {
  CibRequest request;
  request.id = id == 0 ? next_id_++ : id;
  request.session = session;
  request.client = "cibadmin";
  request.what = std::move(what);
  handle(nodes_.at(number), ClientMessage{kTool, encode(request)});
  return request.id;
}

const CibReply* Group::reply(NodeNumber number, std::uint64_t id) const {
  for (const CibReply& answer : nodes_.at(number).replies) {
    if (answer.id == id) return &answer;
  }
  return nullptr;
}

std::string Group::shadow_digest(NodeNumber number) {
  Node& node = nodes_.at(number);
  if (!node.shadow) return "none";
  return cib::digest_of(node.shadow->root(), cib::DigestKind::kOnWire);
}

std::string Group::differences() {
  std::map<std::pair<std::string, std::uint64_t>, std::pair<NodeNumber, std::string>> seen;
  for (auto& [number, node] : nodes_) {
    if (!node.replica || !node.replica->in_sync()) continue;
    const auto key = std::make_pair(node.replica->round(), node.replica->order());
    const auto [at, added] = seen.emplace(key, std::make_pair(number, document(number)));
    if (!added && at->second.second != document(number)) {
      return key.first + " at " + std::to_string(key.second) + ": node " +
             std::to_string(at->second.first) + "\n" + at->second.second + "\nnode " +
             std::to_string(number) + "\n" + document(number);
    }
  }
  return "";
}

}  // namespace quorate::replica::test
