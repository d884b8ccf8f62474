#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quorate {

inline constexpr std::int64_t kMaxIntervalMs = 4'294'967'295;
inline constexpr std::int64_t kMaxTimeoutMs = 2'147'483'647;
inline constexpr std::int64_t kDefaultActionTimeoutMs = 20'000;

/// "Unit time" of spec/03 §1.3 in milliseconds: integer, then a unit decided by its prefix, seconds
/// if absent. nullopt if invalid.
std::optional<std::int64_t> parse_unit_time_ms(std::string_view text);

/// An interval: unit time, or an ISO 8601 duration when it begins with P. nullopt if invalid or
/// negative; capped at kMaxIntervalMs.
std::optional<std::int64_t> parse_interval_ms(std::string_view text);

/// An action's timeout: unit time only; invalid or not above zero gives the default of 20 s.
std::int64_t parse_timeout_ms(std::string_view text);

/// 0 stays 0, below a second gives 1, otherwise rounded to nearest (500 ms rounds up).
std::int64_t ms_to_seconds(std::int64_t milliseconds);

/// `1m30s`: built from d, h, m, s (or N.NNNs, or Nms below a second); `0s` for zero (spec/03
/// §15.1).
std::string format_duration_ms(std::int64_t milliseconds);

}  // namespace quorate
