#pragma once

#include <cstdint>
#include <string>

/// Times as the tools print them (spec/13 §3.3), in the local time zone.
namespace quorate::status {

/// `Tue May  5 12:04:36 2020`.
std::string ctime_text(std::int64_t epoch_seconds);
/// `2020-05-05 12:04:36Z`, or with ` +02:00` behind.
std::string iso_text(std::int64_t epoch_seconds);

}  // namespace quorate::status
