#include "status/time_text.h"

#include <fmt/format.h>

#include <cstdlib>

#include "rules/datetime.h"

namespace quorate::status {
namespace {

struct Parts {
  rules::DateTime time;
  rules::MonthDay date;
  int weekday = 1;  ///< 1 is Monday
};

Parts parts_of(std::int64_t epoch_seconds, UtcOffset zone) {
  const std::int32_t offset = zone == nullptr ? 0 : zone(epoch_seconds);
  Parts parts;
  parts.time = rules::from_epoch(epoch_seconds, offset);
  parts.date = rules::month_and_day(parts.time);
  parts.weekday = rules::week_date(parts.time).weekday;
  return parts;
}

std::string clock_text(const rules::DateTime& time) {
  return fmt::format("{:02}:{:02}:{:02}", time.second / 3600, time.second / 60 % 60,
                     time.second % 60);
}

}  // namespace

std::string ctime_text(std::int64_t epoch_seconds, UtcOffset zone) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Parts parts = parts_of(epoch_seconds, zone);
  return fmt::format("{} {} {:2} {} {}", kDays[parts.weekday % 7],
                     kMonths[(parts.date.month - 1) % 12], parts.date.day, clock_text(parts.time),
                     parts.time.year);
}

std::string iso_text(std::int64_t epoch_seconds, UtcOffset zone) {
  const Parts parts = parts_of(epoch_seconds, zone);
  const std::string text = fmt::format("{:04}-{:02}-{:02} {}", parts.time.year, parts.date.month,
                                       parts.date.day, clock_text(parts.time));
  const int minutes = parts.time.offset / 60;
  if (minutes == 0) return text + "Z";
  return text + fmt::format(" {}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                            std::abs(minutes) % 60);
}

}  // namespace quorate::status
