#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quorate::attributes {

/// Whether a value is an expression on the old one: at least 7 characters, the 6th and 7th `++` or
/// `+=` (spec/10 §4).
bool is_increment(std::string_view value);

/// The value to store: `value` itself, or the result of the increment it is, computed from `old`
/// and limited to ±1000000.
std::string resolve_increment(std::string_view value, const std::optional<std::string>& old);

}  // namespace quorate::attributes
