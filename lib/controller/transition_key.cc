#include "controller/transition_key.h"

#include <charconv>

namespace quorate::controller {
namespace {

/// Takes an integer and the colon behind it off the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ':') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return value;
}

}  // namespace

std::string format_key(const TransitionKey& key) {
  return std::to_string(key.action) + ":" + std::to_string(key.transition) + ":" +
         std::to_string(key.target_rc) + ":" + key.uuid;
}

std::optional<TransitionKey> parse_key(std::string_view text) {
  constexpr std::size_t kUuidLength = 36;
  const auto action = take_number(text);
  const auto transition = action ? take_number(text) : std::nullopt;
  const auto target = transition ? take_number(text) : std::nullopt;
  if (!target || text.size() != kUuidLength || *target < 0 || *target > 255) return std::nullopt;
  return TransitionKey{*action, *transition, static_cast<int>(*target), std::string(text)};
}

std::optional<OperationKey> parse_operation_key(std::string_view text) {
  const std::size_t last = text.rfind('_');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const std::string_view digits = text.substr(last + 1);
  std::int64_t interval = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), interval);
  if (error != std::errc{} || end != digits.data() + digits.size() || interval < 0) {
    return std::nullopt;
  }
  std::string_view rest = text.substr(0, last);
  std::size_t split = rest.rfind('_');
  if (split == std::string_view::npos || split == 0) return std::nullopt;
  for (const std::string_view task : {"_migrate_to", "_migrate_from"}) {
    if (rest.size() > task.size() && rest.ends_with(task)) split = rest.size() - task.size();
  }
  for (const std::string_view task : {"_pre_notify_", "_post_notify_"}) {
    const std::size_t at = rest.rfind(task);
    if (at != std::string_view::npos && at > 0) split = at;
  }
  return OperationKey{std::string(rest.substr(0, split)), std::string(rest.substr(split + 1)),
                      interval};
}

std::string format_operation_key(std::string_view resource, std::string_view task,
                                 std::int64_t interval_ms) {
  return std::string(resource) + "_" + std::string(task) + "_" + std::to_string(interval_ms);
}

}  // namespace quorate::controller
