// Any element as a rule, its text as a date, a duration and a period.
#include "rules/rules.h"

#include <cstdint>
#include <string_view>

#include "base/duration.h"
#include "rules/datetime.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quorate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const rules::LocalClock clock{1'700'000'000, 3600};
  if (const auto time = rules::parse_datetime(text, clock)) {
    static_cast<void>(rules::format_datetime(*time, rules::DateForm::kCalendar, true));
    static_cast<void>(rules::format_datetime(*time, rules::DateForm::kWeek, false));
  }
  if (const auto duration = rules::parse_duration(text)) {
    static_cast<void>(rules::format_duration(*duration));
    static_cast<void>(rules::add(rules::from_epoch(0, 0), *duration));
  }
  static_cast<void>(rules::parse_period(text, clock));
  static_cast<void>(parse_interval_ms(text));
  const auto document = xml::Document::parse(text, "fuzz");
  if (!document) return 0;
  rules::RuleContext context;
  context.now_seconds = clock.now_seconds;
  const rules::Observer observer{[](rules::Severity, std::string) {}, [](std::int64_t) {}};
  static_cast<void>(rules::evaluate(document->root(), context, observer));
  return 0;
}
