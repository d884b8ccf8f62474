#pragma once

#include <string_view>

#include "base/text.h"
#include "graph/action.h"

/// Walking a resource's own actions by key. Nothing outside lib/scheduler/actions includes this.
namespace quorate::scheduler {

/// Ignoring case; fast for texts that are interned, or of different lengths.
inline bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  return a.data() == b.data() || iequals(a, b);
}

/// Visits the resource's actions with that key, newest first. Cost: the number of its operations
/// and of what is visited, not of all its actions.
template <class Visitor>
void for_each_with_key(const model::Resource& resource, std::string_view key, Visitor&& visit) {
  const graph::OperationSettings* only = nullptr;
  for (const auto* at = resource.operation_settings; at != nullptr; at = at->next) {
    if (at->newest == nullptr || !same_text(at->key, key)) continue;
    if (only == nullptr) {
      only = at;
      continue;
    }
    // Keys that differ in case: only the list of all actions has both in order.
    for (graph::Action* action = resource.newest_action; action != nullptr;
         action = action->next_of_resource) {
      if (same_text(action->key, key)) visit(*action);
    }
    return;
  }
  if (only == nullptr) return;
  for (graph::Action* action = only->newest; action != nullptr; action = action->next_of_key) {
    visit(*action);
  }
}

}  // namespace quorate::scheduler
