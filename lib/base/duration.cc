#include "base/duration.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace quorate {

namespace {

std::optional<std::int64_t> scaled(std::int64_t value, std::int64_t factor) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (value > kMax / factor) return kMax;
  if (value < -(kMax / factor)) return -kMax;
  return value * factor;
}

std::optional<std::int64_t> parse_iso_duration_ms(std::string_view text) {
  text.remove_prefix(1);  // the P
  bool in_time = false;
  bool any = false;
  std::int64_t seconds = 0;
  constexpr std::int64_t kLimitSeconds = kMaxIntervalMs;
  while (!text.empty()) {
    if (text.front() == 'T') {
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    const ParsedInteger number = parse_integer(text);
    if (!number.has_digits || number.value < 0 || text.size() <= number.length) return std::nullopt;
    const char unit = text[number.length];
    text.remove_prefix(number.length + 1);
    std::int64_t factor = 0;
    switch (unit) {
      case 'Y':
        factor = 365 * 86400;
        break;
      case 'M':
        factor = in_time ? 60 : 30 * 86400;
        break;
      case 'W':
        factor = 7 * 86400;
        break;
      case 'D':
        factor = 86400;
        break;
      case 'H':
        factor = 3600;
        break;
      case 'S':
        factor = 1;
        break;
      default:
        return std::nullopt;
    }
    any = true;
    seconds =
        std::min(kLimitSeconds, seconds + *scaled(std::min(number.value, kLimitSeconds), factor));
  }
  if (!any) return std::nullopt;
  return seconds * 1000;
}

}  // namespace

std::optional<std::int64_t> parse_unit_time_ms(std::string_view text) {
  const ParsedInteger number = parse_integer(text);
  if (!number.has_digits) return std::nullopt;
  std::string_view unit = text.substr(number.length);
  while (!unit.empty() && ((unit.front() >= '0' && unit.front() <= '9') || unit.front() == '.')) {
    unit.remove_prefix(1);
  }
  unit = trim(unit);
  if (unit.empty() || istarts_with(unit, "s")) return scaled(number.value, 1000);
  if (istarts_with(unit, "ms")) return number.value;
  if (istarts_with(unit, "us")) return number.value / 1000;
  if (istarts_with(unit, "m")) return scaled(number.value, 60'000);
  if (istarts_with(unit, "h")) return scaled(number.value, 3'600'000);
  return std::nullopt;
}

std::optional<std::int64_t> parse_interval_ms(std::string_view text) {
  const auto parsed =
      !text.empty() && text.front() == 'P' ? parse_iso_duration_ms(text) : parse_unit_time_ms(text);
  if (!parsed || *parsed < 0) return std::nullopt;
  return std::min(*parsed, kMaxIntervalMs);
}

std::int64_t parse_timeout_ms(std::string_view text) {
  const auto parsed = parse_unit_time_ms(text);
  if (!parsed || *parsed <= 0) return kDefaultActionTimeoutMs;
  return std::min(*parsed, kMaxTimeoutMs);
}

std::int64_t ms_to_seconds(std::int64_t milliseconds) {
  if (milliseconds == 0) return 0;
  if (milliseconds < 1000) return 1;
  return milliseconds / 1000 + (milliseconds % 1000 >= 500 ? 1 : 0);
}

std::string format_duration_ms(std::int64_t milliseconds) {
  if (milliseconds == 0) return "0s";
  if (milliseconds < 0) return "-" + format_duration_ms(-milliseconds);
  if (milliseconds < 1000) return std::to_string(milliseconds) + "ms";
  std::string text;
  const auto part = [&](std::int64_t amount, const char* unit) {
    if (amount > 0) text += std::to_string(amount) + unit;
  };
  const std::int64_t seconds = milliseconds / 1000;
  part(seconds / 86400, "d");
  part(seconds / 3600 % 24, "h");
  part(seconds / 60 % 60, "m");
  const std::int64_t rest_ms = milliseconds % 1000;
  if (rest_ms == 0) {
    part(seconds % 60, "s");
  } else {
    std::string fraction = std::to_string(1000 + rest_ms).substr(1);
    text += std::to_string(seconds % 60) + "." + fraction + "s";
  }
  return text;
}

}  // namespace quorate
