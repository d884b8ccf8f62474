#include <vector>

#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"

/// Ordering relations and their equivalents for live migration (spec/05 §14, §10.3).
namespace quorate::scheduler {

using graph::Action;
using graph::Relation;
using graph::Tags;
using model::Resource;
namespace tag = graph::tag;

namespace {

std::string_view task_of(const Action* action, std::string_view key) {
  return action != nullptr ? action->task : parse_key(key).task;
}

/// Migration can replace the start and stop of one of two unrelated resources.
bool concerns_migration(const Relation& relation) {
  const Resource* first = relation.first_resource;
  const Resource* then = relation.then_resource;
  if (first == nullptr || then == nullptr || first == then) return false;
  if (!first->migratable && !then->migratable) return false;
  return !is_descendant_of(*first, *then) && !is_descendant_of(*then, *first);
}

void order_for_partial_target(Context& context, Resource& first, std::string_view first_task,
                              Resource& then, Tags tags) {
  order_tasks(context, first, first_task, then, "migrate_to", tags);
  if (then.partial_target != nullptr) {
    order_tasks(context, first, first_task, then, "migrate_from", tags);
  }
}

void add_migration_equivalents(Context& context, const Relation& relation) {
  Resource& first = *relation.first_resource;
  Resource& then = *relation.then_resource;
  const std::string_view first_task = task_of(relation.first_action, relation.first_key);
  const std::string_view then_task = task_of(relation.then_action, relation.then_key);
  const Tags unless_first_migrates = tag::kSeq | (first.migratable ? tag::kUnlessMigrating : 0);
  if (first_task == "start" && then_task == "start") {
    if (first.migratable && then.migratable) {
      order_tasks(context, first, "migrate_from", then, "migrate_to", tag::kSeq);
    }
    if (then.migratable) {
      order_tasks(context, first, "start", then, "migrate_to", unless_first_migrates);
    }
  } else if (!then.migratable) {
    return;
  } else if (first_task == "stop" && then_task == "stop") {
    order_for_partial_target(context, first, "stop", then, unless_first_migrates);
  } else if (first_task == "promote" && then_task == "start") {
    order_tasks(context, first, "promote", then, "migrate_to", tag::kSeq);
  } else if (first_task == "demote" && then_task == "stop") {
    order_for_partial_target(context, first, "demote", then, tag::kSeq);
  }
}

}  // namespace

void add_relation(Context& context, Relation relation) {
  if (relation.first_resource == nullptr && relation.first_action != nullptr) {
    relation.first_resource = relation.first_action->resource;
  }
  if (relation.then_resource == nullptr && relation.then_action != nullptr) {
    relation.then_resource = relation.then_action->resource;
  }
  context.graph.add_relation(relation);
  if (concerns_migration(relation)) add_migration_equivalents(context, relation);
}

void order_tasks(Context& context, Resource& first, std::string_view first_task, Resource& then,
                 std::string_view then_task, Tags tags) {
  Relation relation;
  relation.first_resource = &first;
  relation.first_key = key_of(context, first, first_task);
  relation.then_resource = &then;
  relation.then_key = key_of(context, then, then_task);
  relation.tags = tags;
  add_relation(context, relation);
}

void order_actions(Context& context, Action& first, Action& then, Tags tags) {
  Relation relation;
  relation.first_action = &first;
  relation.then_action = &then;
  relation.tags = tags;
  add_relation(context, relation);
}

void order_action_then(Context& context, Action& first, Resource& then, std::string_view then_task,
                       Tags tags) {
  Relation relation;
  relation.first_action = &first;
  relation.then_resource = &then;
  relation.then_key = key_of(context, then, then_task);
  relation.tags = tags;
  add_relation(context, relation);
}

void order_task_then(Context& context, Resource& first, std::string_view first_task, Action& then,
                     Tags tags) {
  Relation relation;
  relation.first_resource = &first;
  relation.first_key = key_of(context, first, first_task);
  relation.then_action = &then;
  relation.tags = tags;
  add_relation(context, relation);
}

void order_anti_colocation(Context& context, model::Colocation& colocation) {
  struct Side {
    Resource* resource;
    model::Role role;
  };
  using Tasks = std::vector<std::string_view>;
  const auto leaving = [](model::Role role) -> Tasks {
    if (role == model::Role::kPromoted) return {"demote"};
    if (role == model::Role::kUnpromoted) return {"stop", "promote"};
    return {"stop"};
  };
  const auto coming = [](model::Role role) -> Tasks {
    if (role == model::Role::kPromoted) return {"promote"};
    if (role == model::Role::kUnpromoted) return {"start", "demote"};
    return {"start"};
  };
  const auto order = [&](const Side& x, const Side& y) {
    for (const std::string_view x_task : leaving(x.role)) {
      for (const std::string_view y_task : coming(y.role)) {
        order_tasks(context, *x.resource, x_task, *y.resource, y_task, tag::kAnti);
      }
    }
  };
  const Side dependent{colocation.dependent, colocation.dependent_role};
  const Side primary{colocation.primary, colocation.primary_role};
  order(dependent, primary);
  order(primary, dependent);
}

}  // namespace quorate::scheduler
