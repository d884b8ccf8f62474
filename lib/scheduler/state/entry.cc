#include <algorithm>

#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/operation.h"
#include "scheduler/state/cache.h"
#include "scheduler/state/entry_result.h"
#include "scheduler/state/history.h"

/// One history entry (spec/03 §11).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::OnFail;
using model::Resource;
using model::Role;

void set_active_role(Resource& resource) {
  resource.role = top_of(resource).promotable ? Role::kUnpromoted : Role::kStarted;
}

void record_failure(ResourceHistory& history, const HistoryEntry& entry) {
  if (!history.node.online) return;
  StateCache& cache = cache_of(history.context);
  const std::string seen = concat({to_lower(history.node.name), "\n", entry.key()});
  if (!cache.failed_keys.insert(seen).second) return;
  history.context.snapshot.failed_operations.push_back(
      {entry.element, history.node.name, history.resource.id, &history.node, &history.resource});
}

namespace {

void report(const ResourceHistory& history, MessageClass level, std::string text) {
  history.context.snapshot.report(level, std::move(text));
}

/// Configured consequence of a failure (§12).
struct Consequence {
  OnFail policy = OnFail::kIgnore;
  Role fail_role = Role::kStarted;
};

Consequence consequence_of(ResourceHistory& history, const HistoryEntry& entry) {
  Context& context = history.context;
  Resource& resource = history.resource;
  const xml::Element config = find_operation(context, resource, entry.task, entry.interval_ms);
  const model::NameValues meta =
      operation_meta(context, resource, &history.node, entry.task, entry.interval_ms, config);
  Consequence consequence;
  consequence.policy =
      on_fail_policy(context, resource, entry.task, entry.interval_ms, meta.get_or("on-fail", {}));
  consequence.fail_role = fail_role(resource, entry.task, consequence.policy);
  return consequence;
}

void note_failure(const ResourceHistory& history, const Resource& resource,
                  const HistoryEntry& entry) {
  note(history.context, resource, {Cause::kFailure, entry.id, &history.resource});
}

Resource& ban_target(Resource& resource) { return resource.unique ? resource : top_of(resource); }

// ---- Success (§11.9) ----

/// Sets the role; true if past failures may be forgotten.
bool apply_success(ResourceHistory& history, const EntryResult& result, std::int64_t code) {
  Resource& resource = history.resource;
  const HistoryEntry& entry = result.entry;
  if (code == exit_status::kNotInstalled || result.maskable) {
    resource.role = Role::kStopped;
    return false;
  }
  if (code == exit_status::kNotRunning) return true;
  if (entry.task == "start" || entry.task == "migrate_from") {
    resource.role = Role::kStarted;
    return true;
  }
  if (entry.task == "stop" || entry.task == "promote") {
    resource.role = entry.task == "stop" ? Role::kStopped : Role::kPromoted;
    return true;
  }
  if (entry.task == "demote") {
    resource.role = Role::kUnpromoted;
    return history.policy == OnFail::kDemote;
  }
  if (entry.task == "migrate_to") {
    read_migrate_to_success(history, entry);
    return false;
  }
  if (resource.role < Role::kStarted) set_active_role(resource);
  return entry.task == "monitor" && history.last_failure != nullptr &&
         history.last_failure->key() == entry.key();
}

void process_success(ResourceHistory& history, const EntryResult& result, std::int64_t code) {
  if (!apply_success(history, result, code)) return;
  switch (history.policy) {
    case OnFail::kStop:
    case OnFail::kBan:
    case OnFail::kStandby:
    case OnFail::kFence:
      return;
    case OnFail::kResetRemote:
      if (history.resource.reconnect_interval_ms != 0) return;
      break;
    default:
      break;
  }
  history.policy = OnFail::kIgnore;
  history.resource.next_role = Role::kUnknown;
}

// ---- Pending (§11.8) ----

void process_pending(ResourceHistory& history, const HistoryEntry& entry) {
  Resource& resource = history.resource;
  const HistoryEntry* failure = history.last_failure;
  if (failure != nullptr && failure->task == entry.task &&
      failure->interval_ms == entry.interval_ms) {
    const auto time_of = [](const HistoryEntry& e) -> std::optional<std::int64_t> {
      return e.change_text.empty() ? std::optional<std::int64_t>(0) : to_integer(e.change_text);
    };
    const auto failed_at = time_of(*failure);
    const auto pending_at = time_of(entry);
    if (failed_at && pending_at && *failed_at >= *pending_at) return;
  }
  if (entry.task == "start") {
    resource.start_pending = true;
    set_active_role(resource);
  } else if (entry.task == "promote") {
    resource.role = Role::kPromoted;
  } else if (entry.task == "migrate_to" && history.node.unclean) {
    Node* target = history.context.snapshot.find_node_by_name(entry.migrate_target);
    if (target != nullptr) resource_action(history.context, resource, "stop", target, false);
  }
  if (resource.pending.task.empty() && !entry.is_probe()) {
    resource.pending = {entry.task, &history.node};
  }
}

// ---- Failure (§11.10) ----

void report_failure(ResourceHistory& history, const EntryResult& result) {
  const HistoryEntry& entry = result.entry;
  const Resource& resource = history.resource;
  if (!history.context.snapshot.options.symmetric_cluster &&
      result.code == exit_status::kNotInstalled) {
    return;
  }
  const std::string_view task = entry.is_probe() ? "probe" : entry.task;
  report(history, MessageClass::kProcessingWarning,
         concat({"Unexpected result (", result_text(entry, result.code), ") was recorded for ",
                 task, " of ", resource.id, " on ", history.node.name, " at ",
                 change_time_text(entry, history.context.snapshot.local_offset_seconds)}));
  record_failure(history, entry);
  if (!entry.is_probe() || result.code == exit_status::kOk ||
      result.code == exit_status::kNotRunning || result.code == exit_status::kPromoted) {
    return;
  }
  report(history, MessageClass::kNotice,
         concat({"If it is not possible for ", resource.id, " to run on ", history.node.name,
                 ", see the resource-discovery option for location constraints"}));
}

void apply_failed_task(ResourceHistory& history, const EntryResult& result, OnFail configured) {
  Resource& resource = history.resource;
  const HistoryEntry& entry = result.entry;
  if (entry.task == "stop") {
    adjust_score(resource, history.node, -kInfinity, "__stop_fail__");
    note_failure(history, resource, entry);
  } else if (entry.task == "migrate_to") {
    read_migrate_to_failure(history, entry);
  } else if (entry.task == "migrate_from") {
    read_migrate_from_failure(history, entry);
  } else if (entry.task == "promote") {
    resource.role = Role::kPromoted;
  } else if (entry.task == "demote") {
    if (configured == OnFail::kBlock) {
      resource.role = Role::kPromoted;
      resource.next_role = Role::kStopped;
      note_state(history.context, resource, {Cause::kFailure, entry.id, nullptr});
    } else {
      resource.role = result.code == exit_status::kNotRunning ? Role::kStopped : Role::kUnpromoted;
    }
  }
}

void ban_everywhere(ResourceHistory& history, const HistoryEntry& entry) {
  Resource& resource = history.resource;
  Resource& top = top_of(resource);
  Resource& banned = top.is_anonymous_clone() ? top : resource;
  report(history, MessageClass::kNotice,
         concat({banned.id, " will not be started under current conditions"}));
  ban_from_all_nodes(history.context, banned);
  note_failure(history, banned, entry);
}

void process_failure(ResourceHistory& history, const EntryResult& result,
                     const Consequence& consequence) {
  Resource& resource = history.resource;
  history.last_failure = &result.entry;
  report_failure(history, result);
  history.policy = std::max(history.policy, consequence.policy);
  apply_failed_task(history, result, consequence.policy);
  if (result.entry.is_probe() && result.code == exit_status::kNotInstalled) {
    resource.role = Role::kStopped;
  } else if (resource.role < Role::kStarted) {
    set_active_role(resource);
  }
  if (consequence.fail_role != Role::kStarted && resource.next_role < consequence.fail_role) {
    resource.next_role = consequence.fail_role;
    note_state(history.context, resource, {Cause::kFailure, result.entry.id, nullptr});
  }
  if (consequence.fail_role == Role::kStopped) ban_everywhere(history, result.entry);
}

/// The failure is configured not to matter: as if the result were the expected one.
void pretend_success(ResourceHistory& history, const EntryResult& result, OnFail configured) {
  const HistoryEntry& entry = result.entry;
  report(history, MessageClass::kWarning,
         concat({"Pretending failed ", entry.is_probe() ? "probe" : entry.task, " (",
                 result_text(entry, result.code), ") of ", history.resource.id, " on ",
                 history.node.name, " at ",
                 change_time_text(entry, history.context.snapshot.local_offset_seconds),
                 " succeeded"}));
  process_success(history, result, entry.expected);
  history.resource.failure_ignored = true;
  record_failure(history, entry);
  if (configured == OnFail::kRestartContainer && history.policy <= OnFail::kRestart) {
    history.policy = configured;
  }
}

void process_not_installed(ResourceHistory& history, const EntryResult& result) {
  const Consequence consequence = consequence_of(history, result.entry);
  if (consequence.policy == OnFail::kIgnore) {
    report(history, MessageClass::kNotice,
           concat({"Cannot ignore failed ", result.entry.task, " of ", history.resource.id, " on ",
                   history.node.name, ": not installed"}));
    history.policy = OnFail::kBan;
  }
  adjust_score(ban_target(history.resource), history.node, -kInfinity, "hard-error");
  note_failure(history, ban_target(history.resource), result.entry);
  process_failure(history, result, consequence);
}

void process_unsuccessful(ResourceHistory& history, const EntryResult& result) {
  const Consequence consequence = consequence_of(history, result.entry);
  const OnFail configured = consequence.policy;
  if (configured == OnFail::kIgnore ||
      (configured == OnFail::kRestartContainer && result.entry.task == "stop")) {
    return pretend_success(history, result, configured);
  }
  process_failure(history, result, consequence);
  Resource& banned = ban_target(history.resource);
  if (result.status == OpStatus::kHardError) {
    adjust_score(banned, history.node, -kInfinity, "hard-error");
    note_failure(history, banned, result.entry);
  } else if (result.status == OpStatus::kFatalError) {
    report(history, MessageClass::kProcessingError,
           concat({"Preventing ", banned.id, " from restarting anywhere because of fatal failure (",
                   result_text(result.entry, result.code), ")"}));
    adjust_on_all_nodes(history.context, banned, -kInfinity, "fatal-error");
    note_failure(history, banned, result.entry);
  }
}

// ---- Flow (§11.3) ----

/// False, with a message where there is one, if the entry is to be left out.
bool is_usable(const ResourceHistory& history, const HistoryEntry& entry) {
  const auto refuse = [&](std::string_view id, std::string_view why) {
    report(history, MessageClass::kConfigError,
           concat({"Ignoring resource history entry ", id, id.empty() ? "" : " ", "for ",
                   history.resource.id, " on ", history.node.name, " with", why}));
    return false;
  };
  if (entry.id.empty()) return refuse({}, "out ID");
  if (entry.task.empty()) return refuse(entry.id, "out operation");
  static constexpr std::string_view kTasks[] = {
      "monitor", "start", "stop", "promote", "demote", "migrate_to", "migrate_from", "asyncmon"};
  if (std::find(std::begin(kTasks), std::end(kTasks), entry.task) == std::end(kTasks)) {
    return false;
  }
  if (!entry.status || *entry.status < -1 || *entry.status > 11 || *entry.status == 1) {
    return refuse(entry.id, concat({" invalid op-status '", entry.status_text, "'"}));
  }
  if (!entry.code || *entry.code < 0 || *entry.code > 255) {
    return refuse(entry.id, concat({" invalid rc-code '", entry.code_text, "'"}));
  }
  return true;
}

/// §11.6; true if the entry needs no further processing.
bool skip_expired(ResourceHistory& history, const EntryResult& result) {
  const HistoryEntry& entry = result.entry;
  Resource& resource = history.resource;
  if (result.maskable && entry.code != entry.expected) {
    if (resource.role <= Role::kStopped) resource.role = Role::kUnknown;
    return true;
  }
  if (result.code == entry.expected) return false;
  if (entry.interval_ms == 0) {
    report(history, MessageClass::kNotice,
           concat({"Ignoring resource history entry ", entry.id, " for ", entry.task, " of ",
                   resource.id, " on ", history.node.name, ": Expired failure"}));
    return true;
  }
  if (!history.node.online || history.node.unclean) return false;
  report(history, MessageClass::kNotice,
         concat({"Rescheduling ", std::to_string(entry.interval_ms), "ms-interval ", entry.task,
                 " of ", resource.id, " on ", history.node.name, " after failure expired"}));
  // Counts as changed from here on, and so is scheduled anew.
  cache_of(history.context).expired_recurring.insert(entry.element.raw());
  return true;
}

void process_masked_probe(ResourceHistory& history, const EntryResult& result) {
  const HistoryEntry& entry = result.entry;
  report(history, MessageClass::kNotice,
         concat({"Treating probe result '", exit_status_text(*entry.code), "' for ",
                 history.resource.id, " on ", history.node.name, " as 'not running'"}));
  process_success(history, result, entry.expected);
  record_failure(history, entry);
  adjust_score(ban_target(history.resource), history.node, -kInfinity, "masked-probe-failure");
  note_failure(history, ban_target(history.resource), entry);
}

}  // namespace

void process_entry(ResourceHistory& history, const HistoryEntry& entry) {
  if (!is_usable(history, entry)) return;
  EntryResult result{entry};
  result.code = *entry.code;
  result.status = static_cast<OpStatus>(*entry.status);
  result.maskable = entry.is_maskable_probe() && bundle_of(history.resource) == nullptr;
  result.expired = is_expired(history, entry);
  remap(history, result);
  if (result.expired && skip_expired(history, result)) return;
  if (result.maskable) return process_masked_probe(history, result);
  switch (result.status) {
    case OpStatus::kPending:
      return process_pending(history, entry);
    case OpStatus::kDone:
      return process_success(history, result, result.code);
    case OpStatus::kNotInstalled:
      return process_not_installed(history, result);
    case OpStatus::kNotConnected: {
      model::Resource* connection = history.node.connection;
      if (history.node.is_remote_kind() && connection != nullptr && connection->managed) {
        fail_and_stop(*connection);
      }
      return process_unsuccessful(history, result);
    }
    default:
      return process_unsuccessful(history, result);
  }
}

}  // namespace quorate::scheduler
