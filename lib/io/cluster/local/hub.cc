#include "io/cluster/local/hub.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/text.h"

namespace quorate::cluster {
namespace {

/// With this much unread by one member, the senders of its group are held.
constexpr std::size_t kHoldBytes = std::size_t{8} << 20;
/// What a member may have unread at all: several of the longest payloads.
constexpr std::size_t kMaxUnreadBytes = std::size_t{2} << 30;

bool holds(const std::vector<Member>& members, const Member& member) {
  return std::find(members.begin(), members.end(), member) != members.end();
}

}  // namespace

Hub::Hub(io::Loop& loop, ClusterFile file)
    : loop_(loop),
      file_(std::move(file)),
      next_number_(static_cast<std::uint64_t>(time(nullptr)) << 20) {
  for (const ConfiguredNode& node : file_.nodes) nodes_[node.number];
}

Result<std::unique_ptr<Hub>> Hub::open(io::Loop& loop, const std::string& folder,
                                       ClusterFile file) {
  std::unique_ptr<Hub> hub(new Hub(loop, std::move(file)));
  Hub* self = hub.get();
  ipc::ServerOptions options;
  options.path = hub_path(folder);
  options.mode = 0600;
  options.max_message_bytes = kMaxUnreadBytes / 4;
  options.limits.max_bytes = kMaxUnreadBytes;
  ipc::Server::Handlers handlers;
  handlers.admit = [](const PeerCredentials& peer) -> Result<void> {
    if (peer.privileged) return {};
    return fail(ErrorKind::kPermission, "the hub serves only the user who runs it");
  };
  handlers.connected = [self](ClientId id, const PeerCredentials&) { self->processes_[id]; };
  handlers.message = [self](ClientId id, std::string bytes) {
    self->on_message(id, std::move(bytes));
  };
  handlers.gone = [self](ClientId id, const std::string&) { self->on_gone(id); };
  handlers.drained = [self](ClientId id) { self->release_senders(id); };
  auto server = ipc::Server::listen(loop, options, handlers);
  if (!server) return tl::unexpected(server.error());
  hub->server_ = std::move(*server);
  return hub;
}

void Hub::on_message(ClientId id, std::string bytes) {
  const auto found = processes_.find(id);
  if (found == processes_.end()) return;
  Process& process = found->second;
  auto message = hub::decode_to_hub(bytes);
  if (!message) {
    server_->disconnect(id);
    on_gone(id);
  } else if (const auto* hello = std::get_if<hub::Hello>(&*message)) {
    say_hello(id, process, hello->node);
  } else if (const auto* command_text = std::get_if<hub::Command>(&*message)) {
    const auto done = command(command_text->text);
    server_->send(id, hub::encode(hub::ToProcess{
                          hub::CommandDone{done ? *done : "error: " + done.error().message}}));
  } else if (!process.node) {
    return;  // nothing counts before the hello
  } else if (const auto* joining = std::get_if<hub::Join>(&*message)) {
    join(id, process, joining->group);
  } else if (std::holds_alternative<hub::Leave>(*message)) {
    leave(process);
    server_->send(id, hub::encode(hub::ToProcess{hub::Left{}}));
  } else if (const auto* send = std::get_if<hub::Send>(&*message)) {
    deliver(id, process, send->payload);
  } else if (std::holds_alternative<hub::Goodbye>(*message)) {
    nodes_[process.node->number].leaving = true;
  }
}

void Hub::say_hello(ClientId id, Process& process, const std::string& name) {
  if (process.node) return;
  process.node = file_.find(name);
  if (!process.node) {
    server_->send(id,
                  hub::encode(hub::ToProcess{hub::Refuse{
                      "node \"" + name + "\" is not in the hub's node list; restart the hub"}}));
    server_->disconnect(id);
    on_gone(id);
    return;
  }
  NodeState& state = nodes_[process.node->number];
  ++state.processes;
  state.detection.reset();
  state.leaving = false;
  state.up = true;
  report_nodes(id);
}

void Hub::join(ClientId id, Process& process, const std::string& group) {
  if (group.empty()) return;
  leave(process);
  // One process per node and group: a predecessor whose end hasn't been noticed yet goes first.
  for (auto& [other_id, other] : processes_)
    if (other_id != id && other.node == process.node && other.group == group) leave(other);
  process.group = group;
  process.incarnation = ++next_number_;
  process.view.clear();
  refresh_group(group);
}

void Hub::leave(Process& process) {
  if (process.group.empty()) return;
  const std::string group = std::exchange(process.group, {});
  process.view.clear();
  refresh_group(group);
}

void Hub::deliver(ClientId id, const Process& sender, const std::string& payload) {
  if (sender.group.empty()) return;
  const std::string bytes = hub::encode_deliver(sender.node->number, payload);
  const int part = nodes_[sender.node->number].part;
  const std::string group = sender.group;
  static_cast<void>(id);
  for (const auto& [receiver, process] : processes_) {
    if (process.group != group || nodes_[process.node->number].part != part) continue;
    server_->send(receiver, bytes);
    if (server_->queued_bytes(receiver) > kHoldBytes && full_.insert(receiver).second)
      hold_senders(group);
  }
}

/// Makes a new view of each component whose members differ from what one of them knows.
void Hub::refresh_group(const std::string& group) {
  std::map<int, std::vector<Member>> components;
  for (const auto& [id, process] : processes_)
    if (process.group == group)
      components[nodes_[process.node->number].part].push_back(
          {process.node->number, process.node->name, process.incarnation});
  for (auto& [part, members] : components) {
    std::sort(members.begin(), members.end(),
              [](const Member& a, const Member& b) { return a.node < b.node; });
    bool changed = false;
    for (const auto& [id, process] : processes_)
      if (process.group == group && nodes_[process.node->number].part == part)
        changed = changed || process.view != members;
    if (!changed) continue;
    const std::uint64_t number = ++next_number_;
    for (auto& [id, process] : processes_) {
      if (process.group != group || nodes_[process.node->number].part != part) continue;
      GroupView view;
      view.view = number;
      view.ring = nodes_[process.node->number].ring;
      view.members = members;
      for (const Member& member : members)
        if (!holds(process.view, member)) view.joined.push_back(member.node);
      for (const Member& member : process.view)
        if (!holds(members, member)) view.left.push_back(member.node);
      process.view = members;
      server_->send(id, hub::encode(hub::ToProcess{std::move(view)}));
    }
  }
}

void Hub::refresh_all() {
  std::set<std::string> groups;
  for (const auto& [id, process] : processes_)
    if (!process.group.empty()) groups.insert(process.group);
  report_nodes();  // first: the views belong to the new rings
  for (const std::string& group : groups) refresh_group(group);
}

void Hub::on_gone(ClientId id) {
  const auto found = processes_.find(id);
  if (found == processes_.end()) return;
  const Process process = std::move(found->second);
  processes_.erase(found);
  release_senders(id);
  if (process.node) {
    if (!process.group.empty()) refresh_group(process.group);
    const NodeNumber number = process.node->number;
    NodeState& state = nodes_[number];
    if (--state.processes == 0) {
      if (state.leaving)
        node_down(number);
      else
        state.detection = loop_.after(file_.detection_ms, [this, number] { node_down(number); });
    }
  }
  const bool idle = std::none_of(processes_.begin(), processes_.end(),
                                 [](const auto& entry) { return entry.second.node != nullptr; });
  if (process.node && idle && idle_) idle_();
}

void Hub::node_down(NodeNumber number) {
  NodeState& state = nodes_[number];
  state.up = state.leaving = state.seen_all = state.quorate = false;
  state.members.clear();
  report_nodes();
}

/// Tells every process whose node sees other members than last reported, and the newcomer.
void Hub::report_nodes(ClientId newcomer) {
  std::map<NodeNumber, NodeMembership> reports;
  std::set<NodeNumber> changed;
  for (auto& [number, state] : nodes_) {
    if (!state.up) continue;
    NodeMembership report = membership_of(number);
    std::vector<NodeNumber> members;
    for (const Member& member : report.members) members.push_back(member.node);
    if (members != state.members || report.quorate != state.quorate) {
      changed.insert(number);
      state.members = std::move(members);
      state.quorate = report.quorate;
    }
    reports.emplace(number, std::move(report));
  }
  if (!changed.empty()) {
    const std::uint64_t ring = ++next_number_;
    for (const NodeNumber number : changed) nodes_[number].ring = ring;
  }
  for (const auto& [id, process] : processes_) {
    if (!process.node) continue;
    const NodeNumber number = process.node->number;
    if (!changed.contains(number) && id != newcomer) continue;
    NodeMembership& report = reports[number];
    report.ring = nodes_[number].ring;
    server_->send(id, hub::encode(hub::ToProcess{report}));
  }
}

NodeMembership Hub::membership_of(NodeNumber number) {
  NodeMembership report;
  std::uint64_t votes = 0;
  for (const ConfiguredNode& node : file_.nodes) {
    report.configured.push_back({node.number, node.name, 0});
    const NodeState& state = nodes_[node.number];
    if (!state.up || state.part != nodes_[number].part) continue;
    report.members.push_back({node.number, node.name, 0});
    votes += node.votes;
  }
  const auto by_number = [](const Member& a, const Member& b) { return a.node < b.node; };
  std::sort(report.members.begin(), report.members.end(), by_number);
  std::sort(report.configured.begin(), report.configured.end(), by_number);
  report.quorate = votes * 2 > file_.total_votes();
  NodeState& own = nodes_[number];
  if (report.members.size() == file_.nodes.size()) own.seen_all = true;
  if (file_.two_node && own.seen_all) report.quorate = true;
  return report;
}

Result<std::string> Hub::command(std::string_view text) {
  text = trim(text);
  if (text == "status") return status();
  if (text == "heal") return partition({});
  if (text.starts_with("partition ")) return partition(text.substr(10));
  if (text.starts_with("isolate ")) return partition(text.substr(8));
  return fail(ErrorKind::kUsage,
              "\"" + std::string(text) + "\": known are status, heal, isolate A, partition A,B|C");
}

Result<std::string> Hub::partition(std::string_view parts) {
  std::map<NodeNumber, int> part_of;
  int part = 0;
  for (const std::string_view names : split_words(parts, '|')) {
    ++part;
    for (const std::string_view name : split_words(names, ',')) {
      const ConfiguredNode* node = file_.find(trim(name));
      if (!node)
        return fail(ErrorKind::kNotFound, "node \"" + std::string(trim(name)) +
                                              "\" is not in the node list; nothing changed");
      part_of[node->number] = part;
    }
  }
  for (auto& [number, state] : nodes_) state.part = part_of[number];
  refresh_all();
  return std::string("ok");
}

std::string Hub::status() const {
  std::string text;
  for (const ConfiguredNode& node : file_.nodes) {
    const NodeState& state = nodes_.at(node.number);
    text += node.name + " " + (state.up ? "up" : "down") + " part " + std::to_string(state.part) +
            " processes " + std::to_string(state.processes) +
            (state.up && state.quorate ? " quorate" : "") + "\n";
  }
  return text;
}

void Hub::hold_senders(const std::string& group) {
  for (const auto& [id, process] : processes_)
    if (process.group == group) server_->pause(id, true);
}

void Hub::release_senders(ClientId drained) {
  if (full_.erase(drained) == 0) return;
  std::set<std::string> held;
  for (const ClientId id : full_)
    if (const auto found = processes_.find(id); found != processes_.end())
      held.insert(found->second.group);
  for (const auto& [id, process] : processes_)
    if (!held.contains(process.group)) server_->pause(id, false);
}

}  // namespace quorate::cluster
