#include "scheduler/placement/compatible.h"

#include "scheduler/placement/attribute_view.h"
#include "scheduler/placement/node_order.h"
#include "scheduler/placement/placer.h"

namespace quorate::scheduler {

using model::Node;
using model::Resource;
using model::Role;

namespace {

/// The instances that may be compatible: a clone's, or a bundle's containers.
std::vector<Resource*> instances_of(const Resource& collective) {
  if (!collective.is_bundle()) return collective.children;
  std::vector<Resource*> containers;
  for (const model::BundleReplica& replica : collective.bundle->replica_list) {
    if (replica.container != nullptr) containers.push_back(replica.container);
  }
  return containers;
}

/// What an instance has to be to match.
struct Wanted {
  Role role = Role::kUnknown;
  std::optional<std::string_view> attribute;
  bool current = false;  ///< where it is now rather than where it will be
};

const Node* location_of(const Resource& resource, bool current) {
  return current ? model::current_node(resource) : model::placed_node(resource);
}

Resource* first_match(const std::vector<Resource*>& instances, const Node& node,
                      const Wanted& wanted) {
  for (Resource* instance : instances) {
    if (wanted.role != Role::kUnknown) {
      const Role role = wanted.current ? model::role_of(*instance) : model::next_role_of(*instance);
      if (role != wanted.role) continue;
    }
    if (is_blocked(*instance)) continue;
    const Node* located = location_of(*instance, wanted.current);
    if (located == nullptr) continue;
    if (!wanted.attribute) {
      if (located == &node) return instance;
      continue;
    }
    const AttributeView view(*wanted.attribute, instance);
    if (same_value(view.of(*located), view.of(node))) return instance;
  }
  return nullptr;
}

Resource* search(Context& context, const Resource& resource, Resource& collective,
                 const Wanted& wanted) {
  const std::vector<Resource*> instances = instances_of(collective);
  if (const Node* node = location_of(resource, wanted.current)) {
    return first_match(instances, *node, wanted);
  }
  for (const model::NodeEntry* entry : nodes_in_placement_order(context, resource)) {
    if (Resource* found = first_match(instances, *entry->node, wanted)) return found;
  }
  return nullptr;
}

/// A bundle node's host, null if its container isn't placed; any other node itself.
const Node* host_of(const Node* node) {
  if (node == nullptr || !node->is_bundle()) return node;
  return model::placed_node(*node->connection->launcher);
}

}  // namespace

Resource* find_compatible(Context& context, const Resource& resource, Resource& collective,
                          Role role, std::optional<std::string_view> attribute) {
  return search(context, resource, collective, {role, attribute, false});
}

Resource* compatible_instance(Context& context, const Resource& resource, Resource& collective,
                              Role role, bool current) {
  return search(context, resource, collective, {role, std::nullopt, current});
}

Resource* find_container(Context& context, const Resource& resource, Resource& bundle) {
  const std::vector<Resource*> containers = instances_of(bundle);
  if (const Node* node = host_of(model::placed_node(resource))) {
    return first_match(containers, *node, {});
  }
  for (const model::NodeEntry* entry : nodes_in_placement_order(context, resource)) {
    const Node* host = host_of(entry->node);
    if (host == nullptr) continue;
    if (Resource* found = first_match(containers, *host, {})) return found;
  }
  return nullptr;
}

Score assigned_score(const Resource& resource) {
  if (resource.children.empty()) return resource.assigned ? resource.assigned->score : -kInfinity;
  for (const Resource* child : resource.children) {
    if (model::placed_node(*child) != nullptr) return assigned_score(*child);
  }
  return -kInfinity;
}

}  // namespace quorate::scheduler
