#pragma once

#include <string_view>

#include "scheduler/context.h"

/// Ordering relations: explicit, implicit, and how they become edges and propagate
/// (spec/05 §14-20).
namespace quorate::scheduler {

/// One rsc_order element (spec/05 §15).
void unpack_order(Context& context, xml::Element constraint);
/// Orders the two stops or starts a colocation of score -INFINITY forbids together
/// (spec/05 §16.9).
void order_anti_colocation(Context& context, model::Colocation& colocation);
/// Implicit orderings of one top-level resource, recursively (spec/05 §16.1-16.8).
void create_implicit_orderings(Context& context, model::Resource& resource);

/// Records a relation, filling in the resources of its actions, and what it means for live
/// migration (spec/05 §10.3).
void add_relation(Context& context, graph::Relation relation);
/// Orders two actions of resources by key: relation with both keys (spec/05 §14).
void order_tasks(Context& context, model::Resource& first, std::string_view first_task,
                 model::Resource& then, std::string_view then_task, graph::Tags tags);
/// The same with the action itself on one side, or on both.
void order_action_then(Context& context, graph::Action& first, model::Resource& then,
                       std::string_view then_task, graph::Tags tags);
void order_task_then(Context& context, model::Resource& first, std::string_view first_task,
                     graph::Action& then, graph::Tags tags);
void order_actions(Context& context, graph::Action& first, graph::Action& then, graph::Tags tags);

}  // namespace quorate::scheduler
