#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace quorate::scheduler {

/// Stable merge sort exactly as spec/04 §1.5 says: halves after floor(n/2), the left taken while
/// compare(left, right) <= 0. Defined also for comparisons that aren't a consistent order, as node
/// and instance comparisons are.
template <class Value, class Compare>
void merge_sort(std::vector<Value>& values, const Compare& compare) {
  if (values.size() < 2) return;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::vector<Value> left(values.begin(), middle);
  std::vector<Value> right(middle, values.end());
  merge_sort(left, compare);
  merge_sort(right, compare);
  std::size_t l = 0;
  std::size_t r = 0;
  for (Value& place : values) {
    const bool take_left =
        r == right.size() || (l < left.size() && compare(left[l], right[r]) <= 0);
    place = std::move(take_left ? left[l++] : right[r++]);
  }
}

}  // namespace quorate::scheduler
