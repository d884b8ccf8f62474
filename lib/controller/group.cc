#include <algorithm>

#include "base/text.h"
#include "controller/controller.h"
#include "controller/timers.h"

/// Views of the group of controllers and its messages, at their place in the agreed order.
namespace quorate {

using namespace controller;

void Controller::on(const GroupView& view) {
  std::set<NodeNumber> now;
  for (const Member& member : view.members) now.insert(member.node);
  std::vector<NodeNumber> gone;
  for (const auto& [number, node] : nodes_.all()) {
    const bool again =
        std::find(view.joined.begin(), view.joined.end(), number) != view.joined.end();
    if (node.in_group && (!now.contains(number) || (again && number != config_.node))) {
      gone.push_back(number);
    }
  }
  const std::vector<Member> before_join = view.members;
  membership_.view_changed(view);
  view_ring_ = view.ring;
  for (const NodeNumber node : gone) controller_left(node);
  for (const Member& member : before_join) {
    const KnownClusterNode* node = nodes_.find(member.node);
    if (node != nullptr && node->in_group) continue;
    if (node != nullptr && node->layer_left_by_controller && membership_.is_dc()) {
      // Back before its loss was acted on: what it had been told to do is lost all the same.
      ports_.cancel_timer(kProcessLostTimers + member.node);
      transitions_.node_left(node->name, std::to_string(member.node));
    }
    may_return_.erase(member.node);
    nodes_.controller_appeared(member, view.view, ports_.now().wall_seconds());
    ports_.log(LogLevel::kNotice, "Node " + member.name + " is now a peer");
    await_returning_ = true;
  }
  if (await_returning_ && membership_.is_dc()) ports_.set_timer(kReturnTimer, kReturnMs);
  stable_ = false;
  ports_.set_timer(kStableTimer, 2 * config_.token_timeout_ms);
  if (stage_ == Stage::kStarting) stage_ = Stage::kPending;
  say_hello();
  ports_.set_timer(kHelloTimer, kHelloMs);
  membership_moved();
  tell_cib_facts();
}

void Controller::controller_left(NodeNumber number) {
  KnownClusterNode* node = nodes_.find(number);
  if (node == nullptr) return;
  const bool planned = node->down_ordered;
  nodes_.controller_left(number);
  reports_.erase(number);
  account_came(number);
  job_limits_.erase(number);
  std::erase_if(idle_waiters_, [&](const IdleWaiter& waiter) { return waiter.node == number; });
  ports_.log(LogLevel::kNotice, "Node " + node->name + " is no longer a peer");
  if (!membership_.is_dc()) return;
  if (planned || !node->in_layer || transitions_.expects_down(std::to_string(number))) {
    return node_lost(number);
  }
  // The process is gone but not the node: it may come back at once.
  // Nothing is planned before, if nothing has been yet: node states would call it lost.
  if (transitions_.phase() == Transitions::Phase::kOff) may_return_.insert(number);
  ports_.set_timer(kProcessLostTimers + number, kProcessLostMs);
}

void Controller::say_hello() {
  if (membership_.view() == 0 || stage_ == Stage::kStopping) return;
  ControllerHello hello;
  hello.view = membership_.view();
  hello.entered_view = membership_.entered_view();
  hello.name = config_.name;
  hello.uuid = config_.uuid;
  hello.feature_set = kFeatureSet;
  hello.eligible = in_sync_ && ports_.is_cib_up();
  hello.dc_since = membership_.is_dc() ? membership_.dc_since() : 0;
  ports_.broadcast(hello);
}

void Controller::on(const Delivered& delivered) {
  const Result<ControllerMessage> message = decode_controller_message(delivered.payload);
  if (!message) {
    return ports_.log(LogLevel::kWarning, "Message of " + membership_.name_of(delivered.sender) +
                                              " ignored: " + message.error().message);
  }
  std::visit([&](const auto& m) { take(delivered.sender, m); }, *message);
}

// ---- Who is DC ----------------------------------------------------------------------------------

void Controller::take(NodeNumber sender, const ControllerHello& hello) {
  membership_.hello(sender, hello);
  const KnownClusterNode* node = nodes_.find(sender);
  if (node != nullptr && !node->in_group && membership_.is_member(sender)) {
    // It was given up for its silence, and goes on.
    nodes_.controller_appeared({sender, hello.name, 0}, node->entered_view,
                               ports_.now().wall_seconds());
  }
  if (membership_.settled()) ports_.cancel_timer(kHelloTimer);
  membership_moved();
}

void Controller::take(NodeNumber, const LeaveOut& message) {
  for (const NodeNumber node :
       message.view == membership_.view() ? message.nodes : std::vector<NodeNumber>()) {
    ports_.log(LogLevel::kWarning, "Controller of " + membership_.name_of(node) +
                                       " said nothing for 5 s: left out of this membership");
  }
  membership_.leave_out(message);
  membership_moved();
}

void Controller::take(NodeNumber sender, const DcAlive&) {
  if (sender == membership_.dc() && !membership_.is_dc()) {
    ports_.set_timer(kDcSilentTimer, kDcSilentMs);
  }
}

void Controller::take(NodeNumber, const Depose& message) {
  membership_.depose(message);
  membership_moved();
}

/// Something that decides the DC has changed: act on the DC there is now.
void Controller::membership_moved() {
  const NodeNumber dc = membership_.dc();
  if (dc == known_dc_) {
    if (membership_.is_dc() && membership_.settled()) integrate_if_complete();
    if (!reported_ && membership_.is_member(config_.node)) report_to_dc();
    transitions_.write_answered();
    return;
  }
  const bool was_dc = known_dc_ == config_.node;
  known_dc_ = dc;
  reported_ = false;
  local_.release_history();
  if (was_dc) give_up();
  if (stage_ == Stage::kMember) stage_ = Stage::kPending;
  if (dc == 0) {
    ports_.cancel_timer(kDcSilentTimer);
    return;
  }
  const auto& peer = membership_.peers().at(dc);
  ports_.log(LogLevel::kNotice, "DC is now " + peer.name);
  if (!Membership::compatible(kFeatureSet, peer.feature_set)) {
    return ports_.exit(100, "Local feature set (" + std::string(kFeatureSet) +
                                ") is incompatible with DC's (" + peer.feature_set + ")");
  }
  if (membership_.is_dc()) {
    take_over();
  } else {
    results_without_dc_.clear();
    ports_.set_timer(kDcSilentTimer, kDcSilentMs);
  }
  report_to_dc();
}

// ---- Joining ------------------------------------------------------------------------------------

void Controller::report_to_dc() {
  if (membership_.dc() == 0 || stage_ == Stage::kStopping) return;
  // Whoever is joined is asked to probe: that takes an executor.
  if (!local_.has_seen_executor()) return;
  JoinReport report;
  report.view = membership_.view();
  report.dc = membership_.dc();
  report.lrm = local_.report();
  report.shutting_down = shutting_down_;
  report.running = local_.running();
  report.number = ++reports_made_;
  reported_ = true;
  local_.hold_history();
  ports_.broadcast(report);
  JobLimit limit;
  limit.max_jobs = config_.node_action_limit > 0    ? config_.node_action_limit
                   : options_.node_action_limit > 0 ? options_.node_action_limit
                                                    : 2 * std::max(1, config_.cores);
  ports_.broadcast(limit);
}

void Controller::take(NodeNumber sender, const JoinReport& report) {
  KnownClusterNode* node = nodes_.find(sender);
  if (node != nullptr && report.shutting_down) node->shutting_down = true;
  if (sender == config_.node && report.number == reports_made_ &&
      (report.dc != membership_.dc() || !membership_.is_member(config_.node))) {
    // It came too late or too early to be used: another one has to follow.
    reported_ = false;
    local_.release_history();
  }
  if (report.dc != config_.node || !membership_.is_dc() || !membership_.is_member(sender)) return;
  reports_[sender] = report;
  integrate_if_complete();
}

void Controller::take(NodeNumber sender, const JoinCall&) {
  if (sender == membership_.dc()) report_to_dc();
}

/// Whether the DC has written what this node reported last, not an earlier account.
bool Controller::uses_last_report(const JoinConfirm& message) const {
  for (std::size_t i = 0; i < message.nodes.size() && i < message.reports.size(); ++i) {
    if (message.nodes[i] == config_.node) return message.reports[i] == reports_made_;
  }
  return true;
}

void Controller::take(NodeNumber sender, const JoinConfirm& message) {
  if (sender != membership_.dc()) return;
  for (const NodeNumber number : message.nodes) {
    KnownClusterNode* node = nodes_.find(number);
    if (node == nullptr || !node->in_group) continue;
    node->joined = true;
    node->expected =
        node->down_ordered || node->shutting_down ? Expected::kDown : Expected::kMember;
    if (number != config_.node || stage_ == Stage::kStopping) continue;
    if (uses_last_report(message)) local_.release_history();
    stage_ = Stage::kMember;
    AttributeRequest request;
    request.kind = AttributeRequest::Kind::kUpdate;
    request.client = "quorate-controller";
    request.name = "#feature-set";
    request.value = std::string(kFeatureSet);
    request.node = config_.name;
    ports_.to_attributes(std::move(request));
    if (!ever_joined_ && !shutting_down_) {
      const bool standby = iequals(config_.start_state, "standby");
      if (standby || iequals(config_.start_state, "online")) {
        ports_.log(LogLevel::kNotice, "Forcing node " + config_.name + " to join in " +
                                          config_.start_state +
                                          " state per configured environment");
        const std::string id = std::to_string(config_.node);
        ports_.write_cib({CibStep::merge(
            "nodes", "<nodes><node id=\"" + id + "\"><instance_attributes id=\"nodes-" + id +
                         "\"><nvpair id=\"nodes-" + id + "-standby\" name=\"standby\" value=\"" +
                         (standby ? "true" : "false") +
                         "\"/></instance_attributes></node></nodes>")});
      }
    }
    ever_joined_ = true;
    // The DC that knew of the wish may be gone.
    if (shutting_down_) ports_.broadcast(ShutdownWish{config_.name});
  }
}

// ---- Orders -------------------------------------------------------------------------------------

void Controller::take(NodeNumber sender, const ActionOrder& order) {
  if (sender != membership_.dc()) {
    if (order.to == config_.node) {
      ports_.log(LogLevel::kWarning, "Order " + order.operation_key + " of " +
                                         membership_.name_of(sender) + " refused: it isn't DC");
    }
    return;
  }
  if (order.task == "do_shutdown") {
    // All take note, so that whoever is DC then knows the departure was wanted.
    if (KnownClusterNode* node = nodes_.find(order.on_node)) {
      node->down_ordered = true;
      node->expected = Expected::kDown;
    }
  }
  if (order.to != config_.node) return;
  if (order.kind == "crm_event") return cluster_order(order, sender);
  local_.order(order, sender, {stage_ == Stage::kMember, shutting_down_});
}

void Controller::cluster_order(const ActionOrder& order, NodeNumber sender) {
  const auto answer = [&](int rc, std::string reason) {
    if (order.no_wait) return;
    ActionAnswer message;
    message.to = sender;
    message.transition_key = order.transition_key;
    message.operation_key = order.operation_key;
    message.node = order.on_node;
    message.rc = rc;
    message.reason = std::move(reason);
    ports_.broadcast(message);
  };
  if (order.task == "do_shutdown") {
    answer(0, {});
    if (shutting_down_) return stop_now();
    return ports_.exit(100, "Shutting down controller after unexpected shutdown request from " +
                                membership_.name_of(sender));
  }
  const std::string resource = order.resource ? order.resource->id : std::string();
  if (order.task == "clear_failcount") {
    local_.clear_failures(order.on_node, resource, {}, 0);
    return answer(0, {});
  }
  if (order.task == "lrm_delete" && !resource.empty()) {
    ports_.write_cib({CibStep::remove(lrm_resource_xpath(order.on_node_id, resource))},
                     [answer, this](const CibOutcome& outcome) {
                       answer(outcome.ok ? ocf::kOk : ocf::kError, outcome.error.message);
                     });
    return;
  }
  answer(ocf::kUnimplemented, "unknown cluster action " + order.task);
}

void Controller::take(NodeNumber, const ActionAnswer& answer) {
  if (answer.to == config_.node && membership_.is_dc()) transitions_.answered(answer);
  foreign_ended(answer.transition_key);
}

void Controller::take(NodeNumber sender, const ShutdownWish& wish) {
  KnownClusterNode* node = nodes_.find(sender);
  if (node == nullptr) return;
  ports_.log(LogLevel::kInfo, "Node " + node->name + " wants to be shut down");
  node->shutting_down = true;
  node->expected = Expected::kDown;
  if (membership_.is_dc() && iequals(node->name, wish.name)) set_shutdown_attribute(node->name);
}

void Controller::take(NodeNumber sender, const JobLimit& limit) {
  job_limits_[sender] = limit;
  transitions_.go_on();
}

void Controller::take(NodeNumber sender, const MaintenanceNodes& message) {
  // The states of Pacemaker Remote nodes are recorded once, by the DC.
  if (sender != membership_.dc() || !membership_.is_dc()) return;
  xml::Document status = xml::Document::with_root("status");
  for (const auto& [id, on] : message.nodes) {
    xml::Element state = status.root().add("node_state");
    state.set("id", id);
    state.set("uname", id);
    state.set("remote_node", "true");
    state.set("node_in_maintenance", on ? "1" : "0");
  }
  if (!message.nodes.empty()) {
    ports_.write_cib({CibStep::merge("status", status.root().to_string())});
  }
}

void Controller::take(NodeNumber, const ForgetNode& message) {
  const KnownClusterNode* node =
      message.name.empty()
          ? nodes_.find(static_cast<NodeNumber>(to_integer(message.id).value_or(0)))
          : nodes_.find(message.name);
  if (node == nullptr || node->in_group || node->in_layer) return;
  fencing_failures_.succeeded(node->name);
  nodes_.forget(node->number);
}

}  // namespace quorate
