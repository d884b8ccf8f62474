#include <algorithm>
#include <limits>

#include "base/text.h"
#include "rules/datetime.h"

namespace quorate::rules {

namespace {

constexpr std::int32_t kInt32Max = std::numeric_limits<std::int32_t>::max();

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads numbers and fixed characters from a text like scanf does.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// Optional blanks, an optional sign that counts for the width, digits.
  std::optional<std::int32_t> number(std::size_t width = std::string_view::npos) {
    std::size_t at = at_;
    while (at < text_.size() && is_blank(text_[at])) ++at;
    bool negative = false;
    if (at < text_.size() && width > 0 && (text_[at] == '-' || text_[at] == '+')) {
      negative = text_[at] == '-';
      ++at;
      --width;
    }
    std::int64_t value = 0;
    std::size_t digits = 0;
    while (at < text_.size() && digits < width && is_digit(text_[at])) {
      value = std::min<std::int64_t>(value * 10 + (text_[at] - '0'), kInt32Max);
      ++at;
      ++digits;
    }
    if (digits == 0) return std::nullopt;
    at_ = at;
    return static_cast<std::int32_t>(negative ? -value : value);
  }
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// Up to three numbers and how many were read.
struct Numbers {
  std::int32_t value[3] = {0, 0, 0};
  int count = 0;
};

Numbers read_separated(std::string_view text, char separator) {
  Scanner scanner(text);
  Numbers numbers;
  while (numbers.count < 3) {
    if (numbers.count > 0 && !scanner.accept(separator)) break;
    const auto number = scanner.number();
    if (!number) break;
    numbers.value[numbers.count++] = *number;
  }
  return numbers;
}

Numbers read_packed(std::string_view text, std::size_t first_width) {
  Scanner scanner(text);
  Numbers numbers;
  while (numbers.count < 3) {
    const auto number = scanner.number(numbers.count == 0 ? first_width : 2);
    if (!number) break;
    numbers.value[numbers.count++] = *number;
  }
  return numbers;
}

std::optional<DateTime> calendar_date(std::int32_t year, std::int32_t month, std::int32_t day) {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return std::nullopt;
  }
  DateTime date{year, day, 0, 0};
  for (int m = 1; m < month; ++m) date.day += days_in_month(year, m);
  return date;
}

std::optional<DateTime> date_of_week(std::int32_t year, std::int32_t week, std::int32_t weekday) {
  if (year < 1 || week < 1 || week > weeks_in_year(year) || weekday < 1 || weekday > 7) {
    return std::nullopt;
  }
  const DateTime new_year{year, 1, 0, 0};
  const int jan1 = week_date(new_year).weekday;
  // Monday of week 1 is in the week of the year's first Thursday.
  const int monday = jan1 > 4 ? 9 - jan1 : 2 - jan1;
  DateTime date = new_year;
  add_days(date, monday - 1 + 7 * (week - 1) + weekday - 1);
  return date;
}

std::optional<DateTime> parse_date(std::string_view text) {
  Numbers numbers = read_separated(text, '-');
  if (numbers.count == 3) {
    return calendar_date(numbers.value[0], numbers.value[1], numbers.value[2]);
  }
  if (numbers.count == 1) {
    const Numbers packed = read_packed(text, 4);
    if (packed.count == 3) return calendar_date(packed.value[0], packed.value[1], packed.value[2]);
  }
  if (numbers.count == 2) {
    const std::int32_t year = numbers.value[0];
    const std::int32_t day = numbers.value[1];
    if (year < 1 || day < 1 || day > days_in_year(year)) return std::nullopt;
    return DateTime{year, day, 0, 0};
  }
  Scanner scanner(text);
  const auto year = scanner.number();
  if (!year || !scanner.accept('-') || !scanner.accept('W')) return std::nullopt;
  const auto week = scanner.number();
  if (!week || !scanner.accept('-')) return std::nullopt;
  const auto weekday = scanner.number();
  if (!weekday) return std::nullopt;
  return date_of_week(*year, *week, *weekday);
}

/// Seconds of the day; 86400 for 24:00:00 (§10.3 steps 1 and 2).
std::optional<std::int32_t> parse_clock(std::string_view text) {
  Numbers numbers = read_separated(text, ':');
  if (numbers.count == 1) numbers = read_packed(text, 2);
  if (numbers.count == 0) return std::nullopt;
  const auto [hour, minute, second] = numbers.value;
  if (hour < 0 || minute < 0 || second < 0) return std::nullopt;
  if (hour == 24 && minute == 0 && second == 0) return 86'400;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return hour * 3600 + minute * 60 + second;
}

/// The reference takes the local offset apart into hours and unsigned minutes.
std::int32_t local_offset(const LocalClock& clock) {
  const std::int32_t hours = clock.offset_seconds / 3600;
  const std::int32_t minutes = std::abs(clock.offset_seconds) / 60 % 60;
  return hours * 3600 + minutes * 60;
}

/// Offset of a time text (§10.3 steps 3 and 4).
std::optional<std::int32_t> parse_offset(std::string_view text, const LocalClock& clock) {
  std::size_t at = text.find('Z');
  if (at == std::string_view::npos) at = text.find_first_of(" +-");
  if (at == std::string_view::npos) return local_offset(clock);
  text.remove_prefix(at);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  if (text.empty() || text.front() == 'Z') return 0;
  bool negative = false;
  if (text.front() == '+' || text.front() == '-') {
    negative = text.front() == '-';
    text.remove_prefix(1);
  } else if (!is_digit(text.front())) {
    return 0;
  }
  const auto amount = parse_clock(text);
  if (!amount) return std::nullopt;
  return negative ? -*amount : *amount;
}

/// Adds a time text to a date.
std::optional<DateTime> with_time(DateTime date, std::string_view text, const LocalClock& clock) {
  const auto second = parse_clock(text);
  if (!second) return std::nullopt;
  const auto offset = parse_offset(text, clock);
  if (!offset) return std::nullopt;
  date.offset = *offset;
  if (*second == 86'400) {
    date.second = 0;
    add_days(date, 1);
  } else {
    date.second = *second;
  }
  return date;
}

bool is_epoch_word(std::string_view text) {
  return istarts_with(text, "epoch") && (text.size() == 5 || text[5] == '/' || is_blank(text[5]));
}

bool add_limited(std::int32_t& sum, std::int64_t value, std::int64_t factor) {
  const std::int64_t result = sum + value * factor;
  if (result > kInt32Max || result < -std::int64_t{kInt32Max} - 1) return false;
  sum = static_cast<std::int32_t>(result);
  return true;
}

/// One `nX` of a duration; false if the unit is unknown or a sum too large.
bool add_element(Duration& duration, char unit, std::int64_t value, bool in_time) {
  switch (unit) {
    case 'Y':
      duration.years = static_cast<std::int32_t>(value);
      return true;
    case 'M':
      if (in_time) return add_limited(duration.seconds, value, 60);
      duration.months = static_cast<std::int32_t>(value);
      return true;
    case 'W':
      return add_limited(duration.days, value, 7);
    case 'D':
      return add_limited(duration.days, value, 1);
    case 'H':
      return add_limited(duration.seconds, value, 3600);
    case 'S':
      return add_limited(duration.seconds, value, 1);
    default:
      return false;
  }
}

}  // namespace

