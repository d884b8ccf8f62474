#include "scheduler/state/entry_result.h"

#include "base/duration.h"
#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"

namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::OnFail;
using model::Resource;
using model::Role;

namespace {

/// A remote node that must be fenced before its failed monitor may be forgotten.
bool awaits_fencing(const Context& context, const ResourceHistory& history,
                    const HistoryEntry& entry) {
  const Resource& resource = history.resource;
  if (resource.reconnect_interval_ms == 0 || !context.snapshot.options.fencing_enabled ||
      !entry.is_recurring() || entry.task != "monitor") {
    return false;
  }
  const Node* remote = history.context.snapshot.find_node_by_name(resource.id);
  return remote != nullptr && !remote->was_fenced;
}

void clear_failure(ResourceHistory& history, std::string_view reason) {
  Context& context = history.context;
  Resource& resource = history.resource;
  graph::Action& clear = clear_fail_count(context, resource, history.node, reason);
  if (!context.snapshot.options.fencing_enabled || resource.reconnect_interval_ms == 0) return;
  Node* remote = context.snapshot.find_node_by_name(resource.id);
  if (remote == nullptr) return;
  graph::Action& fence = fence_action(context, *remote, {}, false, {}, false);
  order_actions(context, fence, clear, graph::tag::kPullThen);
}

/// The connection's address is that of a node yet to be chosen, so its digest isn't known yet.
bool is_address_deferred(Context& context, Resource& resource) {
  if (!resource.is_connection()) return false;
  const auto address = parameters_of(context, resource, nullptr).get("addr");
  return address && iequals(*address, "#uname");
}

bool have_parameters_changed(ResourceHistory& history, const HistoryEntry& entry) {
  if (!entry.is_last_failure() || (entry.task != "start" && entry.task != "monitor")) return false;
  if (is_address_deferred(history.context, history.resource)) return false;
  const DigestResult result = compare_digests(history.context, history.resource, history.node,
                                              entry.task, entry.interval_ms, entry.element)
                                  .result;
  return result == DigestResult::kMismatch || result == DigestResult::kRestart;
}

/// What became of a failure whose timeout is over.
struct Expiry {
  bool expired = false;
  std::string_view clear_reason;
};

Expiry examine(ResourceHistory& history, const HistoryEntry& entry) {
  Context& context = history.context;
  Resource& resource = history.resource;
  const std::int64_t now = context.snapshot.now_seconds;
  Expiry expiry;
  Score effective = 0;
  if (resource.failure_timeout_ms > 0 && entry.changed_at >= 0) {
    const std::int64_t timeout = ms_to_seconds(resource.failure_timeout_ms);
    expiry.expired = now >= entry.changed_at + timeout && !awaits_fencing(context, history, entry);
    const FailCount failures =
        fail_count(context, resource, history.node, {true, false, entry.element});
    effective = failures.count;
    if (failures.count > 0 && now < failures.last_failure + timeout + 1) {
      context.snapshot.propose_recheck(failures.last_failure + timeout + 1);
    }
  }
  if (!expiry.expired) return expiry;
  const FailCount plain =
      fail_count(context, resource, history.node, {false, false, entry.element});
  if (plain.count != 0) {
    if (effective == 0) {
      expiry.clear_reason = "it expired";
    } else {
      expiry.expired = false;
    }
  } else if (entry.is_last_failure() && resource.reconnect_interval_ms != 0) {
    expiry.clear_reason = "reconnect interval is set";
  }
  return expiry;
}

bool is_probe_of_known_state(const HistoryEntry& entry) {
  return entry.is_probe() &&
         (entry.code == exit_status::kOk || entry.code == exit_status::kNotRunning ||
          entry.code == exit_status::kPromoted || entry.code == exit_status::kDegraded ||
          entry.code == exit_status::kDegradedPromoted);
}

}  // namespace

bool is_expired(ResourceHistory& history, const HistoryEntry& entry) {
  if (entry.status == static_cast<int>(OpStatus::kNotInstalled)) return false;
  if (history.resource.failure_timeout_ms == 0 && !entry.is_last_failure()) return false;
  Expiry expiry = examine(history, entry);
  if (!expiry.expired && expiry.clear_reason.empty() && have_parameters_changed(history, entry)) {
    expiry.clear_reason = "resource parameters have changed";
  }
  if (!expiry.clear_reason.empty()) clear_failure(history, expiry.clear_reason);
  return expiry.expired && !is_probe_of_known_state(entry);
}

