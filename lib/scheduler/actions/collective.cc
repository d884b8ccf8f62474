#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"

/// Actions of groups, clones and bundles: their parts' and their own pseudo-actions (spec/05 §11).
namespace quorate::scheduler {

using graph::Action;
using model::BundleReplica;
using model::Resource;
namespace flag = graph::flag;

namespace {

/// What the instances of a clone, or the containers of a bundle, will do.
struct Activity {
  bool active = false;
  bool starting = false;
  bool stopping = false;
  bool restarting = false;
  bool promoting = false;
  bool demoting = false;
};

void observe_primitive(const Resource& primitive, Activity& all) {
  bool starting = false;
  bool stopping = false;
  for (const Action* action = primitive.newest_action; action != nullptr;
       action = action->next_of_resource) {
    if (!action->required()) continue;
    if (action->task == "start" && action->runnable()) starting = true;
    if (action->task == "stop" && (action->runnable() || action->pseudo())) stopping = true;
    if (starting && stopping) break;
  }
  all.active |= !primitive.active.empty();
  all.starting |= starting;
  all.stopping |= stopping;
  all.restarting |= starting && stopping;
}

void observe_roles(const Resource& primitive, Activity& all) {
  for (const Action* action = primitive.newest_action; action != nullptr;
       action = action->next_of_resource) {
    if (!action->required()) continue;
    if (action->task == "promote") all.promoting = true;
    if (action->task == "demote") all.demoting = true;
  }
}

Action& completed_pseudo(Context& context, Resource& resource, std::string_view task, bool optional,
                         bool runnable) {
  Action& action = resource_pseudo_action(context, resource, task, optional, runnable);
  action.priority = kInfinity;
  return action;
}

/// Spec/05 §11.2, over the instances of a clone or the containers of a bundle.
void create_instances(Context& context, Resource& collective,
                      const std::vector<Resource*>& instances) {
  Activity all;
  for (Resource* instance : instances) {
    create_resource_actions(context, *instance);
    for_each_primitive(*instance,
                       [&](const Resource& primitive) { observe_primitive(primitive, all); });
  }
  Action& start = resource_pseudo_action(context, collective, "start", !all.starting, true);
  Action& running =
      completed_pseudo(context, collective, "running", !all.starting, all.active || all.starting);
  Action& stop = resource_pseudo_action(context, collective, "stop", !all.stopping, true);
  if (!all.restarting) stop.flags |= flag::kMigratable;
  Action& stopped = completed_pseudo(context, collective, "stopped", !all.stopping, true);
  if (!collective.is_clone()) return;
  create_notification(context, collective, "start", start, running);
  create_notification(context, collective, "stop", stop, stopped);
}

/// Spec/05 §11.3.
void create_promotable(Context& context, Resource& clone) {
  Activity all;
  for (Resource* instance : clone.children) {
    create_resource_actions(context, *instance);
    for_each_primitive(*instance,
                       [&](const Resource& primitive) { observe_roles(primitive, all); });
  }
  Action& promote = resource_pseudo_action(context, clone, "promote", !all.promoting, true);
  Action& promoted = completed_pseudo(context, clone, "promoted", !all.promoting, true);
  create_notification(context, clone, "promote", promote, promoted);
  Action& demote = resource_pseudo_action(context, clone, "demote", !all.demoting, true);
  Action& demoted = completed_pseudo(context, clone, "demoted", !all.demoting, true);
  create_notification(context, clone, "demote", demote, demoted);
  for (Resource* instance : clone.children) instance->priority = clone.priority;
}

}  // namespace

void create_group_actions(Context& context, Resource& group) {
  for (Resource* member : group.children) create_resource_actions(context, *member);
  for (const std::string_view task : {"start", "running", "stop", "stopped"}) {
    resource_pseudo_action(context, group, task, true, true);
  }
  if (!group.promotable) return;
  for (const std::string_view task : {"demote", "demoted", "promote", "promoted"}) {
    resource_pseudo_action(context, group, task, true, true);
  }
}

void create_clone_actions(Context& context, Resource& clone) {
  create_instances(context, clone, clone.children);
  order_notifications(context, clone);
  if (!clone.promotable) return;
  create_promotable(context, clone);
  order_notifications(context, clone);
}

void create_bundle_actions(Context& context, Resource& bundle) {
  std::vector<Resource*> containers;
  for (BundleReplica& replica : bundle.bundle->replica_list) {
    if (replica.ip != nullptr) create_resource_actions(context, *replica.ip);
    create_resource_actions(context, *replica.container);
    if (replica.connection != nullptr) create_resource_actions(context, *replica.connection);
    containers.push_back(replica.container);
  }
  create_instances(context, bundle, containers);
  Resource* clone = bundle.bundle->inner_clone;
  if (clone == nullptr) return;
  create_clone_actions(context, *clone);
  if (!clone->promotable) return;
  resource_pseudo_action(context, bundle, "promote", true, true);
  completed_pseudo(context, bundle, "promoted", true, true);
  resource_pseudo_action(context, bundle, "demote", true, true);
  completed_pseudo(context, bundle, "demoted", true, true);
}

void create_resource_actions(Context& context, Resource& resource) {
  switch (resource.variant) {
    case model::Variant::kPrimitive:
      return create_primitive_actions(context, resource);
    case model::Variant::kGroup:
      return create_group_actions(context, resource);
    case model::Variant::kClone:
      return create_clone_actions(context, resource);
    case model::Variant::kBundle:
      return create_bundle_actions(context, resource);
  }
}

}  // namespace quorate::scheduler
