#include "fencer/pattern.h"

#include <regex.h>

#include <string>

namespace quorate::fencer {

std::optional<bool> pattern_matches(std::string_view pattern, std::string_view text) {
  constexpr std::size_t kMaxLength = 1000;
  if (pattern.size() > kMaxLength || text.size() > kMaxLength) return std::nullopt;
  regex_t compiled;
  if (regcomp(&compiled, std::string(pattern).c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    return std::nullopt;
  }
  const bool matches = regexec(&compiled, std::string(text).c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return matches;
}

}  // namespace quorate::fencer
