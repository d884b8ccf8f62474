#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace quorate {

/// A dense index that can't be mixed up with one of another kind.
template <class Tag>
struct DenseId {
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::uint32_t index = kNone;

  constexpr DenseId() = default;
  constexpr explicit DenseId(std::uint32_t i) : index(i) {}
  constexpr bool valid() const { return index != kNone; }
  friend constexpr auto operator<=>(DenseId, DenseId) = default;
};

}  // namespace quorate

template <class Tag>
struct std::hash<quorate::DenseId<Tag>> {
  std::size_t operator()(quorate::DenseId<Tag> id) const noexcept { return id.index; }
};
