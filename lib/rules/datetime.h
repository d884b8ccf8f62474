#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// ISO 8601 dates, times, durations and periods, with the reference's arithmetic (spec/02 §9-14).
namespace quorate::rules {

/// A moment by its local fields. Proleptic Gregorian, no leap seconds, years from 1 on.
struct DateTime {
  std::int32_t year = 1;
  std::int32_t day = 1;     ///< day of the year; arithmetic can leave it outside the year (§13.1)
  std::int32_t second = 0;  ///< second of the day; 86400 can result from arithmetic (§13.3)
  std::int32_t offset = 0;  ///< from UTC, in seconds
};

/// Amounts of any sign; months and years have no fixed length.
struct Duration {
  std::int32_t years = 0;
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int32_t seconds = 0;
};

struct Period {
  DateTime start;
  DateTime end;
};

/// The present, for texts that leave something out. Offset in seconds east of UTC.
struct LocalClock {
  std::int64_t now_seconds = 0;
  std::int32_t offset_seconds = 0;
};

// ---- Calendar (§12)
// ------------------------------------------------------------------------------
bool is_leap_year(std::int32_t year);
int days_in_year(std::int32_t year);
/// 0 for a month outside 1 to 12.
int days_in_month(std::int32_t year, int month);
int weeks_in_year(std::int32_t year);
struct MonthDay {
  int month = 1;  ///< 13 for a day behind the year's last (§13.1)
  int day = 1;
};
MonthDay month_and_day(const DateTime& time);
struct WeekDate {
  std::int32_t year = 1;
  int week = 1;
  int weekday = 1;  ///< 1 is Monday
};
WeekDate week_date(const DateTime& time);

// ---- Parsing (§10, §11)
// --------------------------------------------------------------------------
std::optional<DateTime> parse_datetime(std::string_view text, const LocalClock& clock);
/// `PnYnMnDTnHnMnS`. Nullopt if invalid or all zero.
std::optional<Duration> parse_duration(std::string_view text);
/// `START/END`, `START/DURATION`, `DURATION/END`, or a duration from now on.
std::optional<Period> parse_period(std::string_view text, const LocalClock& clock);
/// A year as 365 days, a month as 30.
std::int64_t duration_in_seconds(const Duration& duration);
/// Year 1 to 9999, a day the year has, a second below 86400 (§11.2, §16).
bool is_plain(const DateTime& time);

// ---- Conversion, arithmetic and comparison (§12, §13)
// ----------------------------------------------
DateTime from_epoch(std::int64_t epoch_seconds, std::int32_t offset_seconds);
std::int64_t to_epoch(const DateTime& time);
/// Seconds since 0001-01-01 00:00:00 UTC.
std::int64_t seconds_since_year_1(const DateTime& time);
DateTime to_utc(const DateTime& time);
void add_years(DateTime& time, std::int32_t years);
void add_months(DateTime& time, std::int32_t months);
void add_days(DateTime& time, std::int64_t days);
void add_seconds(DateTime& time, std::int64_t seconds);
DateTime add(DateTime time, const Duration& duration);
DateTime subtract(DateTime time, const Duration& duration);
/// Negative, zero or positive: as instants, by fields in UTC, so that 24:00:00 comes before
/// 00:00:00 of the next day.
int compare(const DateTime& a, const DateTime& b);

// ---- Text (§14)
// ------------------------------------------------------------------------------------
enum class DateForm { kCalendar, kOrdinal, kWeek };
/// Date and time, in UTC ending in `Z`, or with its own offset.
std::string format_datetime(const DateTime& time, DateForm form, bool in_utc);
std::string format_duration(const Duration& duration);

}  // namespace quorate::rules
