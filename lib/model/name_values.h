#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace quorate::model {

/// A small table of names and values whose texts belong to the snapshot. Look-up is linear, which
/// is fastest at the sizes that occur (a few to a few dozen). Insertion order is kept.
class NameValues {
 public:
  using Entry = std::pair<std::string_view, std::string_view>;

  std::optional<std::string_view> get(std::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.first == name) return entry.second;
    }
    return std::nullopt;
  }
  std::string_view get_or(std::string_view name, std::string_view fallback) const {
    const auto value = get(name);
    return value ? *value : fallback;
  }
  bool has(std::string_view name) const { return get(name).has_value(); }
  /// Adds or replaces.
  void set(std::string_view name, std::string_view value) {
    for (Entry& entry : entries_) {
      if (entry.first == name) {
        entry.second = value;
        return;
      }
    }
    entries_.emplace_back(name, value);
  }
  /// Adds unless the name is there; true if added.
  bool add(std::string_view name, std::string_view value) {
    if (has(name)) return false;
    entries_.emplace_back(name, value);
    return true;
  }
  bool remove(std::string_view name) {
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (it->first == name) {
        entries_.erase(it);
        return true;
      }
    }
    return false;
  }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

}  // namespace quorate::model
