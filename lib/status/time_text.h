#pragma once

#include <cstdint>
#include <string>

/// Times as the tools print them (spec/13 §3.3).
namespace quorate::status {

/// Seconds east of UTC at a moment; null stands for UTC.
using UtcOffset = std::int32_t (*)(std::int64_t epoch_seconds);

/// `Tue May  5 12:04:36 2020`.
std::string ctime_text(std::int64_t epoch_seconds, UtcOffset zone);
/// `2020-05-05 12:04:36Z`, or with ` +02:00` behind.
std::string iso_text(std::int64_t epoch_seconds, UtcOffset zone);

}  // namespace quorate::status
