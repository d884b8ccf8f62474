#include <algorithm>

#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// Where resources are active (spec/03 §14.4-14.6).
namespace quorate::scheduler {

using model::MultipleActive;
using model::Node;
using model::Resource;

void ban_from_all_nodes(Context& context, Resource& resource) {
  resource.allowed.clear();
  for (Node* node : context.snapshot.nodes_by_name) {
    resource.allowed.insert({node, -kInfinity, node->discovery, 0});
  }
}

namespace {

void raise_priorities(const Resource& resource, Node& node) {
  if (resource.priority == 0) return;
  const Score more = resource.priority + (resource.role == model::Role::kPromoted ? 1 : 0);
  node.priority = add_scores(node.priority, more);
  if (!node.is_guest_or_bundle()) return;
  for (Node* host : node.connection->launcher->active) {
    host->priority = add_scores(host->priority, more);
  }
}

void block(Resource& resource) {
  resource.managed = false;
  resource.blocked = true;
}

void apply_multiple_active(Context& context, Resource& resource) {
  const auto counts = [&resource](const Node* node) {
    return resource.needs_fencing() || (node->online && !node->unclean);
  };
  if (std::count_if(resource.active.begin(), resource.active.end(), counts) < 2) return;
  if (resource.multiple_active == MultipleActive::kStopOnly) {
    ban_from_all_nodes(context, resource);
    note(context, resource, {Cause::kMultiplyActive, {}, nullptr});
  } else if (resource.multiple_active == MultipleActive::kBlock) {
    block(resource);
    note_state(context, resource, {Cause::kMultiplyActive, {}, nullptr});
    Resource* parent = resource.parent;
    if (parent != nullptr && (parent->is_group() || parent->is_bundle()) &&
        parent->multiple_active == MultipleActive::kBlock) {
      for (Resource* sibling : parent->children) block(*sibling);
    }
  }
}

}  // namespace

void add_active(Context& context, Resource& resource, Node& node, bool as_failed) {
  if (std::find(resource.active.begin(), resource.active.end(), &node) != resource.active.end()) {
    return;
  }
  resource.active.push_back(&node);
  if (resource.is_primitive()) {
    node.running.push_back(&resource);
    if (!as_failed) raise_priorities(resource, node);
    if (node.maintenance) {
      resource.managed = false;
      resource.maintenance = true;
    }
  }
  if (!resource.managed) {
    adjust_score(resource, node, kInfinity, "not_managed_default");
    note(context, resource, {Cause::kUnmanaged, {}, nullptr});
    for (Resource* at = resource.parent; at != nullptr; at = at->parent) {
      at->active.push_back(&node);
    }
    return;
  }
  if (resource.is_primitive()) apply_multiple_active(context, resource);
  if (resource.parent != nullptr) add_active(context, *resource.parent, node, false);
}

namespace {

bool is_disabled(const Resource& resource) {
  const auto text = resource.meta.get("target-role");
  if (!text) return false;
  const model::Role role = model::parse_role(*text);
  return role == model::Role::kStopped ||
         (role == model::Role::kUnpromoted && top_of(resource).promotable);
}

void count_leaf(model::ResourceCounts& counts, const Resource& leaf) {
  if (leaf.removed && leaf.role <= model::Role::kStopped) return;
  ++counts.total;
  if (is_disabled(leaf)) ++counts.disabled;
  if (leaf.blocked) ++counts.blocked;
}

void count(model::ResourceCounts& counts, const Resource& resource) {
  if (resource.is_primitive()) return count_leaf(counts, resource);
  if (!resource.is_bundle()) {
    for (const Resource* child : resource.children) count(counts, *child);
    return;
  }
  for (const model::BundleReplica& replica : resource.bundle->replica_list) {
    for (const Resource* part :
         {replica.ip, replica.child, replica.container, replica.connection}) {
      if (part != nullptr) count(counts, *part);
    }
  }
}

}  // namespace

void count_resources(Context& context) {
  for (const Resource* resource : context.snapshot.resources) {
    count(context.snapshot.counts, *resource);
  }
}

}  // namespace quorate::scheduler
