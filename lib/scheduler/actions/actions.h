#pragma once

#include "scheduler/context.h"

/// Stage 3: which actions exist, in the phases of spec/05 §1.1.
namespace quorate::scheduler {

/// P6: changed definitions (spec/05 §6, spec/03 §16.5).
void check_changed_definitions(Context& context);
/// P8: deferred checks, probes, failure clearing, actions of every resource (spec/05 §6-12).
void create_actions(Context& context);
/// P9 and P10: remote connections, fencing, shutdown (spec/05 §13, §17).
void create_node_actions(Context& context);
/// P11: relations become edges, propagation, disabling (spec/05 §18-20).
void apply_orderings(Context& context);

}  // namespace quorate::scheduler
