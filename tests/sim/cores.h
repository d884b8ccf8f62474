#pragma once

#include <optional>
#include <string>

#include "machine.h"

/// What the simulator asks the cores, beyond driving them. The one place that knows their types.
namespace quorate::sim {

bool is_dc(const AnyCore& controller);
/// It waits for others to join it, or to be joined.
bool is_joining(const AnyCore& controller);
bool is_planning(const AnyCore& controller);
/// In the cluster, nothing left to do.
bool is_idle(const AnyCore& controller);
/// The name of the DC it follows; empty if none.
std::string dc_of(const AnyCore& controller);

/// It sends or receives the cluster's copy.
bool is_transferring(const AnyCore& replica);
/// What an attribute manager holds of all nodes, as text.
std::string attributes_of(const AnyCore& attributes);
/// The whole document it holds as text.
std::string document_of(const AnyCore& replica);

}  // namespace quorate::sim
