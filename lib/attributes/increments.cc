#include "attributes/increments.h"

#include "base/score.h"
#include "base/text.h"

namespace quorate::attributes {
namespace {

std::optional<Score> read_score(std::string_view text) {
  // The words of node health have their default scores here.
  if (text == "red") return -kInfinity;
  if (text == "yellow" || text == "green") return 0;
  return parse_score(text);
}

}  // namespace

bool is_increment(std::string_view value) {
  return value.size() >= 7 && value[5] == '+' && (value[6] == '+' || value[6] == '=');
}

std::string resolve_increment(std::string_view value, const std::optional<std::string>& old) {
  if (!is_increment(value)) return std::string(value);
  Score base = 0;
  if (old) {
    const std::optional<Score> score = read_score(*old);
    if (!score) return "0";
    base = *score;
  }
  Score step = 1;
  if (value[6] == '=') {
    const std::optional<Score> score = read_score(value.substr(7));
    if (!score) return std::to_string(base);
    step = *score;
  }
  return std::to_string(add_scores(base, step));
}

}  // namespace quorate::attributes
