#include <limits>

#include "base/text.h"
#include "rules/conditions.h"
#include "rules/datetime.h"

namespace quorate::rules {

namespace {

/// One date_expression being evaluated.
class DateExpression {
 public:
  DateExpression(xml::Element element, const RuleContext& context, const Observer& observer)
      : element_(element),
        observer_(observer),
        id_(element.id()),
        clock_{context.now_seconds, context.local_offset_seconds},
        now_(from_epoch(context.now_seconds, context.now_offset_seconds)) {}

  DateOutcome evaluate() const {
    if (id_.empty()) {
      report(observer_, Severity::kConfigError,
             "Treating date_expression without id as not passing");
      return DateOutcome::kError;
    }
    const std::string_view operation = element_.get_or("operation", "in_range");
    if (iequals(operation, "in_range")) return in_range();
    if (iequals(operation, "gt")) return after_start();
    if (iequals(operation, "lt")) return before_end();
    if (iequals(operation, "date_spec")) return matches_spec();
    return refuse(join("'", operation, "' is not a valid operation"));
  }

 private:
  DateOutcome refuse(std::string reason) const {
    report(observer_, Severity::kConfigError,
           join("Treating date_expression ", id_, " as not passing because ", reason));
    return DateOutcome::kError;
  }
  void propose(const DateTime& time, int seconds_later) const {
    if (observer_.next_change) observer_.next_change(to_epoch(time) + seconds_later);
  }

  DateOutcome after_start() const {
    const auto text = element_.get("start");
    if (!text) return refuse("gt requires start");
    const auto start = parse_datetime(*text, clock_);
    if (!start) return refuse("start is invalid");
    if (compare(now_, *start) > 0) return DateOutcome::kWithin;
    propose(*start, 1);
    return DateOutcome::kBeforeRange;
  }

  DateOutcome before_end() const {
    const auto text = element_.get("end");
    if (!text) return refuse("gt requires end");  // the reference's text for lt
    const auto end = parse_datetime(*text, clock_);
    if (!end) return refuse("end is invalid");
    if (compare(now_, *end) >= 0) return DateOutcome::kAfterRange;
    propose(*end, 0);
    return DateOutcome::kWithin;
  }

  DateOutcome in_range() const {
    std::optional<DateTime> start;
    std::optional<DateTime> end;
    if (const auto text = element_.get("start")) {
      start = parse_datetime(*text, clock_);
      if (!start) return refuse("start is invalid");
    }
    if (const auto text = element_.get("end")) {
      end = parse_datetime(*text, clock_);
      if (!end) return refuse("end is invalid");
    }
    if (!start && !end) return refuse("in_range requires at least one of start or end");
    if (const xml::Element duration = element_.first_child("duration"); !end && duration) {
      end = start;
      if (!add_duration_element(*end, duration)) return refuse("duration is invalid");
    }
    if (start && compare(now_, *start) < 0) {
      propose(*start, 0);
      return DateOutcome::kBeforeRange;
    }
    if (end) {
      if (compare(now_, *end) > 0) return DateOutcome::kAfterRange;
      propose(*end, 1);
    }
    return DateOutcome::kWithin;
  }

