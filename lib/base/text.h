#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorate {

/// ASCII case folding; locale never matters to cluster data.
char to_lower(char c);
std::string to_lower(std::string_view text);
/// Equal ignoring ASCII case.
bool iequals(std::string_view a, std::string_view b);
bool istarts_with(std::string_view text, std::string_view prefix);
/// Negative, zero or positive like strcasecmp.
int icompare(std::string_view a, std::string_view b);
/// The name order of nodes: digit runs compare as numbers, then by length (shorter first), other
/// characters by their lower case; a prefix comes first (spec/03 §1.4, spec/04 §1.5).
int compare_names_numerically(std::string_view a, std::string_view b);

std::string_view trim(std::string_view text);
/// Pieces between separators, empty pieces dropped.
std::vector<std::string_view> split_words(std::string_view text, char separator = ' ');

/// Base-10 strtoll: leading blanks and a sign allowed, trailing characters ignored, clipped at 64
/// bits.
struct ParsedInteger {
  std::int64_t value = 0;
  bool has_digits = false;
  bool clipped = false;
  std::size_t length = 0;  ///< characters consumed
};
ParsedInteger parse_integer(std::string_view text);
/// As above; nullopt without digits.
std::optional<std::int64_t> to_integer(std::string_view text);

/// true/on/yes/y/1 and false/off/no/n/0, any case; otherwise nullopt (spec/01 §2).
std::optional<bool> parse_boolean(std::string_view text);

/// Compares the leading `digits(.digits)*` of two versions number by number, missing ones as 0.
int compare_versions(std::string_view a, std::string_view b);

/// The text with everything that XML 1.0 can't carry (control characters, invalid UTF-8) replaced
/// by '?', byte by byte: for output of programs that goes into a document.
std::string to_xml_safe(std::string_view text);

}  // namespace quorate
