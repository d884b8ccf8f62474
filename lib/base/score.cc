#include "base/score.h"

#include "base/text.h"

namespace quorate {

std::optional<Score> parse_score(std::string_view text) {
  if (text == "INFINITY" || text == "+INFINITY") return kInfinity;
  if (text == "-INFINITY") return -kInfinity;
  const ParsedInteger parsed = parse_integer(text);
  if (!parsed.has_digits) return std::nullopt;
  if (parsed.value >= kInfinity) return kInfinity;
  if (parsed.value <= -kInfinity) return -kInfinity;
  return static_cast<Score>(parsed.value);
}

std::string format_score(Score score) {
  if (score >= kInfinity) return "INFINITY";
  if (score <= -kInfinity) return "-INFINITY";
  return std::to_string(score);
}

}  // namespace quorate
