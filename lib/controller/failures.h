#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "controller/abort_rules.h"
#include "messages/attributes.h"

namespace quorate::controller {

/// What a graph says about failed starts and stops (spec/09 §16).
struct FailureOffsets {
  std::string start = "INFINITY";
  std::string stop = "INFINITY";
};

/// The request to the attribute manager that counts a failed result; nullopt if it isn't counted
/// (spec/09 §16). `from_outside`: no transition asked for it. `ignored`: `on-fail=ignore`, only the
/// time is set. The request has no id.
std::optional<AttributeRequest> count_failure(const RecordedResult& result, int target_rc,
                                              bool from_outside, bool ignored,
                                              const FailureOffsets& offsets,
                                              std::string_view node_name, std::int64_t now_seconds);

/// 190 and 191 count as 0 and 8 (spec/09 §15.2).
int effective_rc(int rc);

/// The failures that histories tell of, as far as a DC has read them: the last of each operation on
/// each node. Tells those that came while its CIB service was away, of which no change was seen.
class KnownFailures {
 public:
  /// Notes a recorded result. True if it is a failure that wasn't known.
  bool note(const RecordedResult& result);
  /// All that the node's history tells of has been noted.
  void note_all_of(const std::string& node_id) { complete_.insert(node_id); }
  bool knows_all_of(const std::string& node_id) const { return complete_.contains(node_id); }
  void clear();

 private:
  std::map<std::string, std::int64_t> calls_;  ///< by node and operation
  std::set<std::string> complete_;             ///< ids of nodes
};

/// How often fencing of each target failed in a row (spec/09 §19.3). Kept on every node.
class FencingFailures {
 public:
  void failed(std::string_view target);
  void succeeded(std::string_view target);
  int count(std::string_view target) const;
  bool any_at_least(int limit) const;

 private:
  std::map<std::string, int> counts_;  ///< by lower-case name
};

}  // namespace quorate::controller
