#include "fencer/topology.h"

#include <algorithm>

#include "base/text.h"
#include "fencer/pattern.h"

namespace quorate::fencer {
Result<void> Topology::add(Kind kind, const std::string& target, std::int64_t index,
                           const std::vector<std::string>& devices, bool replace,
                           const std::string& id) {
  if (target.empty()) {
    return fail(ErrorKind::kInvalid, "Invalid target for topology level '" + id + "'");
  }
  if (index < 1 || index > 9) {
    return fail(ErrorKind::kInvalid, "Invalid level number '" + std::to_string(index) +
                                         "' for topology level '" + id + "'");
  }
  auto entry = std::find_if(entries_.begin(), entries_.end(),
                            [&](const Entry& known) { return known.target == target; });
  if (entry == entries_.end()) entry = entries_.insert(entry, Entry{kind, target, {}});
  std::vector<std::string>& level = entry->levels[static_cast<int>(index)];
  if (replace) level.clear();
  level.insert(level.end(), devices.begin(), devices.end());
  return {};
}

Result<void> Topology::remove(const std::string& target, std::int64_t index) {
  if (index < 0 || index > 9) {
    return fail(ErrorKind::kInvalid, "Invalid level number '" + std::to_string(index) +
                                         "' for topology level " + target);
  }
  for (Entry& entry : entries_) {
    if (entry.target != target) continue;
    if (index == 0) {
      entry.levels.clear();
    } else {
      entry.levels.erase(static_cast<int>(index));
    }
  }
  std::erase_if(entries_, [](const Entry& entry) { return entry.levels.empty(); });
  return {};
}

const Levels* Topology::find(std::string_view node, const NodeAttributes& attributes) const {
  auto found = std::find_if(entries_.begin(), entries_.end(),
                            [&](const Entry& entry) { return entry.target == node; });
  if (found == entries_.end()) {
    found = std::find_if(entries_.begin(), entries_.end(),
                         [&](const Entry& entry) { return matches(entry, node, attributes); });
  }
  if (found == entries_.end()) return nullptr;
  const bool has_devices = std::any_of(found->levels.begin(), found->levels.end(),
                                       [](const auto& level) { return !level.second.empty(); });
  return has_devices ? &found->levels : nullptr;
}

bool Topology::matches(const Entry& entry, std::string_view node,
                       const NodeAttributes& attributes) {
  switch (entry.kind) {
    case Kind::kName:
      return iequals(entry.target, node);
    case Kind::kPattern:
      return pattern_matches(entry.target, node).value_or(false);
    case Kind::kAttribute: {
      const std::size_t equals = entry.target.find('=');
      const auto of_node = attributes.find(to_lower(node));
      if (of_node == attributes.end() || equals == std::string::npos) return false;
      const auto value = of_node->second.find(entry.target.substr(0, equals));
      return value != of_node->second.end() && value->second == entry.target.substr(equals + 1);
    }
  }
  return false;
}

}  // namespace quorate::fencer
