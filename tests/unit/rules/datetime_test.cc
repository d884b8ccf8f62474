#include "rules/datetime.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

using namespace quorate::rules;

namespace {

std::string utc(std::string_view text) {
  const auto time = parse_datetime(text, {});
  return time ? format_datetime(*time, DateForm::kCalendar, true) : "invalid";
}

std::string after(std::string_view start, std::string_view duration) {
  return format_datetime(add(*parse_datetime(start, {}), *parse_duration(duration)),
                         DateForm::kCalendar, false);
}

}  // namespace

TEST_CASE("dates are read in all forms of the standard and the reference's looser ones") {
  CHECK(utc("2024-1-1") == "2024-01-01 00:00:00Z");
  CHECK(utc("2024-02") == "2024-01-02 00:00:00Z");
  CHECK(utc("2024034") == "2024-03-04 00:00:00Z");
  CHECK(utc("2024-034") == "2024-02-03 00:00:00Z");
  CHECK(utc("20240203garbage") == "2024-02-03 00:00:00Z");
  CHECK(utc("2024-02-03Z") == "2024-02-03 00:00:00Z");
  CHECK(utc("2024-02-03t04:05") == "2024-02-03 00:00:00Z");
  CHECK(utc("2024-01-01-05 12:00Z") == "2024-01-01 12:00:00Z");
  CHECK(utc("2025-W01-1") == "2024-12-30 00:00:00Z");
  CHECK(utc("epoch") == "1970-01-01 00:00:00Z");
  for (const char* text : {"", "2024", "202402", "20240", "2024W056", "2024-W05", "2024-13-01",
                           "2023-02-29", "0000-01-01", "T456", "2024-01-01T12:00:00+"}) {
    INFO(text);
    CHECK(utc(text) == "invalid");
  }
}

TEST_CASE("offsets are read as the reference does, misreadings included") {
  CHECK(utc("2024-01-01T12+05:00") == "2024-01-01 07:00:05Z");
  CHECK(utc("2024-01-01T12-05:00") == "2024-01-01 17:00:05Z");
  CHECK(utc("2024-01-01T12+0530") == "2024-01-01 06:30:53Z");
  CHECK(utc("2024-01-01T1230-05") == "2024-01-01 17:30:00Z");
  CHECK(utc("2024-02-03  04:05") == "2024-02-03 00:00:00Z");
  CHECK(utc("2024-01-01  12:00:00Z") == "2024-01-01 12:00:00Z");
  CHECK(utc(" 2024-01-01") == "2024-01-01 21:24:01Z");
  CHECK(utc("2024-01-01 12:00:00 UTC") == "2024-01-01 12:00:00Z");
  CHECK(utc("2024-01-01 12:00:00 ") == "2024-01-01 12:00:00Z");
  CHECK(utc("2024-01-01 12:00:00 5") == "2024-01-01 07:00:00Z");
  CHECK(utc("2024-01-01 24:00:00Z") == "2024-01-02 00:00:00Z");
}

TEST_CASE("a time without an offset is local, with the reference's reading of negative offsets") {
  const auto time = parse_datetime("2024-01-01 12:00:00", {0, -(3 * 3600 + 1800)});
  REQUIRE(time);
  CHECK(time->offset == -(2 * 3600 + 1800));
}

