#include "rules/ctime_text.h"

#include <fmt/format.h>

#include <array>

#include "rules/datetime.h"

namespace quorate::rules {

std::string ctime_text(std::int64_t epoch_seconds, std::int32_t offset_seconds) {
  static constexpr std::array kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const DateTime time = from_epoch(epoch_seconds, offset_seconds);
  const MonthDay date = month_and_day(time);
  return fmt::format("{} {} {:2} {:02}:{:02}:{:02} {}",
                     kDays[static_cast<std::size_t>(week_date(time).weekday - 1)],
                     kMonths[static_cast<std::size_t>(date.month - 1)], date.day,
                     time.second / 3600, time.second / 60 % 60, time.second % 60, time.year);
}

}  // namespace quorate::rules