  bool add_duration_element(DateTime& time, xml::Element duration) const {
    if (duration.id().empty()) {
      refuse("duration subelement has no id");
      return false;
    }
    const auto amount = [&](std::string_view name) -> std::optional<std::int32_t> {
      const auto text = duration.get(name);
      if (!text) return 0;
      const ParsedInteger parsed = parse_integer(*text);
      using Limits = std::numeric_limits<std::int32_t>;
      if (parsed.has_digits && !parsed.clipped && parsed.value >= Limits::min() &&
          parsed.value <= Limits::max()) {
        return static_cast<std::int32_t>(parsed.value);
      }
      refuse(join("duration ", duration.id(), " attribute ", name,
                  " is invalid: ", parsed.has_digits ? "Value too large" : "Invalid value"));
      return std::nullopt;
    };
    // Each unit is added before the next one is read.
    const auto years = amount("years");
    if (!years) return false;
    add_years(time, *years);
    const auto months = amount("months");
    if (!months) return false;
    if (*months != 0) add_months(time, *months);
    for (const auto& [name, seconds] : kFixedUnits) {
      const auto count = amount(name);
      if (!count) return false;
      if (seconds >= 86'400) {
        add_days(time, *count * (seconds / 86'400));
      } else {
        add_seconds(time, *count * seconds);
      }
    }
    return true;
  }

  DateOutcome matches_spec() const {
    const xml::Element spec = element_.first_child("date_spec");
    if (!spec) return refuse("date_spec operations require a date_spec subelement");
    if (spec.id().empty()) return refuse("date_spec subelement has no id");
    const MonthDay date = month_and_day(now_);
    const WeekDate week = week_date(now_);
    const struct {
      std::string_view name;
      std::int64_t value;
    } fields[] = {
        {"years", now_.year},
        {"months", date.month},
        {"monthdays", date.day},
        {"hours", now_.second / 3600},
        {"minutes", now_.second / 60 % 60},
        {"seconds", now_.second % 60},
        {"yeardays", now_.day},
        {"weekyears", week.year},
        {"weeks", week.week},
        {"weekdays", week.weekday},
    };
    for (const auto& field : fields) {
      const auto text = spec.get(field.name);
      if (!text) continue;
      const DateOutcome outcome = check_range(*text, field.value, field.name);
      if (outcome != DateOutcome::kSatisfied) return outcome;
    }
    return DateOutcome::kSatisfied;
  }

  /// `N`, `N-`, `-N` or `N-M`; blanks may precede a number.
  DateOutcome check_range(std::string_view text, std::int64_t value, std::string_view name) const {
    const auto invalid = [&] {
      return refuse(join("'", text, "' is not a valid range for date_spec attribute ", name));
    };
    std::string_view rest = text;
    const auto number = [&]() -> std::optional<std::int64_t> {
      if (rest.empty() || rest.find_first_not_of(" \t\n") == std::string_view::npos) {
        return std::nullopt;
      }
      const char first = rest[rest.find_first_not_of(" \t\n")];
      if (first < '0' || first > '9') return std::nullopt;
      const ParsedInteger parsed = parse_integer(rest);
      if (!parsed.has_digits) return std::nullopt;
      rest.remove_prefix(parsed.length);
      return parsed.value;
    };
    std::optional<std::int64_t> low;
    std::optional<std::int64_t> high;
    if (!rest.empty() && rest.front() == '-') {
      rest.remove_prefix(1);
      high = number();
      if (!high) return invalid();
    } else {
      low = number();
      if (!low) return invalid();
      if (rest.empty()) {
        high = low;
      } else if (rest.front() != '-') {
        return invalid();
      } else {
        rest.remove_prefix(1);
        if (!rest.empty()) {
          high = number();
          if (!high) return invalid();
        }
      }
    }
    if (!rest.empty()) return invalid();
    if (low && value < *low) return DateOutcome::kBeforeRange;
    if (high && value > *high) return DateOutcome::kAfterRange;
    return DateOutcome::kSatisfied;
  }

  struct Unit {
    std::string_view name;
    std::int64_t seconds;
  };
  static constexpr Unit kFixedUnits[] = {
      {"weeks", 604'800}, {"days", 86'400}, {"hours", 3'600}, {"minutes", 60}, {"seconds", 1}};

  xml::Element element_;
  const Observer& observer_;
  std::string_view id_;
  LocalClock clock_;
  DateTime now_;
};

}  // namespace

DateOutcome evaluate_date_expression(xml::Element expression, const RuleContext& context,
                                     const Observer& observer) {
  return DateExpression(expression, context, observer).evaluate();
}

}  // namespace quorate::rules
