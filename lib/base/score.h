#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quorate {

/// A placement score in [-kInfinity, kInfinity] (spec/01 §2, spec/04 §1.1).
using Score = std::int32_t;
inline constexpr Score kInfinity = 1'000'000;

/// Saturating sum: -INFINITY wins over +INFINITY, both absorb finite numbers. Not associative;
/// the order of additions is part of the behaviour.
constexpr Score add_scores(Score a, Score b) {
  if (a <= -kInfinity || b <= -kInfinity) return -kInfinity;
  if (a >= kInfinity || b >= kInfinity) return kInfinity;
  const Score sum = a + b;
  return sum < -kInfinity ? -kInfinity : sum > kInfinity ? kInfinity : sum;
}

/// INFINITY, +INFINITY, -INFINITY (exact case) or a leading decimal integer clipped to the range,
/// trailing characters ignored. The words red, yellow and green depend on the cluster's options
/// and are handled by the caller. Empty: not a score.
std::optional<Score> parse_score(std::string_view text);

/// `INFINITY`, `-INFINITY` or plain decimal.
std::string format_score(Score score);

}  // namespace quorate
