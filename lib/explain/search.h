#pragma once

#include <vector>

#include "explain/explain.h"

/// The changes that bring a resource to a node, found by trying.
namespace quorate::explain {

/// Changes all of which are needed and which together, by a run of the scheduler, make the resource
/// run on the node; empty if none were found (or none are needed). Deterministic. Cost: a run of
/// the scheduler per attempt, a number bounded by the size of the cluster.
std::vector<Change> find_changes(const Question& question, std::string_view node);

}  // namespace quorate::explain
