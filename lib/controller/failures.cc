#include "controller/failures.h"

#include <algorithm>
#include <utility>

#include "base/agent_result.h"
#include "base/text.h"
#include "controller/transition_key.h"

namespace quorate::controller {
namespace {

/// The new fail-count as the attribute manager takes it; nullopt: unchanged.
std::optional<std::string> new_count(std::string_view task, std::int64_t interval_ms,
                                     bool from_outside, const FailureOffsets& offsets) {
  const auto infinite = [](std::string_view offset) {
    return offset == "INFINITY" || offset == "+INFINITY";
  };
  if (interval_ms > 0 || task == "promote" || task == "demote") return "value++";
  if (task == "start") return infinite(offsets.start) ? "INFINITY" : "value++";
  if (task == "stop") return infinite(offsets.stop) ? "INFINITY" : "value++";
  if (from_outside) return "value++";
  return std::nullopt;
}

}  // namespace

int effective_rc(int rc) {
  if (rc == ocf::kDegraded) return ocf::kOk;
  if (rc == ocf::kDegradedPromoted) return ocf::kPromoted;
  return rc;
}

std::optional<AttributeRequest> count_failure(const RecordedResult& result, int target_rc,
                                              bool from_outside, bool ignored,
                                              const FailureOffsets& offsets,
                                              std::string_view node_name,
                                              std::int64_t now_seconds) {
  constexpr int kCannotExecuteNow = 9;
  if (result.status == kCannotExecuteNow || effective_rc(result.rc) == target_rc) {
    return std::nullopt;
  }
  const auto key = parse_operation_key(result.operation_key);
  if (!key || node_name.empty()) return std::nullopt;
  const auto count = new_count(key->task, key->interval_ms, from_outside, offsets);
  if (!count) return std::nullopt;
  const std::string suffix =
      key->resource + "#" + key->task + "_" + std::to_string(key->interval_ms);
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kUpdate;
  request.client = "quorate-controller";
  request.node = node_name;
  const std::string now = std::to_string(now_seconds);
  if (ignored) {
    request.name = "last-failure-" + suffix;
    request.value = now;
    return request;
  }
  request.name = "fail-count-" + suffix;
  request.value = *count;
  request.more.emplace_back("last-failure-" + suffix, now);
  return request;
}

bool KnownFailures::note(const RecordedResult& result) {
  if (!result.entry_id.ends_with("_last_failure_0") || result.status < 0) return false;
  const auto [known, is_new] =
      calls_.try_emplace(result.node_id + " " + result.operation_key, result.call_id);
  return is_new || std::exchange(known->second, result.call_id) != result.call_id;
}

void KnownFailures::clear() {
  calls_.clear();
  complete_.clear();
}

void FencingFailures::failed(std::string_view target) { ++counts_[to_lower(target)]; }
void FencingFailures::succeeded(std::string_view target) { counts_.erase(to_lower(target)); }

int FencingFailures::count(std::string_view target) const {
  const auto found = counts_.find(to_lower(target));
  return found == counts_.end() ? 0 : found->second;
}

bool FencingFailures::any_at_least(int limit) const {
  return std::any_of(counts_.begin(), counts_.end(),
                     [limit](const auto& entry) { return entry.second >= limit; });
}

}  // namespace quorate::controller
