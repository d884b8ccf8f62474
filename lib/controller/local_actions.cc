#include "controller/local_actions.h"

#include <algorithm>

#include "agents/outcome.h"
#include "agents/recorded_digests.h"
#include "base/text.h"
#include "controller/transition_key.h"

namespace quorate::controller {
namespace {

constexpr std::int64_t kLongDelayMs = 300'000;

std::string key_of(std::string_view resource, std::string_view task, std::int64_t interval_ms) {
  return format_operation_key(resource, task, interval_ms);
}

std::int64_t milliseconds(const ActionOrder& order, std::string_view name) {
  const auto value = to_integer(parameter(order, name));
  return value && *value > 0 ? *value : 0;
}

std::string agent_key(const executor::AgentSpec& agent) {
  return agent.standard + ":" + agent.provider + ":" + agent.type;
}

executor::AgentSpec agent_of(const ResourceIdentity& resource) {
  return {resource.standard, resource.provider, resource.type};
}

}  // namespace

std::string_view parameter(const ActionOrder& order, std::string_view name) {
  for (const auto& [key, value] : order.parameters) {
    if (key == name) return value;
  }
  return {};
}

LocalActions::LocalActions(Ports& ports, NodeNumber node, std::string name)
    : ports_(ports),
      node_(node),
      node_id_(std::to_string(node)),
      name_(std::move(name)),
      writer_(ports_, node_id_, name_) {}

// ---- Orders -------------------------------------------------------------------------------------

void LocalActions::order(const ActionOrder& order, NodeNumber dc, const Situation& situation) {
  const AgentResult refused{ocf::kError, ExecutionStatus::kCannotExecute, {}};
  if (order.on_node.empty() || !iequals(order.on_node, name_)) {
    return fail_order(
        order, dc,
        {ocf::kError, ExecutionStatus::kNotConnected, "Local node has no connection to remote"});
  }
  if (!order.resource || order.resource->id.empty() || order.resource->type.empty()) {
    return fail_order(
        order, dc, {ocf::kNotConfigured, ExecutionStatus::kError, "Invalid resource definition"});
  }
  if (situation.shutting_down && order.task == "start") {
    AgentResult result = refused;
    result.reason = "Not attempting start due to shutdown in progress";
    return answer(order, dc, result);
  }
  if (!situation.may_act && order.task != "stop") {
    AgentResult result = refused;
    result.reason = "Controller cannot attempt actions at this time";
    return answer(order, dc, result);
  }
  if (order.task == "cancel") return cancel(order, dc);
  if (order.task == "delete" || order.task == "lrm_delete") return remove(order, dc);
  if (!executor_up_) {
    return fail_order(
        order, dc,
        {ocf::kError, ExecutionStatus::kNotConnected, "Not connected to local executor"});
  }
  run(order, dc);
}

Outcome LocalActions::outcome_of(const ActionOrder& order) const {
  Outcome outcome;
  if (order.resource) outcome.resource = *order.resource;
  outcome.resource.container = parameter(order, "CRM_meta_container");
  outcome.task = order.task;
  outcome.interval_ms = milliseconds(order, "CRM_meta_interval");
  if (order.task == "start" || order.task == "stop") outcome.interval_ms = 0;
  outcome.transition_key = order.transition_key;
  outcome.feature_set = parameter(order, "crm_feature_set");
  outcome.migrate_source = parameter(order, "CRM_meta_migrate_source");
  outcome.migrate_target = parameter(order, "CRM_meta_migrate_target");
  return outcome;
}

void LocalActions::run(const ActionOrder& order, NodeNumber dc) {
  const std::string& resource = order.resource->id;
  Outcome outcome = outcome_of(order);
  ports_.log(LogLevel::kNotice, "Requesting local execution of " + order.task + " operation for " +
                                    resource + " on " + name_ + " | transition " +
                                    order.transition_key);
  if (outcome.interval_ms == 0 && order.task != "monitor" && order.task != "notify") {
    cancel_recurring_of(resource);
  }
  if (order.task != "notify" && order.task != "meta-data" &&
      parse_boolean(parameter(order, "CRM_meta_record_pending")).value_or(true)) {
    write_pending(outcome);
  }
  const std::string key = key_of(resource, order.task, outcome.interval_ms);
  if (outcome.interval_ms > 0 && running_.contains(key)) {
    ports_.to_executor(
        executor::CancelAction{ports_.next_request(), resource, order.task, outcome.interval_ms});
  }
  executor::RunAction action;
  action.request = ports_.next_request();
  action.resource = resource;
  action.agent = agent_of(*order.resource);
  action.task = order.task;
  action.interval_ms = outcome.interval_ms;
  action.timeout_ms = milliseconds(order, "CRM_meta_timeout");
  action.start_delay_ms = milliseconds(order, "CRM_meta_start_delay");
  action.kill_process_only = parameter(order, "CRM_meta_on_fail") == "block";
  action.user_data = order.transition_key;
  for (const auto& [name, value] : order.parameters) {
    if (name != "CRM_meta_op_target_rc") action.parameters.emplace(name, value);
  }
  const Parameters* started_with = history_.start_parameters(resource);
  if (order.task == "stop" && started_with != nullptr) {
    std::erase_if(action.parameters, [](const auto& entry) {
      return entry.first.find("CRM_meta") == std::string::npos && entry.first != "crm_feature_set";
    });
    for (const auto& [name, value] : *started_with) {
      if (name.find("CRM_meta") == std::string::npos) action.parameters.emplace(name, value);
    }
  }
  running_[key] = Running{order, dc, outcome.interval_ms, action.request, -1, false};
  requests_[action.request] = [this, key, request = action.request](const executor::Done& done) {
    const auto found = running_.find(key);
    if (found == running_.end() || found->second.request != request) return;
    if (done.ok) {
      found->second.call_id = done.call_id;
      return;
    }
    const Running failed = found->second;
    running_.erase(found);
    fail_order(failed.order, failed.dc,
               {ocf::kError, ExecutionStatus::kNotConnected, done.message});
  };
  ports_.to_executor(action);
  // Behind it: the action is what somebody waits for.
  if (order.task == "start" || agents_.find(agent_key(action.agent)) == agents_.end()) {
    want_metadata(action.agent);
  }
  if (outcome.interval_ms > 0 && action.start_delay_ms > kLongDelayMs) {
    ports_.log(LogLevel::kInfo, "Faking confirmation of " + order.operation_key +
                                    ": execution postponed for over 5 minutes");
    answer(order, dc, {target_rc_of(order.transition_key), ExecutionStatus::kDone, {}});
  }
}

void LocalActions::cancel_recurring_of(const std::string& resource) {
  for (auto it = running_.begin(); it != running_.end();) {
    if (it->second.interval_ms > 0 && it->second.order.resource->id == resource) {
      ports_.to_executor(executor::CancelAction{ports_.next_request(), resource,
                                                it->second.order.task, it->second.interval_ms});
      it = running_.erase(it);
    } else {
      ++it;
    }
  }
}

void LocalActions::cancel(const ActionOrder& order, NodeNumber dc) {
  const std::string& resource = order.resource->id;
  const std::string task(parameter(order, "CRM_meta_operation"));
  const std::int64_t interval = milliseconds(order, "CRM_meta_interval");
  const std::uint64_t request = ports_.next_request();
  const bool failure_stays = history_.last_failure_is(resource, task, interval);
  running_.erase(key_of(resource, task, interval));
  history_.cancelled(resource, task, interval);
  requests_[request] = [this, order, dc, resource, task, interval,
                        failure_stays](const executor::Done& done) {
    const std::string entry = key_of(resource, task, interval);
    writer_.remove(
        resource, CibStep::remove(lrm_entry_xpath(node_id_, resource, entry)),
        [this, order, dc](const CibOutcome&) {
          answer(order, dc, {target_rc_of(order.transition_key), ExecutionStatus::kDone, {}});
        });
    if (!done.ok) {
      ports_.log(LogLevel::kInfo, "Nothing to cancel for " + entry + " on " + name_);
    }
    (void)failure_stays;
  };
  if (!executor_up_) {
    const auto then = std::move(requests_[request]);
    requests_.erase(request);
    return then(executor::Done{});
  }
  ports_.to_executor(executor::CancelAction{request, resource, task, interval});
}

void LocalActions::remove(const ActionOrder& order, NodeNumber dc) {
  delete_resource(order.resource->id, {}, false, [this, order, dc](int rc, std::string reason) {
    answer(order, dc, {rc, ExecutionStatus::kDone, std::move(reason)});
  });
}

void LocalActions::fail_order(const ActionOrder& order, NodeNumber dc, AgentResult result) {
  if (order.task == "notify") result = {ocf::kOk, ExecutionStatus::kDone, {}};
  const bool recorded = order.task != "notify" && order.task != "cancel" &&
                        order.task != "delete" && order.resource && !order.resource->id.empty() &&
                        iequals(order.on_node, name_);
  if (!recorded) return answer(order, dc, result);
  Outcome outcome = outcome_of(order);
  outcome.result = std::move(result);
  outcome.call_id = history_.next_call_id(outcome.resource.id);
  outcome.run_time_s = ports_.now().wall_seconds();
  log_result(outcome, 0);
  record(outcome, order);
}

void LocalActions::answer(const ActionOrder& order, NodeNumber dc, const AgentResult& result) {
  if (dc == 0) return;
  ActionAnswer message;
  message.to = dc;
  message.transition_key = order.transition_key;
  message.operation_key = order.operation_key;
  message.node = order.on_node;
  message.resource = order.resource ? order.resource->id : std::string();
  message.rc = result.exit_code;
  message.status = static_cast<int>(result.status);
  message.reason = result.reason;
  ports_.broadcast(message);
}

// ---- Results ------------------------------------------------------------------------------------

void LocalActions::executor_says(const executor::Answer& answer) {
  if (const auto* finished = std::get_if<executor::Done>(&answer)) return done(*finished);
  if (const auto* result = std::get_if<executor::ActionEnded>(&answer)) return ended(*result);
}

void LocalActions::done(const executor::Done& done) {
  const auto found = requests_.find(done.request);
  if (found == requests_.end()) return;
  const auto then = std::move(found->second);
  requests_.erase(found);
  then(done);
}

void LocalActions::ended(const executor::ActionEnded& result) {
  const std::string key = key_of(result.resource, result.task, result.interval_ms);
  const auto found = running_.find(key);
  const bool ours =
      found != running_.end() && found->second.order.transition_key == result.user_data;
  ActionOrder order;
  NodeNumber dc = 0;
  if (ours) {
    order = found->second.order;
    dc = found->second.dc;
    found->second.ended = true;
    if (result.interval_ms == 0 || result.deleted) running_.erase(found);
  } else {
    // A result of an action asked for before this controller started.
    order.task = result.task;
    order.on_node = name_;
    order.transition_key = result.user_data;
    order.operation_key = key;
    order.resource = ResourceIdentity{
        result.resource, {}, result.agent.standard, result.agent.provider, result.agent.type, {}};
    order.parameters.assign(result.parameters.begin(), result.parameters.end());
  }
  Outcome outcome = outcome_of(order);
  outcome.interval_ms = result.interval_ms;
  outcome.call_id = result.call_id;
  outcome.result = normalised(result.result);
  outcome.run_time_s = result.run_time_s;
  outcome.rc_change_time_s = result.rc_change_time_s;
  outcome.exec_time_ms = result.exec_time_ms;
  outcome.queue_time_ms = result.queue_time_ms;
  outcome.parameters = result.parameters;
  log_result(outcome, result.timeout_ms);
  if (result.deleted) {
    ports_.log(LogLevel::kInfo, "Not recording " + key +
                                    " result in CIB because resource information was removed "
                                    "since it was initiated");
    return answer(order, dc, outcome.result);
  }
  if (outcome.task == "notify") return answer(order, dc, {ocf::kOk, ExecutionStatus::kDone, {}});
  if (outcome.result.status == ExecutionStatus::kCancelled || outcome.task == "meta-data") return;
  record_with_digests(std::move(outcome), order);
}

void LocalActions::log_result(const Outcome& outcome, std::int64_t timeout_ms) {
  const AgentResult& result = outcome.result;
  std::string text;
  LogLevel level = LogLevel::kError;
  if (result.status == ExecutionStatus::kDone) {
    text = exit_code_text(result.exit_code);
    level = LogLevel::kNotice;
  } else if (result.status == ExecutionStatus::kTimedOut) {
    text = "Timed out after " + agents::readable_interval(timeout_ms);
  } else {
    text = execution_status_text(result.status);
    if (result.status == ExecutionStatus::kCancelled) level = LogLevel::kInfo;
  }
  const bool probe = outcome.task == "monitor" && outcome.interval_ms == 0;
  const std::string reason = result.reason.empty() ? "" : " (" + result.reason + ")";
  const std::string rc = result.status == ExecutionStatus::kDone
                             ? " rc=" + std::to_string(result.exit_code)
                             : std::string();
  ports_.log(level, "Result of " + (probe ? std::string("probe") : outcome.task) +
                        " operation for " + outcome.resource.id + " on " + name_ + ": " + text +
                        reason + " | call=" + std::to_string(outcome.call_id) + " key=" +
                        key_of(outcome.resource.id, outcome.task, outcome.interval_ms) + rc);
}

void LocalActions::write_pending(const Outcome& outcome) {
  Outcome pending = outcome;
  pending.call_id = -1;
  pending.result = {ocf::kUnknown, ExecutionStatus::kPending, {}};
  pending.run_time_s = ports_.now().wall_seconds();
  writer_.pending(pending);
}

void LocalActions::record(const Outcome& outcome, const ActionOrder& order) {
  history_.record(outcome);
  Outcome shown = outcome;
  if (!order.shutdown_lock.empty()) {
    const bool locks = (outcome.task == "stop" && outcome.result.succeeded()) ||
                       (outcome.task == "monitor" && outcome.interval_ms == 0 &&
                        outcome.result.exit_code == ocf::kNotRunning);
    shown.shutdown_lock = locks ? order.shutdown_lock : "0";
  }
  writer_.result(std::move(shown));
}

// ---- Digests ------------------------------------------------------------------------------------

void LocalActions::want_metadata(const executor::AgentSpec& agent) {
  KnownAgent& known = agents_[agent_key(agent)];
  if (known.asked && !known.answered) return;
  known.asked = true;
  known.answered = false;
  const std::uint64_t request = ports_.next_request();
  requests_[request] = [this, agent](const executor::Done& done) { metadata_came(done, agent); };
  executor::GetMetadata question;
  question.request = request;
  question.agent = agent;
  ports_.to_executor(question);
}

void LocalActions::metadata_came(const executor::Done& done, const executor::AgentSpec& agent) {
  KnownAgent& known = agents_[agent_key(agent)];
  known.answered = true;
  known.metadata.reset();
  if (done.ok) {
    Result<agents::Metadata> metadata = agents::parse_metadata(done.output, agent_key(agent));
    if (metadata)
      known.metadata = std::move(*metadata);
    else
      ports_.log(LogLevel::kWarning, metadata.error().message);
  }
  const auto waiting = std::move(known.waiting);
  known.waiting.clear();
  for (const auto& [outcome, order] : waiting) record_with_digests(outcome, order);
}

void LocalActions::record_with_digests(Outcome outcome, const ActionOrder& order) {
  const auto known = agents_.find(agent_key(agent_of(outcome.resource)));
  if (known != agents_.end() && known->second.asked && !known->second.answered) {
    known->second.waiting.emplace_back(std::move(outcome), order);
    return;
  }
  const agents::Metadata* metadata =
      known != agents_.end() && known->second.metadata ? &*known->second.metadata : nullptr;
  const agents::RecordedDigests digests =
      agents::recorded_digests(outcome.parameters, outcome.interval_ms, metadata);
  outcome.digests =
      EntryDigests{digests.op_digest, digests.op_force_restart, digests.op_restart_digest,
                   digests.op_secure_params, digests.op_secure_digest};
  record(outcome, order);
}

// ---- The executor comes and goes ----------------------------------------------------------------

void LocalActions::executor_up() {
  executor_up_ = true;
  ports_.to_executor(executor::Subscribe{});
  if (!executor_was_down_) return;
  executor_was_down_ = false;
  // A new executor knows nothing of what runs: have everything detected again.
  ports_.log(
      LogLevel::kNotice,
      "Executor of " + name_ + " is back: forcing the status of all resources to be redetected");
  history_.forget_all();
  writer_.remove({}, CibStep::remove("/cib/status/node_state[@id='" + node_id_ + "']/lrm"));
}

void LocalActions::executor_down() {
  executor_up_ = false;
  executor_was_down_ = true;
  requests_.clear();
  for (auto& [key, agent] : agents_) {
    agent.asked = agent.answered = false;
    const auto waiting = std::move(agent.waiting);
    agent.waiting.clear();
    for (const auto& [outcome, order] : waiting) record_with_digests(outcome, order);
  }
  const auto failed = std::move(running_);
  running_.clear();
  for (const auto& [key, action] : failed) {
    if (action.interval_ms > 0 && action.ended) continue;
    fail_order(action.order, action.dc,
               {ocf::kError, ExecutionStatus::kNotConnected, "Lost connection to local executor"});
  }
}

void LocalActions::stop_recurring() {
  std::size_t stopped = 0;
  for (auto it = running_.begin(); it != running_.end();) {
    if (it->second.interval_ms == 0) {
      ++it;
      continue;
    }
    ports_.to_executor(executor::CancelAction{ports_.next_request(), it->second.order.resource->id,
                                              it->second.order.task, it->second.interval_ms});
    it = running_.erase(it);
    ++stopped;
  }
  if (stopped > 0) {
    ports_.log(LogLevel::kInfo, "Stopped " + std::to_string(stopped) + " recurring operation" +
                                    (stopped == 1 ? "" : "s") + " at shutdown... waiting (" +
                                    std::to_string(running_one_shots()) + " remaining)");
  }
}

std::size_t LocalActions::running_one_shots() const {
  return static_cast<std::size_t>(
      std::count_if(running_.begin(), running_.end(),
                    [](const auto& entry) { return entry.second.interval_ms == 0; }));
}

std::vector<RunningAction> LocalActions::running() const {
  std::vector<RunningAction> result;
  for (const auto& [key, action] : running_) {
    if (action.interval_ms > 0 && action.ended) continue;
    result.push_back({name_, key, action.order.transition_key});
  }
  for (const auto& [name, agent] : agents_) {
    for (const auto& [outcome, order] : agent.waiting) {
      result.push_back({name_, key_of(outcome.resource.id, outcome.task, outcome.interval_ms),
                        outcome.transition_key});
    }
  }
  return result;
}

}  // namespace quorate::controller