TEST_CASE("a time alone is of today") {
  const auto time = parse_datetime("10:30Z", {1'718'452'800, 0});
  REQUIRE(time);
  CHECK(format_datetime(*time, DateForm::kCalendar, true) == "2024-06-15 10:30:00Z");
}

TEST_CASE("durations are read and printed") {
  CHECK(format_duration(*parse_duration("PT61S")) == "61 seconds (1 minute 1 seconds)");
  CHECK(format_duration(*parse_duration("P1Y2M3DT4H5M6S")) ==
        "   1 year  2 months  3 days 14706 seconds (4 hours 5 minutes 6 seconds)");
  CHECK(format_duration(*parse_duration("P-1D")) == "-1 days ");
  CHECK(format_duration(*parse_duration("PT-90S")) == "-90 seconds (1 minute 30 seconds)");
  CHECK(duration_in_seconds(*parse_duration("P1Y1M1W")) == (365 + 30 + 7) * 86'400);
  for (const char* text : {"", "P", "P 1D", "1D", "P0D", "PT0S", "P1.5D", "P1", "PD", "P1X",
                           "P99999999999D", "P2147483647W"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("years keep the day of the year, months clip the day") {
  CHECK(after("2024-02-29", "P1Y") == "2025-03-01 00:00:00Z");
  CHECK(after("2023-12-31", "P1Y") == "2024-12-30 00:00:00Z");
  CHECK(after("2024-01-31", "P1M") == "2024-02-29 00:00:00Z");
  CHECK(after("2020-12-31", "P-2Y") == "2018-01-00 00:00:00Z");
  CHECK(after("2024-12-31", "P1Y11M") == "2025-01-00 00:00:00Z");
  CHECK(after("2024-12-31", "P1Y-1M") == "2025-12-01 00:00:00Z");
}

TEST_CASE("exactly 24:00:00 stays on its day and comes before the next midnight") {
  const auto late = parse_datetime("2024-01-01T23:00:00-01:00", {});
  REQUIRE(late);
  CHECK(format_datetime(*late, DateForm::kCalendar, true) == "2024-01-01 24:00:00Z");
  CHECK(format_datetime(*late, DateForm::kCalendar, false) == "2024-01-01 23:00:00 -01:00");
  CHECK(compare(*late, *parse_datetime("2024-01-02", {})) < 0);
}

TEST_CASE("dates are printed as ordinal and week dates") {
  CHECK(format_datetime(*parse_datetime("2024-12-30", {}), DateForm::kWeek, true) ==
        "2025-W01-1 00:00:00Z");
  CHECK(format_datetime(*parse_datetime("2024-12-31", {}), DateForm::kOrdinal, true) ==
        "2024-366 00:00:00Z");
  CHECK(seconds_since_year_1(*parse_datetime("1970-01-01", {})) == 62'135'596'800);
  CHECK(to_epoch(*parse_datetime("2024-01-01", {})) == 1'704'067'200);
}

TEST_CASE("a period's missing end is computed, and its first part reads on behind the slash") {
  const auto end = parse_period("2024-01-31 00:00:00Z/P1M", {});
  REQUIRE(end);
  CHECK(format_datetime(end->end, DateForm::kCalendar, true) == "2024-02-29 00:00:00Z");
  const auto start = parse_period("P1D/2024-01-31 00:00:00Z", {});
  REQUIRE(start);
  CHECK(format_datetime(start->start, DateForm::kCalendar, true) == "2024-01-30 00:00:00Z");
  const auto odd = parse_period("2024-01-01T12:00:00/2024-01-02T12:00:00", {});
  REQUIRE(odd);
  CHECK(format_datetime(odd->start, DateForm::kCalendar, true) == "2024-01-01 13:00:02Z");
  CHECK_FALSE(parse_period("P1D/P1D", {}));
  CHECK_FALSE(parse_period("2024-01-01", {}));
  CHECK_FALSE(parse_period("", {}));
}

TEST_CASE("converting to epoch seconds and back gives the same moment") {
  rc::check([] {
    const auto seconds = *rc::gen::inRange<std::int64_t>(-60'000'000'000, 200'000'000'000);
    const auto offset = *rc::gen::inRange<std::int32_t>(-50'000, 50'000);
    const DateTime time = from_epoch(seconds, offset);
    RC_ASSERT(to_epoch(time) == seconds);
    RC_ASSERT(time.day >= 1 && time.day <= days_in_year(time.year));
    const WeekDate week = week_date(time);
    RC_ASSERT(week.week >= 1 && week.week <= weeks_in_year(week.year));
  });
}

TEST_CASE("no text makes the parsers misbehave") {
  rc::check([] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("0123456789-+:TZW P/YMDHS.e")));
    if (const auto time = parse_datetime(text, {})) {
      RC_ASSERT(time->year >= 1);
      add(*time, {1, 1, 1, 1});
    }
    parse_duration(text);
    parse_period(text, {});
  });
}
