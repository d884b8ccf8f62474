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
///  - notifications of a start that can't begin, as constraints contradict each other.
bool is_repeated(const transition::Action& action, const scheduler::Schedule& plan,
                 xml::Element status);

/// Does something have to wait for what runs inside it: a guest or bundle, by constraints or by
/// way of others, for a resource that is to run on the node it makes? Each start of the one takes
/// the other down.
bool waits_for_its_inside(const scheduler::Schedule& plan);

/// Could resources displace each other for ever? Placement goes from one resource to the next
/// (spec/04 §13), each looking at where the others are now: with colocations, with capacity, or
/// among the instances of a unique clone one arrangement can make another one better.
bool may_displace_each_other(const model::Snapshot& snapshot);

/// Is there a failure of something that is watched where it is stopped? A monitor of the role
/// Stopped that finds what it should makes the failure forgotten (spec/03 §11.5), and with it why
/// the resource, or everything on the node, was stopped.
bool may_forget_failures(xml::Element cib);

/// Is there a clone that is anonymous, but not in all its members? It asked to be globally unique
/// and has a member whose agent can't be: members of the first instance read before that one stay
/// unique (spec/03 §5.10), so their histories are found under two names.
bool is_half_unique(const model::Snapshot& snapshot);

/// Has something been migrated that the plan acts on? Everything here happens in the same second,
/// so histories of two nodes don't say which came first; and those of an anonymous clone's
/// instances are looked up by the instance's ID, under which nothing is found (spec/03 §13.1).
bool has_migrated(const scheduler::Schedule& plan, xml::Element cib);

/// Does the plan stop and start instances of the same anonymous clone? Which instance runs where
/// isn't in any history, so the same exchange can be planned again.
bool exchanges_instances(const scheduler::Schedule& plan);

/// Has closing a connection to a remote or guest node failed somewhere? The connection counts as
/// failed, wherever it is now, until that is cleaned up (spec/03 §11.5.1).
bool has_failed_to_disconnect(xml::Element cib);

/// Is there a failed connection to a guest or into a container that the plan doesn't start? Its
/// launcher is restarted because of the failure, which only a start of the connection would end.
bool keeps_failed_connection(const scheduler::Schedule& plan, xml::Element cib);

/// What is active where, in what role: to see whether a plan has changed anything.
std::string whereabouts(const model::Snapshot& snapshot);

}  // namespace quorate::properties
