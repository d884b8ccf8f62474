#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scheduler/context.h"

/// What the plan changes, in an administrator's words: the Transition Summary as data
/// (spec/07 §14, spec/05 §22).
namespace quorate::scheduler {

/// A required fencing or shutdown. Without a reason it is logged, not shown (spec/07 §14.1).
struct NodeChange {
  const model::Node* node = nullptr;
  std::string task;       ///< `Fence (reboot)`, `Shutdown`
  std::string node_text;  ///< name, for guests with ` (resource: LAUNCHER)`
  std::string_view reason;
};

/// One line about a primitive (spec/07 §14.2-14.4).
struct ResourceChange {
  const model::Resource* resource = nullptr;
  std::string_view word;  ///< `Start`, `Move`, `Re-promote` …
  const model::Node* origin = nullptr;
  const model::Node* destination = nullptr;
  model::Role role = model::Role::kUnknown;
  model::Role next_role = model::Role::kUnknown;
  std::string_view reason;
  bool runnable = true;

  /// Roles are part of the details (spec/07 §14.5).
  bool roles_shown() const {
    return role > model::Role::kStarted || next_role > model::Role::kUnpromoted;
  }
  bool same_role() const { return role == next_role; }
  bool same_host() const { return origin != nullptr && origin == destination; }
};

struct Summary {
  std::vector<NodeChange> nodes;
  std::vector<ResourceChange> resources;
};

/// Looks through the finished plan. Runs before the graph is written because some of its look-ups
/// give node-less actions their node (spec/07 §14.2), as the reference's do.
Summary summarize(Context& context);

}  // namespace quorate::scheduler
