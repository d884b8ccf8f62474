#include <fmt/format.h>

#include <algorithm>

#include "base/agent_result.h"
#include "base/duration.h"
#include "base/text.h"
#include "status/history.h"
#include "status/primitive.h"
#include "status/time_text.h"

namespace quorate::status {
namespace {

using model::FailedOperation;

/// The facts of one failed operation.
struct Failure {
  std::string_view key;
  bool has_operation_key = false;
  std::string_view node;
  int code = 0;
  ExecutionStatus status = ExecutionStatus::kUnknown;
  std::string_view reason;
  std::string_view call;
  std::optional<std::string_view> changed;
  std::string_view exec_ms, queue_ms;
};

Failure read_failure(const FailedOperation& failed) {
  const xml::Element entry = failed.entry;
  Failure failure;
  failure.has_operation_key = entry.has("operation_key");
  failure.key = failure.has_operation_key ? entry.get_or("operation_key", {}) : entry.id();
  if (failure.key.empty()) failure.key = "unknown operation";
  failure.node = failed.node_name.empty() ? "unknown node" : failed.node_name;
  failure.code = static_cast<int>(to_integer(entry.get_or("rc-code", {})).value_or(ocf::kUnknown));
  failure.status = execution_status_from(
      static_cast<int>(to_integer(entry.get_or("op-status", {})).value_or(-2)));
  failure.reason = entry.get_or("exit-reason", {});
  failure.call = entry.get_or("call-id", "unknown");
  failure.changed = entry.get("last-rc-change");
  failure.exec_ms = entry.get_or("exec-time", {});
  failure.queue_ms = entry.get_or("queue-time", {});
  return failure;
}

std::string detailed_line(const Failure& failure, UtcOffset zone) {
  std::string line = fmt::format("{} on {} '{}' ({}): call={}, status='{}'", failure.key,
                                 failure.node, exit_code_text(failure.code), failure.code,
                                 failure.call, execution_status_text(failure.status));
  if (!failure.reason.empty()) line += fmt::format(", exitreason='{}'", failure.reason);
  if (failure.changed) {
    if (const auto when = to_integer(*failure.changed)) {
      line += fmt::format(", last-rc-change='{}'", ctime_text(*when, zone));
    }
    if (!failure.queue_ms.empty()) line += fmt::format(", queued={}ms", failure.queue_ms);
    if (!failure.exec_ms.empty()) line += fmt::format(", exec={}ms", failure.exec_ms);
  }
  return line;
}

std::string friendly_line(const Failure& failure, UtcOffset zone) {
  const auto key = parse_operation_key(failure.key);
  std::string line = key ? key->resource : "unknown resource";
  if (key && key->interval_ms != 0) {
    line += fmt::format(" {}-interval", format_duration_ms(key->interval_ms));
  }
  const bool probe = key && key->task == "monitor" && key->interval_ms == 0;
  line += fmt::format(" {} on {}", !key ? "unknown action" : (probe ? "probe" : key->task.c_str()),
                      failure.node);
  if (failure.status == ExecutionStatus::kDone) {
    line += fmt::format(" returned '{}'", exit_code_text(failure.code));
    if (!failure.reason.empty()) line += fmt::format(" ({})", failure.reason);
  } else {
    line += fmt::format(" could not be executed ({}", execution_status_text(failure.status));
    if (!failure.reason.empty()) line += fmt::format(": {}", failure.reason);
    line += ')';
  }
  if (failure.changed) {
    if (const auto when = to_integer(*failure.changed)) {
      line += fmt::format(" at {}", ctime_text(*when, zone));
    }
  }
  const auto exec_ms = to_integer(failure.exec_ms).value_or(0);
  if (exec_ms > 0) line += fmt::format(" after {}", format_duration_ms(exec_ms));
  return line;
}

bool is_wanted(const FailedOperation& failed, const Show& show) {
  if (is_masked_probe(failed.entry) || !show.wants_node(failed.node_name)) return false;
  if (!show.resources) return true;
  const auto key = parse_operation_key(read_failure(failed).key);
  return key && std::find(show.resources->begin(), show.resources->end(), key->resource) !=
                    show.resources->end();
}

void write_failure(xml::Writer& out, const Failure& failure, UtcOffset zone) {
  out.open("failure");
  out.attribute(failure.has_operation_key ? "op_key" : "id", failure.key);
  out.attribute("node", failure.node);
  out.attribute("exitstatus", exit_code_text(failure.code));
  out.attribute("exitreason", failure.reason.empty() ? "none" : xml::escape(failure.reason));
  out.attribute("exitcode", failure.code);
  out.attribute("call", failure.call);
  out.attribute("status", execution_status_text(failure.status));
  const auto when = to_integer(failure.changed.value_or(""));
  if (when && *when != 0) {
    const auto key = parse_operation_key(failure.key);
    out.attribute("last-rc-change", iso_text(*when, zone));
    out.attribute("queued", failure.queue_ms);
    out.attribute("exec", failure.exec_ms);
    out.attribute("interval", key ? key->interval_ms : 0);
    out.attribute("task", key ? std::string_view(key->task) : std::string_view{});
  }
  out.close();
}

}  // namespace

std::optional<OperationKey> parse_operation_key(std::string_view key) {
  const auto last = key.rfind('_');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const ParsedInteger interval = parse_integer(key.substr(last + 1));
  if (!interval.has_digits || interval.length != key.size() - last - 1 || interval.value < 0) {
    return std::nullopt;
  }
  const std::string_view rest = key.substr(0, last);
  std::size_t split = rest.rfind('_');
  for (const std::string_view task : {"_migrate_to", "_migrate_from"}) {
    if (rest.ends_with(task)) split = rest.size() - task.size();
  }
  for (const std::string_view marker :
       {"_pre_notify_", "_post_notify_", "_confirmed-pre_notify_", "_confirmed-post_notify_"}) {
    const auto at = rest.rfind(marker);
    if (at != std::string_view::npos) split = at;
  }
  if (split == std::string_view::npos || split == 0 || split + 1 == rest.size()) {
    return std::nullopt;
  }
  return OperationKey{std::string(rest.substr(0, split)), std::string(rest.substr(split + 1)),
                      interval.value};
}

bool write_failures(ListWriter& out, const model::Snapshot& snapshot, const Show& show) {
  bool headed = false;
  for (const FailedOperation& failed : snapshot.failed_operations) {
    if (!is_wanted(failed, show)) continue;
    if (!headed) out.begin_list("Failed Resource Actions");
    headed = true;
    const Failure failure = read_failure(failed);
    out.item(show.detail ? detailed_line(failure, show.zone) : friendly_line(failure, show.zone));
  }
  if (headed) out.end_list();
  return headed;
}

bool write_failures(xml::Writer& out, const model::Snapshot& snapshot, const Show& show) {
  bool headed = false;
  for (const FailedOperation& failed : snapshot.failed_operations) {
    if (!is_wanted(failed, show)) continue;
    if (!headed) out.open("failures");
    headed = true;
    write_failure(out, read_failure(failed), show.zone);
  }
  if (headed) out.close();
  return headed;
}

}  // namespace quorate::status
