#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"

/// Live migration (spec/05 §10).
namespace quorate::scheduler {

using graph::Action;
using model::Node;
using model::Resource;
namespace flag = graph::flag;
namespace tag = graph::tag;

bool may_migrate(const Resource& resource, const Node* current) {
  return resource.migratable && resource.managed && !resource.failed && !resource.start_pending &&
         current != nullptr && !current->unclean && resource.assigned &&
         !resource.assigned->node->unclean;
}

void create_migration_actions(Context& context, Resource& resource, Node& current) {
  Node& target = *resource.assigned->node;
  const bool partial = resource.partial_target != nullptr;
  Action& start = resource_action(context, resource, "start", &target, true);
  Action& stop = resource_action(context, resource, "stop", &current, true);
  Action* migrate_to = nullptr;
  if (!partial) migrate_to = &resource_action(context, resource, "migrate_to", &current, true);
  Action& migrate_from = resource_action(context, resource, "migrate_from", &target, true);

  start.flags |= flag::kMigratable | flag::kPseudo;
  stop.flags |= flag::kMigratable;
  migrate_from.flags |= flag::kMigratable;
  if (partial) {
    migrate_from.needs = start.needs;
    order_tasks(context, resource, "monitor", resource, "migrate_from", tag::kSeq);
  } else {
    migrate_to->flags |= flag::kMigratable;
    migrate_to->needs = start.needs;
    order_tasks(context, resource, "monitor", resource, "migrate_to", tag::kSeq);
    order_tasks(context, resource, "migrate_to", resource, "migrate_from",
                tag::kSeq | tag::kGuardFirst);
  }
  order_tasks(context, resource, "migrate_from", resource, "stop", tag::kSeq | tag::kGuardFirst);
  order_tasks(context, resource, "migrate_from", resource, "start",
              tag::kSeq | tag::kGuardFirst | tag::kRealThen);

  if (migrate_to != nullptr) {
    migrate_to->meta.set("migrate_source", current.name);
    migrate_to->meta.set("migrate_target", target.name);
    if (!resource.is_connection()) migrate_to->meta.set("record-pending", "true");
  }
  migrate_from.meta.set("migrate_source", current.name);
  migrate_from.meta.set("migrate_target", target.name);
}

}  // namespace quorate::scheduler