std::optional<DateTime> parse_datetime(std::string_view text, const LocalClock& clock) {
  if (text.empty()) return std::nullopt;
  if (text.front() == 'T' || (text.size() > 2 && text[2] == ':')) {
    DateTime today = from_epoch(clock.now_seconds, clock.offset_seconds);
    if (text.front() == 'T') text.remove_prefix(1);
    return with_time(today, text, clock);
  }
  if (is_epoch_word(text)) return DateTime{1970, 1, 0, 0};
  const auto date = parse_date(text);
  if (!date) return std::nullopt;
  const std::size_t end = text.find_first_not_of("0123456789-W");
  if (end == std::string_view::npos || (text[end] != ' ' && text[end] != 'T')) return date;
  return with_time(*date, text.substr(end + 1), clock);
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.size() < 2 || text.front() != 'P' || is_blank(text[1])) return std::nullopt;
  text.remove_prefix(1);
  Duration duration;
  bool in_time = false;
  while (!text.empty() && text.front() != '/' && !is_blank(text.front())) {
    if (text.front() == 'T') {
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    bool negative = false;
    if (text.front() == '+' || text.front() == '-' || text.front() == ':') {
      negative = text.front() == '-';
      text.remove_prefix(1);
    }
    std::int64_t value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && digits < 11 && is_digit(text[digits])) {
      value = value * 10 + (text[digits++] - '0');
    }
    const std::int64_t limit = std::int64_t{kInt32Max} + (negative ? 1 : 0);
    if (digits == 0 || digits > 10 || value > limit || digits == text.size()) return std::nullopt;
    if (!add_element(duration, text[digits], negative ? -value : value, in_time)) {
      return std::nullopt;
    }
    text.remove_prefix(digits + 1);
  }
  if (duration.years == 0 && duration.months == 0 && duration.days == 0 && duration.seconds == 0) {
    return std::nullopt;
  }
  return duration;
}

std::int64_t duration_in_seconds(const Duration& duration) {
  const std::int64_t days =
      std::int64_t{duration.years} * 365 + std::int64_t{duration.months} * 30 + duration.days;
  return days * 86'400 + duration.seconds;
}

std::optional<Period> parse_period(std::string_view text, const LocalClock& clock) {
  if (text.empty()) return std::nullopt;
  std::optional<Duration> duration;
  std::optional<DateTime> start;
  std::optional<DateTime> end;
  if (text.front() == 'P') {
    duration = parse_duration(text);
    if (!duration) return std::nullopt;
  } else {
    start = parse_datetime(text, clock);
    if (!start) return std::nullopt;
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view second = text.substr(slash + 1);
    if (!second.empty() && second.front() == 'P') {
      if (duration) return std::nullopt;
      duration = parse_duration(second);
      if (!duration) return std::nullopt;
    } else {
      end = parse_datetime(second, clock);
      if (!end) return std::nullopt;
    }
  } else if (duration) {
    start = from_epoch(clock.now_seconds, clock.offset_seconds);
  } else {
    return std::nullopt;
  }
  if (!start) start = subtract(*end, *duration);
  if (!end) end = add(*start, *duration);
  if (!is_plain(*start) || !is_plain(*end)) return std::nullopt;
  return Period{*start, *end};
}

}  // namespace quorate::rules
