#pragma once

#include <cstdint>

#include "transition/graph.h"
#include "xml/document.h"

namespace quorate::properties {

/// What a cluster does to its CIB when it carries a plan out and crm_simulate doesn't: histories
/// and fail counts that the plan deletes go, and nodes it unfences count as unfenced.
void leave_aftermath(const transition::Graph& graph, xml::Element status, std::int64_t now_seconds);

}  // namespace quorate::properties
