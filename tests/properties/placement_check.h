#pragma once

#include <string>

#include "model/snapshot.h"
#include "transition/graph.h"
#include "xml/document.h"

namespace quorate::properties {

/// What a plan does against a mandatory location constraint without a rule, in words; empty if
/// nothing: a resource started, promoted or migrated to a node it must never run on.
std::string misplaced(const transition::Graph& graph, model::Snapshot& snapshot, xml::Element cib);

}  // namespace quorate::properties
