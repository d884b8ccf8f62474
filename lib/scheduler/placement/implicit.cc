#include <algorithm>

#include "scheduler/placement/colocation_lists.h"
#include "scheduler/placement/constraints.h"
#include "scheduler/placement/instances.h"
#include "scheduler/placement/placement.h"

namespace quorate::scheduler {

using model::Resource;

namespace {

constexpr Score kNestingScore = 10'000;

/// Keeps a resource off remote, guest and bundle nodes.
void ban_from_connected_nodes(Context& context, Resource& resource) {
  for (const model::Node* node : context.snapshot.nodes_by_name) {
    if (node->connection == nullptr) continue;
    if (model::NodeEntry* entry = resource.allowed.find(*node)) entry->score = -kInfinity;
  }
  note(context, resource, {Cause::kConnection, {}, nullptr});
}

/// The connection whose node a launched resource has to run on, if its launcher has or is one.
const Resource* connection_of_launcher(const Resource& launcher) {
  if (launcher.is_connection()) return &launcher;
  const auto found =
      std::find_if(launcher.launched.begin(), launcher.launched.end(),
                   [](const Resource* launched) { return launched->is_connection(); });
  return found == launcher.launched.end() ? nullptr : *found;
}

void follow_launcher(Context& context, Resource& resource) {
  Resource& launcher = *resource.launcher;
  if (resource.is_connection()) {
    if (!is_nesting(resource)) ban_from_connected_nodes(context, launcher);
  } else if (const Resource* connection = connection_of_launcher(launcher)) {
    resource.allowed.for_each([&](model::NodeEntry& entry) {
      if (entry.node->connection != connection) entry.score = -kInfinity;
    });
    note(context, resource, {Cause::kConnection, {}, &launcher});
    return;
  }
  add_implicit_colocation(context, "#resource-with-container", resource, launcher,
                          is_nesting(resource) ? kNestingScore : kInfinity);
}

void create_for_primitive(Context& context, Resource& resource) {
  if (!resource.managed) return;
  if (resource.launcher != nullptr) follow_launcher(context, resource);
  if (resource.is_connection() || resource.is_fence_device) {
    ban_from_connected_nodes(context, resource);
  }
}

void create_for_group(Context& context, Resource& group) {
  Resource* previous = nullptr;
  for (Resource* member : group.children) {
    create_implicit_colocations(context, *member);
    if (previous != nullptr && group.group.collocated) {
      add_implicit_colocation(context, "#group-members", *member, *previous, kInfinity,
                              member->critical);
    }
    previous = member;
  }
}

void create_for_bundle(Context& context, Resource& bundle) {
  for (const model::BundleReplica& replica : bundle.bundle->replica_list) {
    if (replica.container == nullptr) continue;
    create_implicit_colocations(context, *replica.container);
    if (replica.ip != nullptr) {
      create_implicit_colocations(context, *replica.ip);
      add_implicit_colocation(context, "#ip-with-container", *replica.ip, *replica.container,
                              kInfinity);
    }
    if (replica.connection != nullptr) create_implicit_colocations(context, *replica.connection);
  }
  if (bundle.bundle->inner_clone != nullptr) {
    create_implicit_colocations(context, *bundle.bundle->inner_clone);
  }
}

}  // namespace

void create_implicit_colocations(Context& context, Resource& resource) {
  switch (resource.variant) {
    case model::Variant::kPrimitive:
      return create_for_primitive(context, resource);
    case model::Variant::kGroup:
      return create_for_group(context, resource);
    case model::Variant::kClone:
      if (resource.clone->ordered) sort_by_instance_number(resource);
      for (Resource* instance : resource.children) create_implicit_colocations(context, *instance);
      return;
    case model::Variant::kBundle:
      return create_for_bundle(context, resource);
  }
}

}  // namespace quorate::scheduler
