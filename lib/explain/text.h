#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace quorate::explain {

inline std::string say(std::initializer_list<std::string_view> pieces) {
  std::string text;
  for (const std::string_view piece : pieces) text += piece;
  return text;
}

/// The name among `known` that takes the fewest edits to reach; empty if none is close.
std::string closest_name(std::string_view name, const std::vector<std::string>& known);

/// `a, b and c`; at most `limit` names, then `and N more`.
std::string listing(const std::vector<std::string>& names, std::size_t limit = 10);

/// A word for a shell: as it is if harmless, else in single quotes.
std::string shell_word(std::string_view text);

}  // namespace quorate::explain
