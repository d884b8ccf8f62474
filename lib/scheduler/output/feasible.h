#pragma once

#include <vector>

#include "scheduler/context.h"

/// Plans that couldn't be carried out: actions that wait for themselves, as constraints can
/// contradict each other, or for what isn't in the graph.
namespace quorate::scheduler {

/// Takes what can never begin out of the chosen actions, and makes the graph of them and their
/// inputs (Edge::is_input) free of cycles; one that can be carried out stays as it is. What is left
/// out of a cycle, in this order, until there is none:
///
///  1. implicit edges that ask for nothing but an order;
///  2. edges of constraints of kind Optional or Serialize;
///  3. other implicit edges that no constraint asks for, except where the order is in the nature of
///     things: within a resource and its parts, among a group's members, behind fencing, between
///     a container or guest and the connection into it, and between a remote node's connection and
///     what runs there.
///
/// If only the others are left, nothing of the cycle is started, promoted or migrated, nor what
/// needs that, and a configuration error names the constraints; stopping and fencing go ahead.
/// Actions taken out lose kGraphed and kRunnable. True if there were any. Cost without a cycle:
/// linear in actions and inputs.
bool keep_what_can_be_done(Context& context, std::vector<graph::Action*>& chosen);

}  // namespace quorate::scheduler
