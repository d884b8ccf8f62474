#pragma once

#include <string>
#include <string_view>

#include "base/agent_result.h"
#include "messages/core.h"

/// systemd units as resources (spec/11 §18).
namespace quorate::agents {

/// The unit a resource type stands for: `.service` is added unless there is a known extension, and
/// a template without instance gets the instance `pacemaker` (spec/11 §18.2).
std::string unit_name(std::string_view type);

/// The UnitCall method for an action; empty if units have no such action (spec/11 §18.3).
std::string unit_method(std::string_view task);

/// Result of an action from how the call ended. Status kPending for a unit in transition
/// (spec/11 §18.5): the caller asks again.
AgentResult unit_outcome(std::string_view task, std::string_view type, const UnitCallDone& done);

/// The metadata shown for a unit (spec/11 §18.7); empty description: a text of its own.
std::string unit_metadata(std::string_view type, std::string_view description);

}  // namespace quorate::agents
