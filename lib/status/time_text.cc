#include "status/time_text.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

namespace quorate::status {
namespace {

std::tm local_time(std::int64_t epoch_seconds) {
  const std::time_t time = static_cast<std::time_t>(epoch_seconds);
  std::tm parts{};
  localtime_r(&time, &parts);
  return parts;
}

}  // namespace

std::string ctime_text(std::int64_t epoch_seconds) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::tm t = local_time(epoch_seconds);
  return fmt::format("{} {} {:2} {:02}:{:02}:{:02} {}", kDays[t.tm_wday % 7],
                     kMonths[t.tm_mon % 12], t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec,
                     t.tm_year + 1900);
}

std::string iso_text(std::int64_t epoch_seconds) {
  const std::tm t = local_time(epoch_seconds);
  std::string text = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.tm_year + 1900,
                                 t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
  const long minutes = t.tm_gmtoff / 60;
  if (minutes == 0) return text + "Z";
  return text + fmt::format(" {}{:02}:{:02}", minutes < 0 ? '-' : '+', std::labs(minutes) / 60,
                            std::labs(minutes) % 60);
}

}  // namespace quorate::status
