#include "cluster.h"

#include <algorithm>
#include <stdexcept>

#include "xml/xpath.h"

using namespace quorate;

namespace {
std::string node_name(NodeNumber node) { return "n" + std::to_string(node); }
}  // namespace

ControllerCluster::ControllerCluster(std::size_t size) : size_(size) {
  document_.emplace(*cib::Cib::parse(
      R"(<cib crm_feature_set="3.20.5" admin_epoch="0" epoch="1" num_updates="0"><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>)"));
  plan = [](const ScheduleRequest& request, xml::Element) { return graph_text(request, {}); };
  run_action = [](NodeNumber, const executor::RunAction& action) {
    const bool probe = action.task == "monitor" && action.interval_ms == 0;
    return AgentResult{probe ? ocf::kNotRunning : ocf::kOk, ExecutionStatus::kDone, {}};
  };
  for (NodeNumber node = 1; node <= size; ++node) start(node);
}

void ControllerCluster::start(NodeNumber number, bool executor) {
  Node& node = nodes[number];
  node = Node();
  last_view_.erase(number);
  ControllerConfig config;
  config.node = number;
  config.name = node_name(number);
  config.uuid = "00000000-0000-0000-0000-" + std::to_string(100'000'000'000 + ++processes_);
  config.cores = 2;
  node.core = std::make_unique<Controller>(config);
  feed(number, Started{});
  PeerCredentials root;
  root.privileged = true;
  feed(number, ClientConnected{1, root});
  for (const Daemon daemon : {Daemon::kCib, Daemon::kExecutor, Daemon::kAttributes, Daemon::kFencer,
                              Daemon::kScheduler}) {
    if (daemon != Daemon::kExecutor || executor) feed(number, SiblingUp{daemon});
  }
}

std::vector<Member> ControllerCluster::members_of(const std::set<NodeNumber>& numbers) const {
  std::vector<Member> members;
  for (const NodeNumber number : numbers) members.push_back({number, node_name(number), 1});
  return members;
}

void ControllerCluster::install(const std::set<NodeNumber>& members, bool quorate) {
  ++view_;
  members_ = members;
  NodeMembership layer;
  layer.ring = view_;
  layer.quorate = quorate;
  layer.members = members_of(members);
  for (NodeNumber node = 1; node <= size_; ++node) {
    layer.configured.push_back({node, node_name(node), 0});
  }
  const auto before = last_view_;
  const auto seen_by = [&](NodeNumber node) {
    const auto found = before.find(node);
    return found == before.end() ? std::set<NodeNumber>() : found->second;
  };
  for (const NodeNumber number : members) {
    queue_.push_back({number, layer});
    GroupView view;
    view.view = view_;
    view.ring = view_;
    view.members = layer.members;
    for (const NodeNumber other : members) {
      if (!seen_by(number).contains(other) || seen_by(other) != seen_by(number)) {
        view.joined.push_back(other);
      }
    }
    for (const NodeNumber other : seen_by(number)) {
      if (!members.contains(other)) view.left.push_back(other);
    }
    queue_.push_back({number, view});
    CibView cib_view;
    cib_view.view = view_;
    cib_view.ring = view_;
    cib_view.in_sync = true;
    cib_view.members.assign(members.begin(), members.end());
    queue_.push_back({number, SiblingMessage{Daemon::kCib, encode(cib_view)}});
  }
  for (const NodeNumber number : members) last_view_[number] = members;
  run();
}

void ControllerCluster::crash(NodeNumber number) {
  nodes.at(number).core.reset();
  nodes.at(number).inbox.reset();
  nodes.at(number).timers.clear();
  last_view_.erase(number);
  std::erase_if(queue_, [&](const Pending& pending) { return pending.node == number; });
}

void ControllerCluster::go_on(NodeNumber number) {
  const auto inbox = std::exchange(nodes.at(number).inbox, std::nullopt);
  for (const Event& event : *inbox) queue_.push_back({number, event});
  run();
}

void ControllerCluster::feed(NodeNumber number, const Event& event) {
  Node& node = nodes.at(number);
  if (!node.core || node.exit) return;
  if (node.inbox) return node.inbox->push_back(event);
  Effects effects;
  node.core->handle(event, now, effects);
  carry_out(number, effects);
}

void ControllerCluster::carry_out(NodeNumber number, Effects& effects) {
  Node& node = nodes.at(number);
  for (Effect& effect : effects) {
    if (auto* broadcast = std::get_if<Broadcast>(&effect)) {
      if (!members_.contains(number)) continue;
      ++position_;
      for (const NodeNumber member : members_) {
        queue_.push_back({member, Delivered{position_, number, broadcast->payload}});
      }
    } else if (auto* message = std::get_if<SendSibling>(&effect)) {
      sibling(number, *message);
    } else if (auto* timer = std::get_if<SetTimer>(&effect)) {
      node.timers[timer->timer] = now.monotonic_ms + timer->delay_ms;
    } else if (auto* cancelled = std::get_if<CancelTimer>(&effect)) {
      node.timers.erase(cancelled->timer);
    } else if (auto* record = std::get_if<Log>(&effect)) {
      node.log.push_back(record->record.text);
    } else if (auto* reply = std::get_if<Reply>(&effect)) {
      node.replies.push_back(*decode_controller_reply(reply->payload));
    } else if (auto* exit = std::get_if<Exit>(&effect)) {
      if (!node.exit) node.exit = *exit;
    }
  }
}

void ControllerCluster::run() {
  int steps = 0;
  do {
    for (; !queue_.empty(); ++steps) {
      if (steps > 100'000) throw std::runtime_error("the cluster never comes to rest");
      const Pending next = queue_.front();
      queue_.pop_front();
      if (before_event) before_event(next.node, next.event);
      feed(next.node, next.event);
    }
  } while (fire_next(now.monotonic_ms));
}

/// The earliest timer that is due by then; false if there is none.
bool ControllerCluster::fire_next(std::int64_t until_ms) {
  NodeNumber who = 0;
  TimerId which = 0;
  std::int64_t due = until_ms + 1;
  for (const auto& [number, node] : nodes) {
    for (const auto& [timer, at] : node.timers) {
      if (at >= due) continue;
      who = number;
      which = timer;
      due = at;
    }
  }
  if (due > until_ms) return false;
  now.wall_ms += std::max<std::int64_t>(0, due - now.monotonic_ms);
  now.monotonic_ms = std::max(now.monotonic_ms, due);
  nodes.at(who).timers.erase(which);
  feed(who, TimerFired{which});
  return true;
}

void ControllerCluster::advance(std::int64_t ms) {
  const std::int64_t until = now.monotonic_ms + ms;
  do {
    run();
  } while (fire_next(until));
  now.wall_ms += until - now.monotonic_ms;
  now.monotonic_ms = until;
}

NodeNumber ControllerCluster::dc() {
  NodeNumber found = 0;
  for (const auto& [number, node] : nodes) {
    const bool here = node.core && !node.exit && !node.inbox && members_.contains(number);
    if (!here || !node.core->is_dc()) continue;
    if (found != 0) throw std::runtime_error("two DCs");
    found = number;
  }
  return found;
}

std::string ControllerCluster::node_state(NodeNumber node, const std::string& attribute) {
  for (const xml::Element state : xml::children(document_->status(), "node_state")) {
    if (state.id() == std::to_string(node)) return std::string(state.get_or(attribute, "-"));
  }
  return "-";
}

bool ControllerCluster::cib_has(const std::string& xpath) {
  const auto found = xml::find_all(document_->root(), xpath);
  return found && !found->empty();
}

void ControllerCluster::ask(NodeNumber node, const ControllerRequest& request) {
  feed(node, ClientMessage{1, encode(request)});
  run();
}

bool ControllerCluster::logged(NodeNumber node, const std::string& part) {
  const auto& log = nodes.at(node).log;
  return std::any_of(log.begin(), log.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

// ---- Graphs -------------------------------------------------------------------------------------

std::string graph_text(const ScheduleRequest& request, const std::string& synapses) {
  return "<transition_graph cluster-delay=\"60s\" fencing-timeout=\"60s\" "
         "failed-stop-offset=\"INFINITY\" failed-start-offset=\"INFINITY\" batch-limit=\"0\" "
         "transition_id=\"" +
         std::to_string(request.graph_number) + "\">" + synapses + "</transition_graph>";
}

std::string operation_synapse(int id, const std::string& resource, const std::string& task,
                              NodeNumber node, int target_rc, const std::string& inputs,
                              std::int64_t interval_ms) {
  const std::string number = std::to_string(id);
  const std::string interval =
      interval_ms > 0 ? " CRM_meta_interval=\"" + std::to_string(interval_ms) + "\"" : "";
  const std::string target =
      target_rc != 0 ? " CRM_meta_op_target_rc=\"" + std::to_string(target_rc) + "\"" : "";
  return "<synapse id=\"" + number + "\"><action_set><rsc_op id=\"" + number + "\" operation=\"" +
         task + "\" operation_key=\"" + resource + "_" + task + "_" + std::to_string(interval_ms) +
         "\" on_node=\"" + node_name(node) + "\" on_node_uuid=\"" + std::to_string(node) +
         "\"><primitive id=\"" + resource +
         "\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"/><attributes "
         "CRM_meta_timeout=\"20000\"" +
         interval + target +
         " crm_feature_set=\"3.20.5\" state=\"/run/x\"/></rsc_op></action_set><inputs>" + inputs +
         "</inputs></synapse>";
}

std::string trigger(int id) {
  return "<trigger><rsc_op id=\"" + std::to_string(id) + "\"/></trigger>";
}

std::string fencing_synapse(int id, NodeNumber node) {
  const std::string number = std::to_string(id);
  return "<synapse id=\"" + number + "\"><action_set><crm_event id=\"" + number +
         "\" operation=\"stonith\" operation_key=\"stonith-" + node_name(node) +
         "-reboot\" on_node=\"" + node_name(node) + "\" on_node_uuid=\"" + std::to_string(node) +
         "\"><attributes CRM_meta_stonith_action=\"reboot\"/><downed><node id=\"" +
         std::to_string(node) + "\"/></downed></crm_event></action_set><inputs/></synapse>";
}
