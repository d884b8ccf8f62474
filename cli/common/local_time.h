#pragma once

#include <cstdint>

namespace quorate::cli {

/// Seconds east of UTC of the system's time zone at a moment.
std::int32_t local_utc_offset(std::int64_t epoch_seconds);

}  // namespace quorate::cli
