#include "base/agent_result.h"
#include "base/text.h"
#include "controller/history.h"
#include "controller/transition_key.h"
#include "controller/transitions.h"

/// Judging what changes of the CIB say (spec/09 §14.1, §15).
namespace quorate::controller {

using transition::Action;

void Transitions::cib_position(std::uint64_t position) {
  cib_position_ = std::max(cib_position_, position);
  if (early_reply_ && early_reply_->position <= cib_position_) {
    const ScheduleReply reply = std::move(*early_reply_);
    early_reply_.reset();
    scheduler_says(reply);
  }
}

void Transitions::cib_changed(std::uint64_t position, const std::vector<Finding>& findings) {
  cib_position_ = std::max(cib_position_, position);
  if (phase_ != Phase::kOff) {
    change_position_ = position;
    judge(findings);
    change_position_ = 0;
    go_on();
  }
  cib_position(position);
}

void Transitions::judge(const std::vector<Finding>& findings) {
  std::set<std::int64_t> outside_seen;
  for (const Finding& finding : findings) {
    switch (finding.kind) {
      case Finding::Kind::kAbortUnlessDown:
        if (expects_down(finding.node_id)) break;
        [[fallthrough]];
      case Finding::Kind::kAbort:
        abort_all(finding.text, finding.cause);
        break;
      case Finding::Kind::kRemovedResult:
        removed_result(finding);
        break;
      case Finding::Kind::kRefresh:
        if (running() && !walker_->in_flight().empty()) break;
        return abort_all(finding.text, finding.cause);
      case Finding::Kind::kResult:
        evaluate(finding.result, outside_seen);
        break;
      case Finding::Kind::kUnknown:
        ports_.log(LogLevel::kDebug, finding.text);
        break;
    }
  }
}

const Action* Transitions::cancellation_of(std::string_view node_id, std::string_view key) const {
  if (!running()) return nullptr;
  for (const Action* action : walker_->in_flight()) {
    if (action->task == "cancel" && action->key == key &&
        (action->node_id == node_id || node_id.empty())) {
      return action;
    }
  }
  return nullptr;
}

void Transitions::removed_result(const Finding& finding) {
  if (const Action* cancel = cancellation_of(finding.node_id, finding.result.entry_id)) {
    return confirm(cancel->id, false);
  }
  if (expects_down(finding.node_id)) return;
  abort_all(finding.text, finding.cause);
}

void Transitions::evaluate(const RecordedResult& result, std::set<std::int64_t>& outside_seen) {
  constexpr int kPending = -1;
  if (result.refreshed || result.transition_key.empty() || result.status == kPending) return;
  const auto key = parse_key(result.transition_key);
  const std::string cause = "operation " + result.operation_key + " on " + result.on_node;
  if (!key) return abort_all("Bad event", cause);
  bool outside = false;
  if (key->transition == -1) {
    if (!outside_seen.insert(key->action).second) return;
    outside = true;
    abort_all("Unexpected event", cause);
  } else if (key->uuid != uuid_ || key->action < 0) {
    abort_all("Foreign event", cause);
  } else if (!running() || key->transition != graph_number()) {
    if (result.interval_ms > 0) {
      if (result.status == static_cast<int>(ExecutionStatus::kCancelled)) {
        if (const Action* cancel = cancellation_of(result.node_id, result.operation_key)) {
          confirm(cancel->id, false);
        }
        return;
      }
      abort_all("Change in recurring result", cause);
    } else {
      abort_all(key->transition == graph_number() ? "Inactive graph" : "Old event", cause);
    }
  } else {
    return evaluate_expected(result, *key);
  }
  count_failure_of(result, key->target_rc, outside, false);
}

void Transitions::evaluate_expected(const RecordedResult& result, const TransitionKey& key) {
  const int id = static_cast<int>(key.action);
  const Action* action = walker_->graph().find(id);
  if (action == nullptr) {
    abort_all("Unknown event", "operation " + result.operation_key);
    return count_failure_of(result, key.target_rc, false, false);
  }
  const bool ignored = action->meta("on_fail") == "ignore";
  const int rc = effective_rc(result.rc);
  const bool failed = rc != key.target_rc && !ignored;
  if (walker_->confirmed(id)) {
    // Of a failed one-shot, recorded under two ids, only the first counts; a recurring action that
    // was confirmed before reports a change.
    if (result.interval_ms == 0) return;
    abort_all("Change in recurring result", "operation " + result.operation_key);
    return count_failure_of(result, key.target_rc, false, ignored);
  }
  const std::string where = "Transition " + std::to_string(key.transition) + " action " +
                            std::to_string(id) + " (" + result.operation_key + " on " +
                            std::string(action->node) + ")";
  if (rc != key.target_rc) {
    ports_.log(LogLevel::kNotice,
               where + ": expected '" + std::string(exit_code_text(key.target_rc)) + "' but got '" +
                   std::string(exit_code_text(result.rc)) + "' | target-rc=" +
                   std::to_string(key.target_rc) + " rc=" + std::to_string(result.rc) +
                   " call-id=" + std::to_string(result.call_id));
  } else {
    ports_.log(LogLevel::kInfo, where + " confirmed: " + std::string(exit_code_text(result.rc)));
  }
  confirm(id, failed);
  count_failure_of(result, key.target_rc, false, ignored);
}

void Transitions::count_failure_of(const RecordedResult& result, int target_rc, bool outside,
                                   bool ignored) {
  const auto request = count_failure(result, target_rc, outside, ignored, offsets(),
                                     hooks_.node_name(result.node_id), ports_.now().wall_seconds());
  if (!request) return;
  ports_.log(LogLevel::kInfo, "Updating " + request->name + " on " + request->node + " after " +
                                  result.operation_key + " failed");
  ports_.to_attributes(*request);
}

void Transitions::record_lost(const Action& action) {
  if (action.kind != transition::ActionKind::kResource || !action.resource) return;
  for (const std::string_view task : {"cancel", "delete", "notify", "meta-data"}) {
    if (action.task == task) return;
  }
  const ActionOrder order = order_of(action);
  Outcome outcome;
  outcome.resource = *order.resource;
  outcome.task = order.task;
  outcome.interval_ms = action.interval_ms;
  outcome.transition_key = order.transition_key;
  outcome.call_id = -1;
  outcome.run_time_s = ports_.now().wall_seconds();
  const bool here = hooks_.is_self(action.executing_node());
  outcome.result = {ocf::kError, ExecutionStatus::kTimedOut,
                    here ? "Local executor did not return result in time"
                         : "Controller on " + std::string(action.executing_node()) +
                               " did not return result in time"};
  const bool remote = !action.router_node.empty();
  ports_.write_cib(
      {CibStep::merge("status", status_fragment(outcome, action.node_id, action.node, remote, false,
                                                action.executing_node()))});
}

}  // namespace quorate::controller
