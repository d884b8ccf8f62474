#include "fencer/history.h"

#include <algorithm>
#include <set>

namespace quorate::fencer {
namespace {

/// Whether `other` says more about the operation than `known` (both of one id).
bool supersedes(const Operation& other, const Operation& known) {
  if (is_pending(other.state)) return false;
  if (is_pending(known.state)) return true;
  return other.state == OperationState::kCompleted && known.state == OperationState::kFailed;
}

}  // namespace

bool counts_for(std::uint64_t operation_incarnation, std::uint64_t incarnation) {
  return incarnation == 0 || operation_incarnation == incarnation;
}

Operation* History::find(std::string_view id) {
  const auto found = std::find_if(operations_.begin(), operations_.end(),
                                  [&](const Operation& operation) { return operation.id == id; });
  return found == operations_.end() ? nullptr : &*found;
}

Operation& History::put(const Operation& operation) {
  if (Operation* known = find(operation.id)) {
    *known = operation;
    return *known;
  }
  trim();
  return operations_.emplace_back(operation);
}

bool History::merge(const std::vector<Operation>& others) {
  bool changed = false;
  for (const Operation& other : others) {
    if (other.id.empty()) continue;
    const Operation* known = find(other.id);
    if (known != nullptr && !supersedes(other, *known)) continue;
    put(other);
    changed = true;
  }
  return changed;
}

void History::clean(std::string_view target) {
  std::erase_if(operations_, [&](const Operation& operation) {
    return !is_pending(operation.state) && (target.empty() || operation.target == target);
  });
}

std::vector<Operation> History::of(std::string_view target) const {
  std::vector<Operation> found;
  for (const Operation& operation : operations_) {
    if (target.empty() || operation.target == target) found.push_back(operation);
  }
  return found;
}

const Operation* History::recent_success(std::string_view target, std::string_view action,
                                         std::uint64_t incarnation, std::int64_t since_ms) const {
  for (auto it = operations_.rbegin(); it != operations_.rend(); ++it) {
    if (it->state == OperationState::kCompleted && it->target == target && it->action == action &&
        it->completed_ms >= since_ms && counts_for(it->incarnation, incarnation)) {
      return &*it;
    }
  }
  return nullptr;
}

/// Above the limit only pending operations and the newest ended ones stay.
void History::trim() {
  if (operations_.size() < kLimit) return;
  std::vector<std::pair<std::int64_t, std::string>> ended;
  for (const Operation& operation : operations_) {
    if (!is_pending(operation.state)) ended.emplace_back(operation.completed_ms, operation.id);
  }
  const std::size_t pending = operations_.size() - ended.size();
  const std::size_t room = pending < kKept ? kKept - pending : 0;
  if (ended.size() <= room) return;
  std::sort(ended.begin(), ended.end());
  std::set<std::string> dropped;
  for (std::size_t i = 0; i + room < ended.size(); ++i) dropped.insert(ended[i].second);
  std::erase_if(operations_,
                [&](const Operation& operation) { return dropped.contains(operation.id); });
}

}  // namespace quorate::fencer