std::string result_text(const HistoryEntry& entry, std::int64_t code) {
  return concat({exit_status_text(code), entry.exit_reason.empty() ? "" : ": ", entry.exit_reason});
}

namespace {

/// §11.5.1: a stop failed and nothing can enforce it.
void give_up_if_unfenceable(ResourceHistory& history, const EntryResult& result) {
  const HistoryEntry& entry = result.entry;
  if (entry.task != "stop" || can_fence(history.context.snapshot, history.node)) return;
  history.context.snapshot.report(
      MessageClass::kProcessingError,
      concat({"No further recovery can be attempted for ", history.resource.id, " because stop on ",
              history.node.name, " failed (", result_text(entry, result.code), ") at ",
              change_time_text(entry, history.context.snapshot.local_offset_seconds)}));
  history.resource.managed = false;
  history.resource.blocked = true;
}

void remap_not_running(ResourceHistory& history, EntryResult& result) {
  const bool expected = result.code == result.entry.expected;
  if (!result.entry.is_probe() && !expected && history.resource.managed) return;
  result.status = OpStatus::kDone;
  history.resource.role = Role::kStopped;
  history.policy = OnFail::kIgnore;
  history.resource.next_role = Role::kUnknown;
}

void remap_by_code(ResourceHistory& history, EntryResult& result) {
  const HistoryEntry& entry = result.entry;
  const bool expected = result.code == entry.expected;
  switch (result.code) {
    case exit_status::kOk:
      if (entry.is_probe() && entry.expected == exit_status::kNotRunning) {
        result.status = OpStatus::kDone;
      }
      return;
    case exit_status::kNotRunning:
      return remap_not_running(history, result);
    case exit_status::kPromoted:
      if (entry.is_probe() && !expected) result.status = OpStatus::kDone;
      if (!result.expired || expected) history.resource.role = Role::kPromoted;
      return;
    case exit_status::kFailedPromoted:
      result.status = OpStatus::kError;
      if (!result.expired) history.resource.role = Role::kPromoted;
      return;
    case exit_status::kNotConfigured:
      result.status = OpStatus::kFatalError;
      return;
    case exit_status::kUnimplemented:
      if (entry.is_recurring()) {
        result.status = OpStatus::kNotSupported;
        return;
      }
      [[fallthrough]];
    case exit_status::kNotInstalled:
    case exit_status::kInvalidParameter:
    case exit_status::kInsufficientPrivileges:
      if (!result.expired) give_up_if_unfenceable(history, result);
      result.status = OpStatus::kHardError;
      return;
    default:
      if (result.status == OpStatus::kDone) result.status = OpStatus::kError;
  }
}

}  // namespace

void remap(ResourceHistory& history, EntryResult& result) {
  const HistoryEntry& entry = result.entry;
  if (result.code == exit_status::kDegraded || result.code == exit_status::kDegradedPromoted) {
    result.code = result.code == exit_status::kDegraded ? exit_status::kOk : exit_status::kPromoted;
    if (!result.expired && (!history.node.shutdown || history.node.online)) {
      record_failure(history, entry);
    }
  }
  if (result.maskable &&
      !(result.status == OpStatus::kDone && result.code == exit_status::kNotRunning)) {
    result.status = OpStatus::kDone;
    result.code = exit_status::kNotRunning;
  }
  if (result.status == OpStatus::kNoFenceDevice || result.status == OpStatus::kNoSecrets) {
    result.status = OpStatus::kHardError;
    return;
  }
  if (result.status != OpStatus::kDone && result.status != OpStatus::kError) return;
  if (entry.expected < 0) {
    result.status = OpStatus::kError;
    history.context.snapshot.report(MessageClass::kConfigWarning,
                                    concat({"Expected result not found for ", entry.key(), " on ",
                                            history.node.name, " (corrupt or obsolete CIB?)"}));
  } else {
    result.status = result.code == entry.expected ? OpStatus::kDone : OpStatus::kError;
  }
  remap_by_code(history, result);
}

}  // namespace quorate::scheduler
