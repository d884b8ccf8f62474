#pragma once

#include "explain/explain.h"
#include "explain/subject.h"

namespace quorate::explain {

/// One cause in plain words. `amount` is what it adds on that node.
Reason describe(const Run& run, const model::Resource& resource, const model::Node& node,
                const scheduler::Reason& cause, Score amount);

/// Why a node can't run anything now; empty if it can.
struct NodeState {
  std::string_view word;  ///< offline, standby, ...
  std::string text;
};
std::vector<NodeState> node_states(const Run& run, const model::Node& node);

/// The element of the configuration with that ID; null if none.
xml::Element find_by_id(xml::Element cib, std::string_view id);
/// The constraint an ID belongs to: itself, or what its rule is part of.
xml::Element constraint_of(xml::Element cib, std::string_view id);

}  // namespace quorate::explain
