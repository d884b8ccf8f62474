#include "common/local_time.h"

#include <ctime>

namespace quorate::cli {

std::int32_t local_utc_offset(std::int64_t epoch_seconds) {
  const std::time_t time = static_cast<std::time_t>(epoch_seconds);
  std::tm parts{};
  return localtime_r(&time, &parts) == nullptr ? 0 : static_cast<std::int32_t>(parts.tm_gmtoff);
}

}  // namespace quorate::cli
