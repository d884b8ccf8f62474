#include "base/text.h"

#include <algorithm>
#include <limits>

namespace quorate {

namespace {
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}
}  // namespace

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = to_lower(c);
  return lower;
}

bool iequals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return x == y || to_lower(x) == to_lower(y);
         });
}

bool istarts_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

int icompare(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto x = static_cast<unsigned char>(to_lower(a[i]));
    const auto y = static_cast<unsigned char>(to_lower(b[i]));
    if (x != y) return x < y ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

int compare_names_numerically(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::size_t a_start = i;
      const std::size_t b_start = j;
      while (i < a.size() && is_digit(a[i])) ++i;
      while (j < b.size() && is_digit(b[j])) ++j;
      std::string_view x = a.substr(a_start, i - a_start);
      std::string_view y = b.substr(b_start, j - b_start);
      const std::size_t x_length = x.size();
      const std::size_t y_length = y.size();
      while (x.size() > 1 && x.front() == '0') x.remove_prefix(1);
      while (y.size() > 1 && y.front() == '0') y.remove_prefix(1);
      if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
      if (const int order = x.compare(y); order != 0) return order < 0 ? -1 : 1;
      if (x_length != y_length) return x_length < y_length ? -1 : 1;
      continue;
    }
    const auto x = static_cast<unsigned char>(to_lower(a[i]));
    const auto y = static_cast<unsigned char>(to_lower(b[j]));
    if (x != y) return x < y ? -1 : 1;
    ++i;
    ++j;
  }
  if (i < a.size()) return 1;
  return j < b.size() ? -1 : 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split_words(std::string_view text, char separator) {
  std::vector<std::string_view> words;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    if (end > start) words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

ParsedInteger parse_integer(std::string_view text) {
  ParsedInteger parsed;
  std::size_t i = 0;
  while (i < text.size() && is_blank(text[i])) ++i;
  bool negative = false;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) negative = text[i++] == '-';
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  const std::uint64_t limit = negative ? kMax + 1 : kMax;
  std::uint64_t magnitude = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) {
    parsed.has_digits = true;
    const auto digit = static_cast<std::uint64_t>(text[i] - '0');
    if (magnitude > (limit - digit) / 10) {
      parsed.clipped = true;
      magnitude = limit;
    }
    if (!parsed.clipped) magnitude = magnitude * 10 + digit;
  }
  if (!parsed.has_digits) return parsed;
  parsed.length = i;
  parsed.value =
      negative ? static_cast<std::int64_t>(~magnitude + 1) : static_cast<std::int64_t>(magnitude);
  return parsed;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
  const ParsedInteger parsed = parse_integer(text);
  if (!parsed.has_digits) return std::nullopt;
  return parsed.value;
}

std::optional<bool> parse_boolean(std::string_view text) {
  for (std::string_view word : {"true", "on", "yes", "y", "1"}) {
    if (iequals(text, word)) return true;
  }
  for (std::string_view word : {"false", "off", "no", "n", "0"}) {
    if (iequals(text, word)) return false;
  }
  return std::nullopt;
}

int compare_versions(std::string_view a, std::string_view b) {
  a = trim(a);
  b = trim(b);
  bool a_more = true;
  bool b_more = true;
  const auto next = [](std::string_view& rest, bool& more) -> std::int64_t {
    if (!more || rest.empty() || !is_digit(rest.front())) {
      more = false;
      return 0;
    }
    const ParsedInteger number = parse_integer(rest);
    rest.remove_prefix(number.length);
    more = rest.size() > 1 && rest[0] == '.' && is_digit(rest[1]);
    if (more) rest.remove_prefix(1);
    return number.value;
  };
  while (a_more || b_more) {
    const std::int64_t x = next(a, a_more);
    const std::int64_t y = next(b, b_more);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

namespace {

/// Length of the valid UTF-8 sequence at `text`, allowed in XML 1.0; 0 if there is none.
std::size_t xml_character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) {
    return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  }
  const std::size_t length = first >= 0xf0 && first < 0xf5   ? 4
                             : first >= 0xe0 && first < 0xf0 ? 3
                             : first >= 0xc2 && first < 0xe0 ? 2
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  unsigned long code = first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3fu);
  }
  if (length == 3 && code < 0x800) return 0;
  if (length == 4 && (code < 0x10000 || code > 0x10ffff)) return 0;
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return surrogate || code == 0xfffe || code == 0xffff ? 0 : length;
}

}  // namespace

std::string to_xml_safe(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = xml_character_length(text);
    if (length == 0) {
      safe += '?';
      text.remove_prefix(1);
    } else {
      safe.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return safe;
}

}  // namespace quorate
