#include <algorithm>

#include "agents/outcome.h"
#include "base/planted.h"
#include "executor/executor.h"

/// The part of the executor that starts actions and passes their results on.
namespace quorate::executor {
namespace {

constexpr std::int64_t kMaxProbePauseMs = 2'000;
constexpr std::int64_t kLeastProbePauseMs = 20;
constexpr const char* kInvestigate =
    "Investigate reason for timeout, and adjust configured operation timeout if necessary";

AgentResult timed_out_in_transition() {
  return {ocf::kError, ExecutionStatus::kTimedOut, kInvestigate};
}

}  // namespace

void Executor::start_next(const std::string& resource) {
  if (Action* action = table_.start_next(resource, now_.monotonic_ms)) start(*action);
}

void Executor::start(Action& action) {
  if (!action.retried) {
    const bool first = action.last.status == ExecutionStatus::kUnknown;
    action.started_ms = now_.monotonic_ms;
    action.run_wall_s = now_.wall_seconds();
    action.queue_time_ms =
        first ? std::max<std::int64_t>(0, action.started_ms - action.queued_ms) : 0;
    log(action.task == "monitor" ? LogLevel::kDebug : LogLevel::kInfo,
        "executing - rsc:" + action.resource + " action:" + action.task +
            " call_id:" + std::to_string(action.call_id));
  }
  runner_.start(action, *effects_, ends_);
}

void Executor::run_ended(const RunEnd& end) {
  Action* action = table_.action(end.action);
  if (action == nullptr) return;
  const std::string resource = action->resource;
  const std::int64_t exec_ms = now_.monotonic_ms - action->started_ms;
  AgentResult result = end.result;
  if (action->cancelled) {
    result = {ocf::kOk, ExecutionStatus::kCancelled, {}};
  } else if (repeat_probe(*action, result)) {
    start_next(resource);
    return;
  } else {
    result = final_result(*action, result);
  }
  table_.run_ended(*action);
  action->retried = false;
  log_end(*action, result, exec_ms);
  const bool changed = !action->reported || result.exit_code != action->last_reported.exit_code ||
                       result.status != action->last_reported.status;
  if (!action->recurring() || action->cancelled || changed) {
    pass_on(*action, result, end.output, exec_ms);
  }
  if (action->recurring() && !action->cancelled && !action->deleted) {
    effects_->push_back(SetTimer{action->id, action->interval_ms});
  } else {
    table_.erase(action->id);
  }
  start_next(resource);
}

/// Notes what a run says about change, and ends patience with a unit in transition (§18.6).
AgentResult Executor::final_result(Action& action, const AgentResult& result) {
  AgentResult final = result;
  if (planted("failed-stop-is-success") && action.task == "stop") {
    final = {ocf::kOk, ExecutionStatus::kDone, {}};
  }
  if (result.status == ExecutionStatus::kPending) {
    if (action.pending_since_ms == 0) action.pending_since_ms = now_.monotonic_ms;
    const std::int64_t pending_ms = now_.monotonic_ms - action.pending_since_ms;
    if (action.timeout_ms > 0 && pending_ms >= action.timeout_ms) final = timed_out_in_transition();
  } else {
    action.pending_since_ms = 0;
  }
  const int previous =
      action.last.status == ExecutionStatus::kUnknown ? ocf::kOk : action.last.exit_code;
  if (final.exit_code != previous) action.rc_change_wall_s = now_.wall_seconds();
  action.last = final;
  return final;
}

/// A probe of a unit in transition is asked again after a pause, as long as there is time.
bool Executor::repeat_probe(Action& action, AgentResult& result) {
  if (result.status != ExecutionStatus::kPending || action.recurring() || action.deleted) {
    return false;
  }
  std::int64_t pause_ms = kMaxProbePauseMs;
  if (action.timeout_ms > 0) {
    const std::int64_t left_ms = action.started_ms + action.timeout_ms - now_.monotonic_ms;
    pause_ms = std::min(action.timeout_ms / 10, kMaxProbePauseMs);
    if (pause_ms >= left_ms) pause_ms = left_ms > kLeastProbePauseMs ? left_ms / 2 : 0;
    if (pause_ms <= 0) {
      result = timed_out_in_transition();
      return false;
    }
  }
  action.retried = true;
  action.ready_ms = now_.monotonic_ms + pause_ms;
  effects_->push_back(SetTimer{action.id, pause_ms});
  table_.requeue(action);
  return true;
}

void Executor::pass_on(Action& action, const AgentResult& result, const std::string& output,
                       std::int64_t exec_ms) {
  action.reported = true;
  action.last_reported = result;
  ActionEnded ended;
  ended.resource = action.resource;
  ended.agent = action.agent;
  ended.task = action.task;
  ended.interval_ms = action.interval_ms;
  ended.timeout_ms = action.timeout_ms;
  ended.start_delay_ms = action.start_delay_ms;
  ended.call_id = action.call_id;
  ended.result = result;
  ended.output = output;
  ended.run_time_s = action.run_wall_s;
  ended.rc_change_time_s = action.rc_change_wall_s;
  ended.exec_time_ms = exec_ms;
  ended.queue_time_ms = action.queue_time_ms;
  ended.deleted = action.deleted;
  ended.parameters = action.parameters;
  ended.user_data = action.user_data;

  std::string payload = encode(Answer(std::move(ended)));
  bool delivered = false;
  for (const auto& [id, client] : clients_) {
    if (!client.subscribed && id != action.waiting_client) continue;
    delivered = delivered || client.subscribed;
    effects_->push_back(Reply{id, payload});
  }
  if (delivered) return;
  undelivered_.push_back(std::move(payload));
  if (undelivered_.size() > kMaxUndelivered) {
    undelivered_.pop_front();
    log(LogLevel::kWarning,
        "Dropping the oldest result, since no controller has asked for results for long; it will "
        "have to probe");
  }
}

void Executor::send(ClientId client, const Answer& answer) {
  effects_->push_back(Reply{client, encode(answer)});
}

void Executor::done(ClientId client, std::uint64_t request) {
  Done answer;
  answer.request = request;
  send(client, answer);
}

void Executor::refuse(ClientId client, std::uint64_t request, ErrorKind kind, std::string message) {
  Done answer;
  answer.request = request;
  answer.ok = false;
  answer.error = kind;
  answer.message = std::move(message);
  send(client, answer);
}

void Executor::log(LogLevel level, std::string text) {
  effects_->push_back(Log{{level, std::move(text)}});
}

/// The line of spec/11 §9.
void Executor::log_end(const Action& action, const AgentResult& result, std::int64_t exec_ms) {
  const std::string reason = result.reason.empty() ? "" : " (" + result.reason + ")";
  std::string text =
      action.resource + " " + action.task + " (call " + std::to_string(action.call_id) + ") ";
  if (result.status == ExecutionStatus::kCancelled) {
    text += "cancelled";
  } else if (result.status == ExecutionStatus::kDone) {
    text += "exited with status " + std::to_string(result.exit_code) + reason;
  } else {
    text += "could not be executed: " + std::string(execution_status_text(result.status)) + reason;
  }
  text += " (execution time " + agents::readable_interval(exec_ms);
  if (action.queue_time_ms > 0) {
    text += " after being queued " + agents::readable_interval(action.queue_time_ms);
  }
  log(action.task == "monitor" ? LogLevel::kDebug : LogLevel::kInfo, text + ")");
}

}  // namespace quorate::executor
