#pragma once

#include <cstdint>

#include "transition/graph.h"
#include "xml/document.h"

namespace quorate::properties {

/// What a cluster records of an action that was carried out and crm_simulate doesn't (spec/07 §16.1
/// says what that leaves out): histories and failures that are deleted go, cancelled monitors and
/// notifications leave nothing, nodes that are unfenced, fenced, shut down or put in maintenance
/// are known to be, and connections to remote nodes open and close (spec/09 §8, §17-§20, §22).
void leave_aftermath(const transition::Action& action, bool failed, xml::Element status,
                     std::int64_t now_seconds);

}  // namespace quorate::properties
