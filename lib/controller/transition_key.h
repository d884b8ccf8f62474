#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quorate::controller {

/// UUID of results that no transition asked for (spec/09 §15.1).
inline constexpr std::string_view kOutsideUuid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

/// `ACTION:TRANSITION:TARGETRC:UUID`: which action of which graph of which DC (spec/09 §15.1).
struct TransitionKey {
  std::int64_t action = -1;
  std::int64_t transition = -1;
  int target_rc = 0;
  std::string uuid;
};
std::string format_key(const TransitionKey& key);
/// nullopt if it isn't three integers and a UUID of 36 characters.
std::optional<TransitionKey> parse_key(std::string_view text);

/// `RSC_TASK_INTERVALMS` taken apart; the task is the part without `_`, except for `migrate_to` and
/// `migrate_from`. Notifications keep their whole middle as task.
struct OperationKey {
  std::string resource;
  std::string task;
  std::int64_t interval_ms = 0;
};
std::optional<OperationKey> parse_operation_key(std::string_view text);
std::string format_operation_key(std::string_view resource, std::string_view task,
                                 std::int64_t interval_ms);

}  // namespace quorate::controller
