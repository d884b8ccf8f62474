#include <algorithm>

#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"
#include "scheduler/state/state.h"

/// Which resources are probed on which nodes (spec/05 §8).
namespace quorate::scheduler {

using graph::Action;
using graph::Tags;
using model::BundleReplica;
using model::Discovery;
using model::Node;
using model::Resource;
using model::Role;
namespace tag = graph::tag;

namespace {

bool contains(const std::vector<Node*>& nodes, const Node* node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

bool creates_guest(const Resource& resource) {
  return std::any_of(resource.launched.begin(), resource.launched.end(),
                     [](const Resource* launched) { return launched->is_connection(); });
}

Discovery discovery_on(const Resource& resource, const Node& node) {
  const model::NodeEntry* entry = resource.allowed.find(node);
  return entry == nullptr ? node.discovery : entry->discovery;
}

/// Kinds of resources that can't be on kinds of nodes (spec/05 §8.2 (2)).
bool is_impossible_on(const Resource& resource, const Node& node) {
  if (!node.is_remote_kind()) return false;
  if (resource.is_fence_device || resource.is_connection()) return true;
  return node.is_guest_or_bundle() && creates_guest(resource);
}

bool is_excluded_by_discovery(const Resource& resource, const Node& node) {
  if (resource.exclusive_discovery || top_of(resource).exclusive_discovery) {
    const model::NodeEntry* entry = resource.allowed.find(node);
    if (entry == nullptr || entry->discovery != Discovery::kExclusive) return true;
  }
  return discovery_on(resource, node) == Discovery::kNever;
}

/// On a guest that isn't up or won't stay, nothing needs a probe; what would be started there waits
/// until that is certain (spec/05 §8.2 (9), (10)).
bool is_settled_by_guest(Context& context, Resource& resource, const Node& node) {
  if (!node.is_guest_or_bundle()) return false;
  Resource& guest = *node.connection->launcher;
  Node* assigned = guest.assigned ? guest.assigned->node : nullptr;
  Resource& top = top_of(resource);
  if (guest.role == Role::kStopped) {
    if (assigned != nullptr && !contains(guest.known_on, assigned)) {
      order_tasks(context, guest, "monitor", top, "start", tag::kSeq);
    }
    return true;
  }
  const bool leaves = is_active(guest, false) && !contains(guest.active, assigned);
  if (node.needs_reset || node.unclean || guest.failed || guest.next_role == Role::kStopped ||
      leaves) {
    order_tasks(context, guest, "stop", top, "start", tag::kSeq);
    return true;
  }
  return false;
}

void set_expected_result(const Resource& resource, const Node& node, Action& probe) {
  if (!contains(resource.active, &node)) {
    probe.meta.set("op_target_rc", "7");
  } else if (resource.role == Role::kPromoted) {
    probe.meta.set("op_target_rc", "8");
  }
}

void order_probe(Context& context, Resource& resource, Action& probe) {
  Resource& top = top_of(resource);
  Resource& then = top.is_clone() ? top : resource;
  const bool blocks = !probe.runnable() && active_nodes(then).empty();
  order_action_then(context, probe, then, "start", tag::kSeq | (blocks ? tag::kBlockThen : 0));
  // A reload was scheduled before probes or never; without one there is nothing to order.
  const std::string_view reload = key_of(context, resource, "reload-agent");
  if (newest_action(then, reload) == nullptr) return;
  graph::Relation relation;
  relation.first_action = &probe;
  relation.then_resource = &then;
  relation.then_key = reload;
  relation.tags = tag::kSeq;
  add_relation(context, relation);
}

bool probe_primitive(Context& context, Resource& resource, Node& node) {
  if (resource.launcher != nullptr && !resource.is_connection()) return false;
  if (resource.removed || contains(resource.known_on, &node)) return false;
  if (is_excluded_by_discovery(resource, node)) return false;
  if (is_settled_by_guest(context, resource, node)) return false;
  Action& probe = resource_action(context, resource, "monitor", &node, false);
  probe.flags &= ~graph::flag::kOptional;
  order_after_unfencing(context, resource, node, probe, tag::kSeq);
  set_expected_result(resource, node, probe);
  order_probe(context, resource, probe);
  return true;
}

bool probe(Context& context, Resource& resource, Node& node);

/// Its state or that of a member is known there.
bool is_probed(const Resource& resource, const Node& node) {
  if (contains(resource.known_on, &node)) return true;
  return std::any_of(resource.children.begin(), resource.children.end(),
                     [&](const Resource* child) { return is_probed(*child, node); });
}

Resource* instance_to_probe(Resource& clone, const Node& node) {
  for (Resource* instance : clone.children) {
    if (is_probed(*instance, node)) return instance;
  }
  for (Resource* instance : clone.children) {
    if (placed_node(*instance) == &node) return instance;
  }
  return clone.children.empty() ? nullptr : clone.children.front();
}

bool probe_clone(Context& context, Resource& clone, Node& node) {
  if (clone.exclusive_discovery) {
    const model::NodeEntry* entry = clone.allowed.find(node);
    if (entry == nullptr || entry->discovery != Discovery::kExclusive) {
      clone.allowed.erase(node.index);
      return false;
    }
  }
  const auto by_number = [](const Resource* a, const Resource* b) {
    return a->instance_number < b->instance_number;
  };
  if (!std::is_sorted(clone.children.begin(), clone.children.end(), by_number)) {
    std::stable_sort(clone.children.begin(), clone.children.end(), by_number);
  }
  if (clone.is_anonymous_clone()) {
    Resource* instance = instance_to_probe(clone, node);
    return instance != nullptr && probe(context, *instance, node);
  }
  bool any = false;
  for (Resource* instance : clone.children) any |= probe(context, *instance, node);
  return any;
}

bool probe_container(Context& context, Resource& bundle, BundleReplica& replica, Node& node) {
  if (!probe(context, *replica.container, node)) return false;
  if (bundle.bundle->replicas_per_host != 1) return true;
  for (BundleReplica& other : bundle.bundle->replica_list) {
    if (&other == &replica) continue;
    order_tasks(context, *replica.container, "monitor", *other.container, "start",
                tag::kSeq | tag::kSameNode);
  }
  return true;
}

bool probe_bundle(Context& context, Resource& bundle, Node& node) {
  bool any = false;
  for (BundleReplica& replica : bundle.bundle->replica_list) {
    if (replica.ip != nullptr) any |= probe(context, *replica.ip, node);
    if (replica.child != nullptr && replica.node == &node) {
      any |= probe(context, *replica.child, node);
    }
    any |= probe_container(context, bundle, replica, node);
    if (replica.connection == nullptr || !probe(context, *replica.connection, node)) continue;
    any = true;
    Action* created =
        find_exact(*replica.connection, key_of(context, *replica.connection, "monitor"), &node);
    if (created != nullptr) {
      order_task_then(context, *replica.container, "start", *created, tag::kNestedProbe);
    }
  }
  return any;
}

/// True if any probe was created.
bool probe(Context& context, Resource& resource, Node& node) {
  if (resource.is_clone()) return probe_clone(context, resource, node);
  if (resource.is_bundle()) return probe_bundle(context, resource, node);
  if (is_impossible_on(resource, node)) return false;
  if (resource.is_primitive()) return probe_primitive(context, resource, node);
  bool any = false;
  for (Resource* member : resource.children) any |= probe(context, *member, node);
  return any;
}

void fence_if_unrecoverable(Context& context, Node& node) {
  if (node.is_remote() && connection_state(node) == ConnectionState::kFailed) {
    request_fencing(context, node, "the connection is unrecoverable");
  }
}

}  // namespace

void create_probes(Context& context) {
  for (Node* node : context.snapshot.nodes_by_name) {
    if (!node->online) {
      fence_if_unrecoverable(context, *node);
      continue;
    }
    if (node->unclean || !node->probes_allowed) continue;
    for (Resource* resource : context.snapshot.resources) probe(context, *resource, *node);
  }
}

}  // namespace quorate::scheduler
