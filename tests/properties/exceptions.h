#pragma once

#include <string>
#include <string_view>

#include "scheduler/schedule.h"
#include "transition/graph.h"
#include "xml/document.h"

namespace quorate::properties {

/// Where a configuration says that planning never comes to rest. See README.md for the reasons.

/// An action that is ordered again and again, and does nothing more when it is repeated:
///  - the cancellation of a monitor whose failure is still recorded: the record is all there is to
///    tell whether the monitor runs (spec/09 §17.6);
///  - a monitor of what isn't managed, with a failure on record from before its parameters changed:
///    that such a failure is to be forgotten stays a wish then (spec/03 §11.5);
///  - notifications of a start that can't begin, as constraints contradict each other;
///  - the demotion of what can't be stopped then, as it may be active on a lost node.
bool is_repeated(const transition::Action& action, const scheduler::Schedule& plan,
                 xml::Element status);

/// Why plans for this cluster go on and on, in words; empty if there is no good reason.
/// `plans_differ`: this one isn't the one before.
std::string_view reason_to_go_on(const scheduler::Schedule& plan, xml::Element cib,
                                 bool plans_differ);

/// What is active where, in what role: to see whether a plan has changed anything.
std::string whereabouts(const model::Snapshot& snapshot);

}  // namespace quorate::properties
