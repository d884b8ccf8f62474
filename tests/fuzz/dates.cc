// Any text as a date, a duration, a period and an interval: what is understood can be written and
// read again, and arithmetic on it stays a date.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/duration.h"
#include "rules/datetime.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quorate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const rules::LocalClock clock{1'700'000'000, 3600};
  const auto time = rules::parse_datetime(text, clock);
  if (time) {
    for (const auto form : {rules::DateForm::kCalendar, rules::DateForm::kWeek}) {
      const std::string written = rules::format_datetime(*time, form, true);
      const auto again = rules::parse_datetime(written, clock);
      const bool plain = rules::is_plain(*time) && rules::is_plain(rules::to_utc(*time));
      if (plain && form == rules::DateForm::kCalendar &&
          (!again || rules::to_epoch(*again) != rules::to_epoch(*time))) {
        std::abort();
      }
    }
    static_cast<void>(rules::week_date(*time));
  }
  if (const auto duration = rules::parse_duration(text)) {
    static_cast<void>(rules::format_duration(*duration));
    static_cast<void>(rules::duration_in_seconds(*duration));
    if (time) static_cast<void>(rules::to_epoch(rules::add(*time, *duration)));
    static_cast<void>(rules::add(rules::from_epoch(clock.now_seconds, -3600), *duration));
  }
  if (const auto period = rules::parse_period(text, clock)) {
    static_cast<void>(rules::to_epoch(period->start));
    static_cast<void>(rules::to_epoch(period->end));
  }
  static_cast<void>(parse_interval_ms(text));
  return 0;
}
