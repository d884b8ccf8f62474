#pragma once

#include <optional>
#include <string_view>

namespace quorate::fencer {

/// Whether a POSIX extended regular expression is found anywhere in the text, as in `rsc-pattern`
/// and `target-pattern`. Nullopt if the expression is invalid, or it or the text has more than 1000
/// bytes.
std::optional<bool> pattern_matches(std::string_view pattern, std::string_view text);

}  // namespace quorate::fencer
