#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quorate::fencer {

/// Levels of one target, by index 1 to 9; devices in order.
using Levels = std::map<int, std::vector<std::string>>;

/// Who the fencing levels are for and what they hold (spec/12 §10).
class Topology {
 public:
  enum class Kind { kName, kPattern, kAttribute };
  /// How an attribute of a node is found: value of the CIB's permanent attribute, or nothing.
  using NodeAttributes = std::map<std::string, std::map<std::string, std::string>>;

  /// Adds a level, in configuration order. `replace`: a level of this target and index is
  /// replaced; else devices are appended. kInvalid if the index isn't 1 to 9.
  Result<void> add(Kind kind, const std::string& target, std::int64_t index,
                   const std::vector<std::string>& devices, bool replace, const std::string& id);
  /// Removes one level, or all with index 0. Removing what isn't there succeeds.
  Result<void> remove(const std::string& target, std::int64_t index);
  void clear() { entries_.clear(); }

  /// The levels for a node: of the entry with exactly this key, else of the first that matches;
  /// null if none has a device. Invalid patterns never match.
  const Levels* find(std::string_view node, const NodeAttributes& attributes) const;

 private:
  struct Entry {
    Kind kind = Kind::kName;
    std::string target;  ///< name, pattern, or ATTRIBUTE=VALUE
    Levels levels;
  };
  static bool matches(const Entry& entry, std::string_view node, const NodeAttributes& attributes);

  std::vector<Entry> entries_;  ///< in configuration order
};

}  // namespace quorate::fencer
