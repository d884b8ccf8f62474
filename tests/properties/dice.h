#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace quorate::properties {

/// Chance that depends on nothing but a seed and a name: what is drawn for one element of a cluster
/// stays the same when other elements are left out, so that failing clusters can be made smaller.
class Dice {
 public:
  Dice(std::uint64_t seed, std::string_view what, std::uint64_t index = 0)
      : state_(seed ^ 0x9e3779b97f4a7c15ULL) {
    for (const char c : what) mix(static_cast<unsigned char>(c));
    mix(index + 1);
  }

  /// From 0 to `count` - 1.
  std::size_t below(std::size_t count) { return count == 0 ? 0 : next() % count; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
  }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class Container>
  auto& pick(Container&& from) {
    return from[below(std::size(from))];
  }
  std::uint64_t next() {
    mix(0x632be59bd9b4e019ULL);
    return state_;
  }

 private:
  void mix(std::uint64_t value) {
    std::uint64_t z = (state_ += value * 0xbf58476d1ce4e5b9ULL + 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    state_ = z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace quorate::properties
