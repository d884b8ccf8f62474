#include <algorithm>
#include <array>
#include <limits>

#include "rules/datetime.h"

namespace quorate::rules {

namespace {

constexpr std::int32_t kMaxYear = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kDaysPer400Years = 146'097;
constexpr std::int64_t kEpochInSecondsSinceYear1 = 62'135'596'800;

/// Weekday of 1 January, 1 is Monday.
int first_weekday(std::int32_t year) {
  const std::int32_t in_century = (year - 1) % 100;
  const std::int32_t century = (year - 1) / 100;
  return 1 + (5 * (century % 4) + in_century + in_century / 4) % 7;
}

std::int64_t days_before_year(std::int32_t year) {
  const std::int64_t past = std::int64_t{year} - 1;
  return past * 365 + past / 4 - past / 100 + past / 400;
}

std::int32_t clip_year(std::int64_t year) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(year, 1, kMaxYear));
}

}  // namespace

bool is_leap_year(std::int32_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_year(std::int32_t year) { return is_leap_year(year) ? 366 : 365; }

int days_in_month(std::int32_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return 0;
  return month == 2 && is_leap_year(year) ? 29 : kDays[static_cast<std::size_t>(month) - 1];
}

int weeks_in_year(std::int32_t year) {
  const bool is_last = year == kMaxYear;
  return first_weekday(year) == 4 || (!is_last && first_weekday(year + 1) == 5) ? 53 : 52;
}

MonthDay month_and_day(const DateTime& time) {
  MonthDay result{1, time.day};
  while (result.month <= 12 && result.day > days_in_month(time.year, result.month)) {
    result.day -= days_in_month(time.year, result.month);
    ++result.month;
  }
  return result;
}

WeekDate week_date(const DateTime& time) {
  const int jan1 = first_weekday(time.year);
  WeekDate result;
  result.weekday = 1 + (time.day + jan1 - 2 + 7) % 7;
  if (jan1 > 4 && time.day <= 8 - jan1 && time.year > 1) {
    result.year = time.year - 1;
    result.week = weeks_in_year(result.year);
  } else if (days_in_year(time.year) - time.day < 4 - result.weekday) {
    result.year = time.year + (time.year < kMaxYear ? 1 : 0);
    result.week = 1;
  } else {
    result.year = time.year;
    result.week = (time.day + (7 - result.weekday) + (jan1 - 1)) / 7 - (jan1 > 4 ? 1 : 0);
  }
  return result;
}

void add_years(DateTime& time, std::int32_t years) {
  time.year = clip_year(std::int64_t{time.year} + years);
}

void add_months(DateTime& time, std::int32_t months) {
  const MonthDay date = month_and_day(time);
  if (date.month > 12 && months >= 0) {  // day 366 of a common year, read as month 13
    time.day = 0;
    return;
  }
  const std::int64_t month = std::int64_t{time.year} * 12 + date.month - 1 + months;
  const std::int64_t year = month >= 12 ? month / 12 : 1;
  const int in_year = month >= 12 ? static_cast<int>(month % 12) + 1 : 1;
  time.year = clip_year(year);
  const int day = std::min(date.day, days_in_month(time.year, in_year));
  time.day = day;
  for (int m = 1; m < in_year; ++m) time.day += days_in_month(time.year, m);
}

void add_days(DateTime& time, std::int64_t days) {
  if (days == 0) return;
  std::int64_t year = time.year + 400 * (days / kDaysPer400Years);
  std::int64_t day = time.day + days % kDaysPer400Years;
  while (day < 1 && year > 1) {
    --year;
    day += days_in_year(clip_year(year));
  }
  if (year < 1 || day < 1) {
    time.year = 1;
    time.day = 1;
    return;
  }
  while (year < kMaxYear && day > days_in_year(clip_year(year))) {
    day -= days_in_year(clip_year(year));
    ++year;
  }
  time.year = clip_year(year);
  time.day = static_cast<std::int32_t>(std::min<std::int64_t>(day, 366));
}

void add_seconds(DateTime& time, std::int64_t seconds) {
  add_days(time, seconds / kSecondsPerDay);
  std::int64_t second = time.second + seconds % kSecondsPerDay;
  if (second > kSecondsPerDay) {
    second -= kSecondsPerDay;
    add_days(time, 1);
  } else if (second < 0) {
    second += kSecondsPerDay;
    add_days(time, -1);
  }
  time.second = static_cast<std::int32_t>(second);
}

DateTime add(DateTime time, const Duration& duration) {
  add_years(time, duration.years);
  add_months(time, duration.months);
  add_days(time, duration.days);
  add_seconds(time, duration.seconds);
  return time;
}

DateTime subtract(DateTime time, const Duration& duration) {
  const auto negated = [](std::int32_t n) {
    return n == std::numeric_limits<std::int32_t>::min() ? kMaxYear : -n;
  };
  return add(time, {negated(duration.years), negated(duration.months), negated(duration.days),
                    negated(duration.seconds)});
}

DateTime to_utc(const DateTime& time) {
  DateTime result = time;
  result.offset = 0;
  if (time.offset != 0) add_seconds(result, -std::int64_t{time.offset});
  return result;
}

int compare(const DateTime& a, const DateTime& b) {
  const DateTime x = to_utc(a);
  const DateTime y = to_utc(b);
  const auto order = [](std::int32_t l, std::int32_t r) { return (l > r) - (l < r); };
  if (const int by_year = order(x.year, y.year)) return by_year;
  if (const int by_day = order(x.day, y.day)) return by_day;
  return order(x.second, y.second);
}

std::int64_t seconds_since_year_1(const DateTime& time) {
  const DateTime utc = to_utc(time);
  return (days_before_year(utc.year) + utc.day - 1) * kSecondsPerDay + utc.second;
}

std::int64_t to_epoch(const DateTime& time) {
  return seconds_since_year_1(time) - kEpochInSecondsSinceYear1;
}

DateTime from_epoch(std::int64_t epoch_seconds, std::int32_t offset_seconds) {
  constexpr std::int64_t kLimit = std::int64_t{1} << 55;  // far beyond the last year
  const std::int64_t local = std::clamp(epoch_seconds, -kLimit, kLimit) + offset_seconds;
  std::int64_t days = local / kSecondsPerDay;
  std::int64_t second = local % kSecondsPerDay;
  if (second < 0) {
    second += kSecondsPerDay;
    --days;
  }
  DateTime time{1970, 1, static_cast<std::int32_t>(second), offset_seconds};
  add_days(time, days);
  return time;
}

bool is_plain(const DateTime& time) {
  return time.year >= 1 && time.year <= 9999 && time.day >= 1 &&
         time.day <= days_in_year(time.year) && time.second >= 0 && time.second < kSecondsPerDay;
}

}  // namespace quorate::rules
