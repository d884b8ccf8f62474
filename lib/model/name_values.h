#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace quorate::model {

/// A table of names and values whose texts belong to the snapshot. Insertion order is kept. Look-up
/// is linear while that is fastest (up to a few dozen entries); beyond, as with the attributes of a
/// node that has a fail count or a promotion score for each resource, by a hash index.
class NameValues {
 public:
  using Entry = std::pair<std::string_view, std::string_view>;

  NameValues() = default;
  NameValues(const NameValues& other) : entries_(other.entries_) { reindex(); }
  NameValues(NameValues&&) noexcept = default;
  NameValues& operator=(NameValues other) noexcept {
    entries_.swap(other.entries_);
    index_.swap(other.index_);
    return *this;
  }
  ~NameValues() = default;

  std::optional<std::string_view> get(std::string_view name) const {
    const std::size_t at = find(name);
    if (at == entries_.size()) return std::nullopt;
    return entries_[at].second;
  }
  std::string_view get_or(std::string_view name, std::string_view fallback) const {
    const auto value = get(name);
    return value ? *value : fallback;
  }
  bool has(std::string_view name) const { return find(name) != entries_.size(); }
  /// Adds or replaces.
  void set(std::string_view name, std::string_view value) {
    const std::size_t at = find(name);
    if (at != entries_.size()) {
      entries_[at].second = value;
    } else {
      append(name, value);
    }
  }
  /// Adds unless the name is there; true if added.
  bool add(std::string_view name, std::string_view value) {
    if (has(name)) return false;
    append(name, value);
    return true;
  }
  /// Cost: linear.
  bool remove(std::string_view name) {
    const std::size_t at = find(name);
    if (at == entries_.size()) return false;
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
    reindex();
    return true;
  }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  using Index = std::unordered_map<std::string_view, std::size_t>;
  static constexpr std::size_t kMaxLinear = 48;

  /// Position of the entry, size() if there is none.
  std::size_t find(std::string_view name) const {
    if (index_) {
      const auto found = index_->find(name);
      return found == index_->end() ? entries_.size() : found->second;
    }
    std::size_t at = 0;
    while (at < entries_.size() && entries_[at].first != name) ++at;
    return at;
  }
  void append(std::string_view name, std::string_view value) {
    entries_.emplace_back(name, value);
    if (index_) {
      index_->emplace(name, entries_.size() - 1);
    } else if (entries_.size() > kMaxLinear) {
      reindex();
    }
  }
  void reindex() {
    index_.reset();
    if (entries_.size() <= kMaxLinear) return;
    index_ = std::make_unique<Index>();
    for (std::size_t i = 0; i < entries_.size(); ++i) index_->emplace(entries_[i].first, i);
  }

  std::vector<Entry> entries_;
  std::unique_ptr<Index> index_;  ///< positions by name, once there are many
};

}  // namespace quorate::model
