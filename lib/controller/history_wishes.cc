#include "controller/local_actions.h"
#include "xml/xpath.h"

/// Clean-up, refresh, re-detection and simulated failure on this node (spec/09 §18).
namespace quorate::controller {

void LocalActions::set_last_refresh() {
  ports_.write_cib({CibStep::merge(
      "crm_config",
      "<crm_config><cluster_property_set id=\"cib-bootstrap-options\"><nvpair "
      "id=\"cib-bootstrap-options-last-lrm-refresh\" name=\"last-lrm-refresh\" value=\"" +
          std::to_string(ports_.now().wall_seconds()) +
          "\"/></cluster_property_set></crm_config>")});
}

void LocalActions::delete_resource(const std::string& resource, const std::string& user,
                                   bool touch_refresh, Answered answered) {
  const CibStep step = CibStep::remove(lrm_resource_xpath(node_id_, resource));
  const auto unregister = [this, resource, step, user, touch_refresh, answered] {
    const auto removed = [this, resource, step, user, touch_refresh,
                          answered](const executor::Done&) {
      std::erase_if(running_, [&](const auto& entry) {
        return entry.second.interval_ms > 0 && entry.second.order.resource->id == resource;
      });
      history_.forget(resource);
      writer_.remove(
          resource, step,
          [this, touch_refresh, answered](const CibOutcome& outcome) {
            if (outcome.ok && touch_refresh) set_last_refresh();
            answered(outcome.ok ? ocf::kOk : ocf::kError,
                     outcome.ok ? std::string() : outcome.error.message);
          },
          user);
    };
    if (!executor_up_) return removed(executor::Done{});
    const std::uint64_t request = ports_.next_request();
    requests_[request] = removed;
    ports_.to_executor(executor::Unregister{request, resource});
  };
  if (user.empty()) return unregister();
  // Nothing is touched before it is known that the user may.
  ports_.write_cib(
      {step},
      [unregister, answered](const CibOutcome& outcome) {
        if (outcome.ok) return unregister();
        answered(ocf::kInsufficientPrivileges, outcome.error.message);
      },
      user, true);
}

void LocalActions::clear_failures(std::string_view node, std::string_view resource,
                                  std::string_view task, std::int64_t interval_ms) {
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kClearFailures;
  request.client = "quorate-controller";
  request.node = node;
  request.resource = resource;
  request.operation = task;
  request.interval_ms = interval_ms;
  ports_.to_attributes(std::move(request));
  if (resource.empty()) return;
  std::string entry =
      lrm_entry_xpath(node_id_, resource, std::string(resource) + "_last_failure_0");
  if (!task.empty()) {
    entry += "[@operation=" + xml::xpath_literal(task) + " and @interval='" +
             std::to_string(interval_ms) + "']";
  }
  history_.clear_failure(resource, task, interval_ms);
  writer_.remove(resource, CibStep::remove(std::move(entry)));
}

void LocalActions::wish(const HistoryWish& wish, Answered answered) {
  const std::string user = wish.privileged ? std::string() : wish.user;
  switch (wish.kind) {
    case HistoryWish::Kind::kRefresh:
    case HistoryWish::Kind::kRefreshCib:
      return delete_resource(wish.resource, user, true, std::move(answered));
    case HistoryWish::Kind::kClearFailures:
      clear_failures(name_, wish.resource, wish.operation, wish.interval_ms);
      return answered(ocf::kOk, {});
    case HistoryWish::Kind::kReprobe: {
      ports_.log(LogLevel::kNotice, "Forcing the status of all resources to be redetected");
      for (const std::string& resource : history_.resources()) {
        if (executor_up_) {
          ports_.to_executor(executor::Unregister{ports_.next_request(), resource});
        }
      }
      history_.forget_all();
      writer_.remove(
          {}, CibStep::remove("/cib/status/node_state[@id='" + node_id_ + "']/lrm"),
          [answered](const CibOutcome& outcome) {
            answered(outcome.ok ? ocf::kOk : ocf::kInsufficientPrivileges, outcome.error.message);
          },
          user);
      return;
    }
    case HistoryWish::Kind::kFail:
      break;
  }
  if (!wish.privileged) {
    return answered(ocf::kInsufficientPrivileges, "Unprivileged user cannot fail resources");
  }
  Outcome outcome;
  outcome.resource = wish.identity;
  if (outcome.resource.id.empty()) outcome.resource.id = wish.resource;
  outcome.task = "asyncmon";
  outcome.result = {ocf::kError, ExecutionStatus::kDone, "Simulated failure"};
  outcome.call_id = history_.next_call_id(outcome.resource.id);
  outcome.transition_key =
      std::to_string(outcome.call_id) + ":-1:0:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  outcome.run_time_s = ports_.now().wall_seconds();
  record(outcome, ActionOrder{});
  answered(ocf::kOk, {});
}

}  // namespace quorate::controller
