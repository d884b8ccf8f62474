#pragma once

#include <cstdint>
#include <string_view>

#include "scheduler/context.h"

/// What the files of this stage call of each other. Nothing outside lib/scheduler/actions and
/// lib/scheduler/output includes this.
namespace quorate::scheduler {

// ---- P8d: actions of one resource (spec/05 §7, §9-12)
// --------------------------------------------
/// Actions of a resource of any kind, recursively.
void create_resource_actions(Context& context, model::Resource& resource);
void create_primitive_actions(Context& context, model::Resource& primitive);
void create_group_actions(Context& context, model::Resource& group);
void create_clone_actions(Context& context, model::Resource& clone);
void create_bundle_actions(Context& context, model::Resource& bundle);
/// Recurring actions of a primitive (spec/05 §9).
void create_recurring_actions(Context& context, model::Resource& primitive);
/// Spec/05 §10.1 without the question whether it moves.
bool may_migrate(const model::Resource& primitive, const model::Node* current);
/// Spec/05 §10.2; the resource moves from `current` to its assigned node.
void create_migration_actions(Context& context, model::Resource& primitive, model::Node& current);

// ---- Recurring actions (spec/05 §9.5, §9.6)
// ------------------------------------------------------
graph::Action& cancel_recurring(Context& context, model::Resource& resource, std::string_view task,
                                std::int64_t interval_ms, model::Node& node);
graph::Action& reschedule_recurring(Context& context, model::Resource& resource,
                                    std::string_view task, std::int64_t interval_ms,
                                    model::Node& node);

// ---- Probes (spec/05 §8)
// -------------------------------------------------------------------------
void create_probes(Context& context);
/// Probe edges of P11 (spec/05 §18.5).
void create_probe_edges(Context& context);

// ---- Notifications (spec/05 §12)
// -----------------------------------------------------------------
/// The four pseudo-actions around an operation of a notifying clone.
void create_notification(Context& context, model::Resource& clone, std::string_view task,
                         graph::Action& action, graph::Action& completed);
/// Orders the notifications of a clone's operations, once they exist.
void order_notifications(Context& context, model::Resource& clone);
/// The extra pair for a stop that fencing implies (spec/05 §12.4).
void notify_of_fencing(Context& context, model::Resource& instance, graph::Action& stop,
                       graph::Action& fencing);
/// The real notify actions of a clone about to be written (spec/05 §12.2, §12.3).
void create_notify_actions(Context& context, model::Resource& clone);

// ---- Fencing (spec/05 §13)
// -----------------------------------------------------------------------
/// Orders an action of a resource after unfencing of the node, if that is needed (§13.4).
void order_after_unfencing(Context& context, model::Resource& resource, model::Node& node,
                           graph::Action& action, graph::Tags tags);
/// §13.5. A null resource stands for none.
void trigger_unfencing(Context& context, model::Resource* resource, model::Node& node,
                       std::string_view reason);
/// P10 (§13.6).
void create_fencing_and_shutdown(Context& context);
/// §13.7.
void order_against_fencing(Context& context, graph::Action& fencing);
/// §13.9.
graph::Action& create_shutdown(Context& context, model::Node& node);

// ---- Remote connections (spec/05 §17)
// ------------------------------------------------------------
enum class ConnectionState : std::uint8_t { kUnknown, kAlive, kResting, kFailed, kStopped };
ConnectionState connection_state(const model::Node& remote);
void create_remote_orderings(Context& context);

// ---- Changed definitions (spec/05 §6)
// ------------------------------------------------------------
/// P8a.
void check_deferred_definitions(Context& context);
/// P8c.
void clear_failures_of_removed(Context& context);

// ---- P11 (spec/05 §18-20)
// ------------------------------------------------------------------------
void create_edges(Context& context);
void refresh(Context& context, graph::Action& action);
void block_dependents(Context& context, graph::Action& action);
/// Flags of an action as its resource's method sees them (§19.5). Collective actions may change.
graph::ActionFlags flags_for_ordering(Context& context, graph::Action& action,
                                      const model::Node* node);
graph::ActionFlags method_flags(Context& context, graph::Action& action, const model::Node* node);

// ---- Small things
// --------------------------------------------------------------------------------
/// Calls `visit` for every primitive, depth first in list order.
template <class Visitor>
void for_each_primitive(model::Resource& resource, Visitor&& visit) {
  if (resource.is_primitive()) return visit(resource);
  for (model::Resource* child : resource.children) for_each_primitive(*child, visit);
}
/// Spec/05 §2.6: `start` -> `running` and so on; a completed task and any other stay.
std::string_view completed_task(std::string_view task);
/// The same backwards, only for those four and `notified`.
std::string_view plain_task(std::string_view task);

}  // namespace quorate::scheduler
