#include "scheduler/placement/table_order.h"

#include <array>
#include <cstdint>
#include <utility>

namespace quorate::scheduler {

namespace {

constexpr std::size_t kFree = static_cast<std::size_t>(-1);

std::uint32_t hash_of(std::string_view key) {
  std::uint32_t hash = 0;
  for (const char c : key) {
    hash = hash * 31 + static_cast<std::uint32_t>(static_cast<signed char>(c));
  }
  return hash < 2 ? 2 : hash;
}

/// The open-addressing table of spec/04 §25, holding positions of keys.
class Table {
 public:
  explicit Table(const std::vector<std::string_view>& keys) : slots_(8, kFree) {
    hashes_.reserve(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      hashes_.push_back(hash_of(keys[i]));
      slots_[free_slot(hashes_[i])] = i;
      if (slots_.size() <= (i + 1) + (i + 1) / 16) resize(i + 1);
    }
  }

  std::vector<std::size_t> order() const {
    std::vector<std::size_t> result;
    result.reserve(hashes_.size());
    for (const std::size_t key : slots_) {
      if (key != kFree) result.push_back(key);
    }
    return result;
  }

 private:
  std::size_t first_slot(std::uint32_t hash) const {
    constexpr std::array<std::uint32_t, 29> kPrimes = {
        7,         13,        31,        61,         127,       251,      509,      1021,
        2039,      4093,      8191,      16381,      32749,     65521,    131071,   262139,
        524287,    1048573,   2097143,   4194301,    8388593,   16777213, 33554393, 67108859,
        134217689, 268435399, 536870909, 1073741789, 2147483647};
    std::size_t index = 0;
    while ((std::size_t{8} << index) < slots_.size()) ++index;
    return static_cast<std::uint32_t>(hash * 11u) % kPrimes[index];
  }

  std::size_t free_slot(std::uint32_t hash) const {
    std::size_t slot = first_slot(hash);
    for (std::size_t step = 1; slots_[slot] != kFree; ++step) slot = (slot + step) & mask();
    return slot;
  }

  void resize(std::size_t keys) {
    const auto wanted = static_cast<std::size_t>(static_cast<double>(keys) * 1.333);
    std::size_t size = 8;
    while (size <= wanted) size *= 2;
    if (size == slots_.size()) return;
    const std::size_t old_size = slots_.size();
    slots_.resize(size, kFree);
    std::vector<bool> settled(size, false);
    for (std::size_t i = 0; i < old_size; ++i) {
      if (slots_[i] == kFree || settled[i]) continue;
      std::size_t moving = std::exchange(slots_[i], kFree);
      while (moving != kFree) {
        std::size_t slot = first_slot(hashes_[moving]);
        for (std::size_t step = 1; settled[slot]; ++step) slot = (slot + step) & mask();
        settled[slot] = true;
        moving = std::exchange(slots_[slot], moving);
      }
    }
  }

  std::size_t mask() const { return slots_.size() - 1; }

  std::vector<std::size_t> slots_;
  std::vector<std::uint32_t> hashes_;
};

}  // namespace

std::vector<std::size_t> table_order(const std::vector<std::string_view>& keys) {
  return Table(keys).order();
}

std::vector<model::NodeEntry*> in_table_order(model::NodeTable& table) {
  std::vector<model::NodeEntry*> inserted;
  std::vector<std::string_view> keys;
  inserted.reserve(table.size());
  keys.reserve(table.size());
  for (const model::NodeId id : table.inserted()) {
    model::NodeEntry* entry = table.find(id);
    inserted.push_back(entry);
    keys.push_back(entry->node->id);
  }
  std::vector<model::NodeEntry*> ordered;
  ordered.reserve(inserted.size());
  for (const std::size_t position : table_order(keys)) ordered.push_back(inserted[position]);
  return ordered;
}

}  // namespace quorate::scheduler
