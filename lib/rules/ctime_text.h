#pragma once

#include <cstdint>
#include <string>

namespace quorate::rules {

/// A moment as the C library's ctime() writes it, without newline: `Fri Jul 13 13:51:11 2012`, the
/// day of the month padded with a blank. `offset_seconds` is the zone's, east of UTC.
std::string ctime_text(std::int64_t epoch_seconds, std::int32_t offset_seconds);

}  // namespace quorate::rules
