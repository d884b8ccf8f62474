#include <string>

#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/state/state.h"

/// Orderings that resources imply (spec/05 §16.1-16.7).
namespace quorate::scheduler {

using graph::Action;
using graph::Tags;
using model::BundleReplica;
using model::Node;
using model::Resource;
using model::Role;
namespace tag = graph::tag;

namespace {

/// Nodes of a resource's table in node order.
std::vector<Node*> allowed_nodes(const Context& context, const Resource& resource) {
  std::vector<Node*> nodes;
  for (Node* node : context.snapshot.nodes_by_name) {
    if (resource.allowed.find(*node) != nullptr) nodes.push_back(node);
  }
  return nodes;
}

void order_unfencing(Context& context, Resource& resource) {
  for (Node* node : allowed_nodes(context, resource)) {
    Action& unfence = fence_action(context, *node, "on", false, {}, false);
    order_task_then(context, resource, "stop", unfence, tag::kSeq | tag::kSameNode);
    order_action_then(context, unfence, resource, "start", tag::kPullThenNode | tag::kSameNode);
  }
}

Action& load_stopped(Context& context, Node& node) {
  Action& action = free_pseudo_action(context, std::string("load_stopped_").append(node.name));
  if (action.node == nullptr) {
    action.node = &node;
    action.flags &= ~graph::flag::kOptional;
  }
  return action;
}

/// A node's capacity is free only when what leaves has stopped (spec/05 §16.7).
void order_utilization(Context& context, Resource& resource) {
  for (Node* node : resource.active) {
    order_task_then(context, resource, "stop", load_stopped(context, *node), tag::kLoad);
  }
  for (Node* node : allowed_nodes(context, resource)) {
    Action& stopped = load_stopped(context, *node);
    order_action_then(context, stopped, resource, "start", tag::kLoad);
    order_action_then(context, stopped, resource, "migrate_to", tag::kLoad);
  }
}

/// It runs on the guest its launcher is or creates, not merely beside the launcher.
bool runs_on_particular_guest(const Resource& resource) {
  if (resource.is_connection()) return false;
  if (resource.launcher->is_connection()) return true;
  for (const Resource* launched : resource.launcher->launched) {
    if (launched->is_connection()) return true;
  }
  return false;
}

void order_launcher(Context& context, Resource& resource) {
  Resource& launcher = *resource.launcher;
  if (resource.is_connection()) {
    order_tasks(context, launcher, "monitor", resource, "stop", tag::kSeq);
  }
  if (runs_on_particular_guest(resource)) return;
  order_tasks(context, launcher, "start", resource, "start", tag::kPullThen | tag::kBlockThen);
  order_tasks(context, resource, "stop", launcher, "stop", tag::kPullFirst);
}

void order_primitive(Context& context, Resource& resource) {
  if (!resource.managed) return;
  const model::Snapshot& snapshot = context.snapshot;
  order_tasks(context, resource, "stop", resource, "start",
              tag::kSeq | tag::kPullThen | tag::kStopChain);
  if (top_of(resource).promotable || resource.role == Role::kPromoted) {
    order_tasks(context, resource, "demote", resource, "stop", tag::kPullFirstPromoted);
    order_tasks(context, resource, "start", resource, "promote", tag::kBlockThen);
  }
  order_tasks(context, resource, "lrm_delete", resource, "monitor",
              tag::kSameNode | tag::kCancelFirst);
  if (snapshot.unfencing_in_use && resource.needs == model::Requires::kUnfencing &&
      !resource.is_fence_device) {
    order_unfencing(context, resource);
  }
  if (!resource.utilization.empty() &&
      snapshot.options.placement_strategy != model::PlacementStrategy::kDefault) {
    order_utilization(context, resource);
  }
  if (resource.launcher != nullptr) order_launcher(context, resource);
}

/// What is known when a member of a group is ordered.
struct GroupWalk {
  Resource& group;
  bool ordered;
  bool promotable;
  Resource* previous = nullptr;
  Resource* last_active = nullptr;
};

/// Group and member go down together: `task` and its completed form (spec/05 §16.2 (2), (3)).
void order_member_down(Context& context, const GroupWalk& walk, Resource& member,
                       std::string_view task, std::string_view completed) {
  const bool leads = walk.ordered && walk.previous == nullptr;
  order_tasks(context, walk.group, task, member, task, tag::kShowFirst | (leads ? tag::kSeq : 0));
  order_tasks(context, member, task, walk.group, completed,
              leads ? tag::kPullThen : tag::kShowThen);
}

void order_member_with_group(Context& context, const GroupWalk& walk, Resource& member) {
  constexpr Tags kCompletes = tag::kBlockThen | tag::kPullThen | tag::kShowThen;
  if (walk.promotable) {
    order_member_down(context, walk, member, "demote", "demoted");
    order_tasks(context, member, "promote", walk.group, "promoted", kCompletes);
    order_tasks(context, walk.group, "promote", member, "promote", tag::kShowFirst);
  }
  order_member_down(context, walk, member, "stop", "stopped");
  order_tasks(context, walk.group, "start", member, "start", tag::kShowFirst);
  order_tasks(context, member, "start", walk.group, "running", kCompletes);
}

void order_member_with_previous(Context& context, const GroupWalk& walk, Resource& member) {
  constexpr Tags kUp = tag::kPullThen | tag::kBlockThen;
  if (!walk.ordered || walk.previous == nullptr) {
    const Tags tags = walk.ordered ? 0 : kUp | tag::kShowFirst;
    order_tasks(context, walk.group, "start", member, "start", tags);
    if (walk.promotable) order_tasks(context, walk.group, "promote", member, "promote", tags);
    return;
  }
  Resource& previous = *walk.previous;
  order_tasks(context, previous, "start", member, "start", kUp);
  order_tasks(context, member, "stop", previous, "stop", tag::kSeq | tag::kStopChain);
  if (is_active(member, false) && previous.active.empty()) {
    order_tasks(context, member, "stop", previous, "start", tag::kPullFirst | tag::kBlockThen);
  }
  if (walk.promotable) {
    order_tasks(context, previous, "promote", member, "promote", kUp);
    order_tasks(context, member, "demote", previous, "demote", tag::kSeq);
  }
}

void order_group(Context& context, Resource& group) {
  order_tasks(context, group, "stop", group, "stopped", tag::kBlockThen);
  order_tasks(context, group, "stopped", group, "start", tag::kSeq);
  order_tasks(context, group, "start", group, "running", tag::kBlockThen);
  GroupWalk walk{group, group.group.ordered, top_of(group).promotable};
  for (Resource* member : group.children) {
    order_primitive(context, *member);
    order_member_with_group(context, walk, *member);
    order_member_with_previous(context, walk, *member);
    if (!member->active.empty()) {
      if (walk.ordered && walk.previous != nullptr && walk.previous->active.empty() &&
          walk.last_active != nullptr) {
        order_tasks(context, *member, "stop", *walk.last_active, "stop", tag::kSeq);
      }
      walk.last_active = member;
    }
    walk.previous = member;
  }
}

/// The "restart set" of promotable clones and bundles (spec/05 §16.4).
void order_restart_set(Context& context, Resource& x) {
  order_tasks(context, x, "stopped", x, "start", tag::kSeq);
  order_tasks(context, x, "stopped", x, "promote", tag::kSeq);
  order_tasks(context, x, "demoted", x, "stop", tag::kSeq);
  order_tasks(context, x, "demoted", x, "start", tag::kSeq);
  order_tasks(context, x, "demoted", x, "promote", tag::kSeq);
  order_tasks(context, x, "running", x, "promote", tag::kSeq);
  order_tasks(context, x, "demote", x, "demoted", tag::kSeq);
}

void order_promotable(Context& context, Resource& clone) {
  order_restart_set(context, clone);
  Resource* previous = nullptr;
  for (Resource* instance : clone.children) {
    const bool chained = clone.clone->ordered && previous != nullptr;
    order_tasks(context, *instance, "demote", *instance, "promote", tag::kSeq);
    order_tasks(context, clone, "promote", *instance, "promote", tag::kSeq);
    order_tasks(context, *instance, "promote", clone, "promoted", tag::kSeq);
    if (chained) order_tasks(context, *previous, "promote", *instance, "promote", tag::kSeq);
    order_tasks(context, clone, "demote", *instance, "demote", tag::kShowFirst);
    order_tasks(context, *instance, "demote", clone, "demoted", tag::kShowThen);
    if (chained) order_tasks(context, *instance, "demote", *previous, "demote", tag::kSeq);
    previous = instance;
  }
}

void order_instance(Context& context, Resource& clone, std::size_t number) {
  Resource& instance = *clone.children[number];
  create_implicit_orderings(context, instance);
  order_tasks(context, clone, "start", instance, "start", tag::kBlockThen | tag::kShowFirst);
  order_tasks(context, instance, "start", clone, "running", tag::kShowThen);
  order_tasks(context, clone, "stop", instance, "stop", tag::kShowFirst);
  order_tasks(context, instance, "stop", clone, "stopped", tag::kShowThen);
  if (!clone.clone->ordered) return;
  for (std::size_t later = number + 1; later < clone.children.size(); ++later) {
    order_tasks(context, instance, "start", *clone.children[later], "start", tag::kSeq);
    order_tasks(context, *clone.children[later], "stop", instance, "stop", tag::kSeq);
  }
}

void order_clone(Context& context, Resource& clone) {
  order_tasks(context, clone, "stopped", clone, "start", tag::kSeq);
  order_tasks(context, clone, "start", clone, "running", tag::kBlockThen);
  order_tasks(context, clone, "stop", clone, "stopped", tag::kBlockThen);
  if (clone.promotable) {
    order_tasks(context, clone, "demoted", clone, "stop", tag::kSeq);
    order_tasks(context, clone, "running", clone, "promote", tag::kBlockThen);
  }
  for (std::size_t number = 0; number < clone.children.size(); ++number) {
    order_instance(context, clone, number);
  }
  if (clone.promotable) order_promotable(context, clone);
}

void order_replica(Context& context, Resource& bundle, BundleReplica& replica) {
  Resource& container = *replica.container;
  order_primitive(context, container);
  order_tasks(context, bundle, "start", container, "start", tag::kBlockThen | tag::kShowFirst);
  if (replica.child != nullptr) {
    order_tasks(context, bundle, "stop", *replica.child, "stop", tag::kShowFirst);
  }
  order_tasks(context, bundle, "stop", container, "stop", tag::kShowFirst);
  order_tasks(context, container, "start", bundle, "running", tag::kShowThen);
  order_tasks(context, container, "stop", bundle, "stopped", tag::kShowThen);
  if (replica.ip != nullptr) {
    order_primitive(context, *replica.ip);
    order_tasks(context, *replica.ip, "start", container, "start", tag::kBlockThen | tag::kGuestOk);
    order_tasks(context, container, "stop", *replica.ip, "stop", tag::kPullFirst | tag::kGuestOk);
  }
  if (replica.connection != nullptr) order_primitive(context, *replica.connection);
}

void order_bundle(Context& context, Resource& bundle) {
  for (BundleReplica& replica : bundle.bundle->replica_list) {
    order_replica(context, bundle, replica);
  }
  if (bundle.bundle->inner_clone == nullptr) return;
  Resource& clone = *bundle.bundle->inner_clone;
  order_tasks(context, bundle, "start", clone, "start", tag::kShowFirst);
  order_tasks(context, clone, "running", bundle, "running", tag::kShowThen);
  order_tasks(context, bundle, "stop", clone, "stop", tag::kShowFirst);
  order_tasks(context, clone, "stopped", bundle, "stopped", tag::kShowThen);
  order_clone(context, clone);
  if (!clone.promotable) return;
  order_restart_set(context, bundle);
  order_tasks(context, bundle, "demote", clone, "demote", tag::kShowFirst);
  order_tasks(context, clone, "demoted", bundle, "demoted", tag::kShowThen);
  order_tasks(context, bundle, "promote", clone, "promote", tag::kShowFirst);
  order_tasks(context, clone, "promoted", bundle, "promoted", tag::kShowThen);
}

}  // namespace

void create_implicit_orderings(Context& context, Resource& resource) {
  switch (resource.variant) {
    case model::Variant::kPrimitive:
      return order_primitive(context, resource);
    case model::Variant::kGroup:
      return order_group(context, resource);
    case model::Variant::kClone:
      return order_clone(context, resource);
    case model::Variant::kBundle:
      return order_bundle(context, resource);
  }
}

}  // namespace quorate::scheduler
