#include <array>
#include <cstdio>
#include <cstdlib>

#include "rules/datetime.h"

namespace quorate::rules {

namespace {

template <class... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 96> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

std::string format_date(const DateTime& time, DateForm form) {
  switch (form) {
    case DateForm::kCalendar: {
      const MonthDay date = month_and_day(time);
      return print("%.4d-%.2d-%.2d", static_cast<int>(time.year), date.month, date.day);
    }
    case DateForm::kOrdinal:
      return print("%d-%.3d", static_cast<int>(time.year), static_cast<int>(time.day));
    case DateForm::kWeek: {
      const WeekDate date = week_date(time);
      return print("%d-W%.2d-%d", static_cast<int>(date.year), date.week, date.weekday);
    }
  }
  return {};
}

const char* plural(std::int64_t number) { return number == 1 ? "" : "s"; }

}  // namespace

std::string format_datetime(const DateTime& time, DateForm form, bool in_utc) {
  const DateTime shown = in_utc ? to_utc(time) : time;
  std::string text = format_date(shown, form);
  const int second = static_cast<int>(shown.second);
  text += print(" %.2d:%.2d:%.2d", second / 3600, second / 60 % 60, second % 60);
  if (shown.offset == 0) return text + "Z";
  const int offset = std::abs(static_cast<int>(shown.offset));
  return text +
         print(" %c%.2d:%.2d", shown.offset < 0 ? '-' : '+', offset / 3600, offset / 60 % 60);
}

std::string format_duration(const Duration& duration) {
  std::string text;
  const auto part = [&](const char* format, std::int32_t amount) {
    if (amount != 0) text += print(format, static_cast<int>(amount), plural(amount));
  };
  part("%4d year%s ", duration.years);
  part("%2d month%s ", duration.months);
  part("%2d day%s ", duration.days);
  const std::int64_t total = duration.seconds;
  if (text.empty() || total != 0) {
    text += print("%d second%s", static_cast<int>(duration.seconds), plural(total));
  }
  const std::int64_t amount = std::abs(total);
  if (amount < 60) return text;
  std::string detail;
  const auto detail_part = [&](std::int64_t number, const char* unit, std::int64_t counted) {
    if (number == 0) return;
    if (!detail.empty()) detail += ' ';
    detail += std::to_string(number) + " " + unit + plural(counted);
  };
  detail_part(amount / 3600, "hour", amount / 3600);
  detail_part(amount / 60 % 60, "minute", amount / 60 % 60);
  detail_part(amount % 60, "second", total);  // the reference counts the total here
  return text + " (" + detail + ")";
}

}  // namespace quorate::rules
