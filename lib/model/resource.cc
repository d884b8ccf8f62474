#include "model/resource.h"

#include <algorithm>

#include "base/text.h"

namespace quorate::model {

Resource& top_of(Resource& resource) {
  Resource* top = &resource;
  while (top->parent != nullptr && !top->parent->is_bundle()) top = top->parent;
  return *top;
}
const Resource& top_of(const Resource& resource) { return top_of(const_cast<Resource&>(resource)); }

Resource& outermost_of(Resource& resource) {
  Resource* top = &resource;
  while (top->parent != nullptr) top = top->parent;
  return *top;
}
const Resource& outermost_of(const Resource& resource) {
  return outermost_of(const_cast<Resource&>(resource));
}

Resource* bundle_of(const Resource& resource) {
  for (const Resource* at = &resource; at != nullptr; at = at->parent) {
    if (at->is_bundle()) return const_cast<Resource*>(at);
  }
  return nullptr;
}

bool is_descendant_of(const Resource& resource, const Resource& ancestor) {
  for (const Resource* at = resource.parent; at != nullptr; at = at->parent) {
    if (at == &ancestor) return true;
  }
  return false;
}

Role role_of(const Resource& resource) {
  if (resource.is_primitive()) return resource.role;
  if (resource.is_bundle()) return Role::kUnknown;
  Role highest = Role::kUnknown;
  for (const Resource* child : resource.children) highest = std::max(highest, role_of(*child));
  return highest;
}

Role next_role_of(const Resource& resource) {
  if (resource.is_primitive()) return resource.next_role;
  if (resource.is_bundle()) return Role::kUnknown;
  Role highest = Role::kUnknown;
  for (const Resource* child : resource.children) {
    highest = std::max(highest, next_role_of(*child));
  }
  return highest;
}

namespace {

bool is_primitive_active(const Resource& resource) {
  return std::any_of(resource.active.begin(), resource.active.end(), [&](const Node* node) {
    return node->unclean || node->online || !resource.managed;
  });
}

bool is_bundle_active(const Resource& bundle, bool all) {
  for (const BundleReplica& replica : bundle.bundle->replica_list) {
    for (const Resource* part :
         {replica.ip, replica.child, replica.container, replica.connection}) {
      if (part == nullptr) continue;
      const bool active = is_active(*part, all);
      if (active && !all) return true;
      if (!active && all) return false;
    }
  }
  return all;
}

}  // namespace

void count_action_changes(Resource* resource) {
  for (; resource != nullptr; resource = resource->parent) ++resource->action_changes;
}

bool is_active(const Resource& resource, bool all) {
  switch (resource.variant) {
    case Variant::kPrimitive:
      return is_primitive_active(resource);
    case Variant::kBundle:
      return is_bundle_active(resource, all);
    case Variant::kGroup:
    case Variant::kClone:
      break;
  }
  bool any_child = false;
  bool some_active = false;
  for (const Resource* child : resource.children) {
    any_child = true;
    if (is_active(*child, all)) {
      some_active = true;
      if (!all) return true;
    } else if (all) {
      return false;
    }
  }
  if (!all) return some_active;
  return any_child ? some_active : resource.is_clone();
}

std::vector<Node*> active_nodes(const Resource& resource) {
  if (!resource.is_bundle()) return resource.active;
  std::vector<Node*> nodes;
  for (const BundleReplica& replica : resource.bundle->replica_list) {
    for (Node* node : replica.container->active) {
      if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
    }
  }
  return nodes;
}

Node* current_node(const Resource& resource) {
  if (resource.is_bundle()) {
    const Resource* only = nullptr;
    int active_containers = 0;
    for (const BundleReplica& replica : resource.bundle->replica_list) {
      if (!replica.container->active.empty()) {
        only = replica.container;
        ++active_containers;
      }
    }
    if (active_containers == 1) return current_node(*only);
  }
  const std::vector<Node*> nodes = active_nodes(resource);
  if (nodes.empty()) return nullptr;
  if (resource.partial_source != nullptr) {
    const bool listed =
        std::find(nodes.begin(), nodes.end(), resource.partial_source) != nodes.end();
    return listed ? resource.partial_source : nodes.front();
  }
  if (!resource.needs_fencing()) {
    const auto clean = std::find_if(nodes.begin(), nodes.end(),
                                    [](const Node* n) { return n->online && !n->unclean; });
    if (clean != nodes.end()) return *clean;
  }
  return nodes.front();
}

namespace {
/// True as long as all placed primitives share `shared` (null until the first).
bool gather_placed(const Resource& resource, Node*& shared) {
  if (resource.children.empty()) {
    if (!resource.assigned) return true;
    if (shared == nullptr) shared = resource.assigned->node;
    return shared == resource.assigned->node;
  }
  for (const Resource* child : resource.children) {
    if (!gather_placed(*child, shared)) return false;
  }
  return true;
}
}  // namespace

Node* placed_node(const Resource& resource) {
  Node* shared = nullptr;
  return gather_placed(resource, shared) ? shared : nullptr;
}

std::string_view base_name(std::string_view id) {
  const std::size_t last = id.find_last_not_of("0123456789");
  if (last != std::string_view::npos && id[last] == ':' && last + 1 < id.size() && last > 0) {
    return id.substr(0, last);
  }
  return id;
}

void adjust_score(Resource& resource, Node& node, Score score, std::string_view tag,
                  bool is_symmetric_default) {
  if (is_symmetric_default &&
      (resource.exclusive_discovery || node.discovery == Discovery::kNever)) {
    return;
  }
  for (Resource* child : resource.children) {
    adjust_score(*child, node, score, tag, is_symmetric_default);
  }
  NodeEntry* entry = resource.allowed.find(node);
  if (entry == nullptr) {
    entry = &resource.allowed.insert({&node, node.base_score, node.discovery, 0});
  }
  entry->score = add_scores(entry->score, score);
}

std::optional<std::string_view> node_attribute(const Node& node, std::string_view name,
                                               std::optional<std::string_view> target, When when) {
  if (!node.is_guest_or_bundle() || !target || !iequals(*target, "host")) {
    return node.attributes.get(name);
  }
  const Resource& launcher = *node.connection->launcher;
  const Node* host = nullptr;
  if (when == When::kPlanned) {
    host = launcher.assigned ? launcher.assigned->node : nullptr;
  } else if (!launcher.active.empty()) {
    host = launcher.active.front();
  }
  return host == nullptr ? std::nullopt : host->attributes.get(name);
}

}  // namespace quorate::model
