#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "messages/fencer.h"

namespace quorate::fencer {

/// Operations known to this fencer, alike on all of them, oldest first (spec/12 §20).
class History {
 public:
  static constexpr std::size_t kLimit = 500;
  static constexpr std::size_t kKept = 250;

  Operation* find(std::string_view id);
  /// Adds or replaces by id, then trims.
  Operation& put(const Operation& operation);
  /// Merges what another fencer knows: ended beats pending, success beats failure. True if
  /// anything changed.
  bool merge(const std::vector<Operation>& others);
  /// Removes ended operations; empty target: all (exact name).
  void clean(std::string_view target);
  /// Of one target (exact name), or all if empty.
  std::vector<Operation> of(std::string_view target) const;
  const std::deque<Operation>& all() const { return operations_; }
  std::deque<Operation>& all() { return operations_; }

  /// A success with exactly this target and action that ended at `since_ms` or later, and counts
  /// for this incarnation (0: any); null if there is none (spec/12 §13.3).
  const Operation* recent_success(std::string_view target, std::string_view action,
                                  std::uint64_t incarnation, std::int64_t since_ms) const;

 private:
  void trim();
  std::deque<Operation> operations_;
};

/// Whether one operation's success is what a request for `incarnation` needs: a fence result counts
/// only for the incarnation it was asked for.
bool counts_for(std::uint64_t operation_incarnation, std::uint64_t incarnation);

}  // namespace quorate::fencer
