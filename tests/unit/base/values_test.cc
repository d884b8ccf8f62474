#include <catch2/catch.hpp>

#include "base/duration.h"
#include "base/score.h"
#include "base/text.h"

using namespace quorate;

TEST_CASE("minus infinity wins over plus infinity") {
  CHECK(add_scores(-kInfinity, kInfinity) == -kInfinity);
  CHECK(add_scores(600000, 600000) == kInfinity);
  CHECK(add_scores(add_scores(600000, -300000), 600000) == 900000);
}

TEST_CASE("a score is a word or a leading integer") {
  CHECK(parse_score("INFINITY") == kInfinity);
  CHECK(parse_score("-INFINITY") == -kInfinity);
  CHECK_FALSE(parse_score("infinity"));
  CHECK(parse_score("12abc") == 12);
  CHECK(parse_score("99999999999999999999") == kInfinity);
  CHECK(parse_score(" -5") == -5);
  CHECK_FALSE(parse_score(""));
  CHECK(format_score(-2000000) == "-INFINITY");
}

TEST_CASE("node names are ordered by their numbers") {
  CHECK(compare_names_numerically("node9", "node10") < 0);
  CHECK(compare_names_numerically("node7", "node07") < 0);
  CHECK(compare_names_numerically("Node1", "node1") == 0);
  CHECK(compare_names_numerically("node", "node1") < 0);
  CHECK(compare_names_numerically("b", "a") > 0);
}

TEST_CASE("unit time decides by the unit's prefix") {
  CHECK(parse_unit_time_ms("5min") == 300000);
  CHECK(parse_unit_time_ms("1.9s") == 1000);
  CHECK(parse_unit_time_ms("10") == 10000);
  CHECK(parse_unit_time_ms("10ms") == 10);
  CHECK(parse_unit_time_ms("2 hours") == 7200000);
  CHECK_FALSE(parse_unit_time_ms("5d"));
  CHECK_FALSE(parse_unit_time_ms("fast"));
}

TEST_CASE("an interval may be an ISO 8601 duration and a timeout may not") {
  CHECK(parse_interval_ms("PT1M") == 60000);
  CHECK(parse_interval_ms("P30S") == 30000);
  CHECK(parse_interval_ms("P1M") == 30LL * 86400 * 1000);
  CHECK_FALSE(parse_interval_ms("-1"));
  CHECK_FALSE(parse_interval_ms("P"));
  CHECK(parse_timeout_ms("PT1M") == 20000);
  CHECK(parse_timeout_ms("0") == 20000);
  CHECK(parse_timeout_ms("1m") == 60000);
}

TEST_CASE("durations print without zero parts") {
  CHECK(format_duration_ms(90000) == "1m30s");
  CHECK(format_duration_ms(0) == "0s");
  CHECK(format_duration_ms(500) == "500ms");
  CHECK(format_duration_ms(1500) == "1.500s");
}

TEST_CASE("versions compare number by number") {
  CHECK(compare_versions("3.20.5", "3.20") > 0);
  CHECK(compare_versions("3.9", "3.10") < 0);
  CHECK(compare_versions("4", "4.0") == 0);
  CHECK(compare_versions("3.2.x", "3.2") == 0);
}
