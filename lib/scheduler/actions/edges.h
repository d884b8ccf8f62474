#pragma once

#include "scheduler/context.h"

/// Edges between actions (spec/05 §18-21). Nothing outside lib/scheduler/actions and
/// lib/scheduler/output includes this.
namespace quorate::scheduler {

/// What one rule changed.
struct Changes {
  bool first = false;
  bool then = false;
  Changes& operator|=(Changes other) {
    first |= other.first;
    then |= other.then;
    return *this;
  }
};

/// Clears flags of an action while orderings are applied, so that what follows for the collective
/// resources it belongs to is found out again.
void clear_flags(graph::Action& action, graph::ActionFlags flags);

/// The rules for a pair of actions (spec/05 §19.2). `first_flags` are the flags for ordering.
Changes apply_pair_rules(Context& context, graph::Action& first, graph::Action& then,
                         graph::ActionFlags first_flags, graph::Tags tag);
/// The update method of a resource (spec/05 §19.7); `node` may be null.
Changes update_ordered(Context& context, model::Resource& resource, graph::Action& first,
                       graph::Action& then, model::Node* node, graph::ActionFlags first_flags,
                       graph::Tags tag);

/// Instances of a clone, containers of a bundle, children of anything else.
std::vector<model::Resource*> instances_of(const model::Resource& resource);
bool interleaves(const model::Resource& collective);
/// The task an instance's action has for an action of its collective (spec/05 §19.5).
std::string_view task_of_instance(const graph::Action& action);

/// For explain: the edge is there for the same reason as another one.
inline void note_derived_edge(const Context& context, const EdgeKey& from,
                              const graph::Action& first, const graph::Action& then) {
  if (context.recorder == nullptr) [[likely]]
    return;
  const graph::Relation* relation = context.recorder->relation_of(*from.first, *from.then);
  if (relation != nullptr) context.recorder->note_edge(first, then, *relation);
}

/// Whether an action goes into the graph (spec/05 §21.1, spec/06 §10). Errors are reported if
/// `report` is set.
bool is_includable(Context& context, const graph::Action& action, bool report);
/// Whether an edge becomes an input (spec/05 §21.3, spec/06 §12.2). May disable the edge.
bool is_input(Context& context, graph::Action& then, graph::Edge& edge);
/// Spec/05 §20.2.
void disable_load_loops(Context& context, graph::Action& then);

}  // namespace quorate::scheduler
