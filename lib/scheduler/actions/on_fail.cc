#include <string>

#include "base/text.h"
#include "scheduler/actions/operation.h"

/// What happens after a failure (spec/03 §12.4, §12.5).
namespace quorate::scheduler {

using model::OnFail;
using model::Resource;

namespace {

/// A connection to a remote node, and an action whose failure means the connection dropped.
bool is_connection_drop(Context& context, const Resource& resource, std::string_view task,
                        std::int64_t interval_ms) {
  if (resource.connection_kind != model::ConnectionKind::kRemote) return false;
  const model::Node* node = context.snapshot.find_node_by_name(resource.id);
  if (node == nullptr || !node->is_remote()) return false;
  return task != "start" && !(task == "monitor" && interval_ms == 0);
}

OnFail default_policy(Context& context, const Resource& resource, std::string_view task,
                      bool dropped) {
  if (resource.launcher != nullptr) return OnFail::kRestartContainer;
  if (dropped) return resource.managed ? OnFail::kResetRemote : OnFail::kStop;
  if (task == "stop") {
    return context.snapshot.options.fencing_enabled ? OnFail::kFence : OnFail::kBlock;
  }
  return OnFail::kRestart;
}

std::string subject(std::string_view task, const Resource& resource) {
  return std::string(task).append(" of ").append(resource.id);
}

std::optional<OnFail> named_policy(Context& context, const Resource& resource,
                                   std::string_view task, std::string_view value) {
  if (iequals(value, "ignore") || iequals(value, "nothing")) return OnFail::kIgnore;
  if (iequals(value, "block")) return OnFail::kBlock;
  if (iequals(value, "stop")) return OnFail::kStop;
  if (iequals(value, "restart")) return OnFail::kRestart;
  if (iequals(value, "standby")) return OnFail::kStandby;
  if (iequals(value, "migrate")) return OnFail::kBan;
  if (iequals(value, "demote")) return OnFail::kDemote;
  if (iequals(value, "restart-container")) {
    if (resource.launcher == nullptr) return std::nullopt;
    return OnFail::kRestartContainer;
  }
  if (iequals(value, "fence")) {
    if (context.snapshot.options.fencing_enabled) return OnFail::kFence;
    context.snapshot.report(model::MessageClass::kConfigError,
                            "Resetting 'on-fail' for " + subject(task, resource) +
                                " to 'stop' because 'fence' is not valid when fencing is disabled");
    return OnFail::kStop;
  }
  context.snapshot.report(model::MessageClass::kConfigError,
                          "Using default 'on-fail' for " + subject(task, resource) + " because '" +
                              std::string(value) + "' is not valid");
  return std::nullopt;
}

}  // namespace

OnFail on_fail_policy(Context& context, Resource& resource, std::string_view task,
                      std::int64_t interval_ms, std::string_view on_fail) {
  const bool dropped = is_connection_drop(context, resource, task, interval_ms);
  if (!on_fail.empty() && !(dropped && !resource.managed)) {
    if (const auto policy = named_policy(context, resource, task, on_fail)) return *policy;
  }
  return default_policy(context, resource, task, dropped);
}

model::Role fail_role(const Resource& resource, std::string_view task, OnFail policy) {
  if (policy == OnFail::kStop) return model::Role::kStopped;
  if (policy == OnFail::kResetRemote && resource.reconnect_interval_ms != 0) {
    return model::Role::kStopped;
  }
  return task == "promote" ? model::Role::kUnpromoted : model::Role::kStarted;
}

}  // namespace quorate::scheduler
