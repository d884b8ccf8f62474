#include "scheduler/placement/constraints.h"
#include "scheduler/placement/listing.h"
#include "scheduler/placement/utilization.h"

namespace quorate::scheduler {

using model::Node;
using model::NodeEntry;
using model::Resource;
using model::Role;

namespace {

/// Actions that exist already when a resource ends up without a node (spec/05 §7.8).
void adapt_actions(Resource& resource) {
  for (graph::Action* action = resource.newest_action; action != nullptr;
       action = action->next_of_resource) {
    if (action->task == "stop") {
      action->flags &= static_cast<graph::ActionFlags>(~graph::flag::kOptional);
    } else if (action->task == "start" ||
               (action->interval_ms != 0 && action->meta.get("op_target_rc") != "7")) {
      action->flags &= static_cast<graph::ActionFlags>(~graph::flag::kRunnable);
    }
  }
  model::count_action_changes(&resource);
}

void commit_nowhere(Resource& resource, bool final) {
  if (!final) return;
  resource.next_role = Role::kStopped;
  adapt_actions(resource);
}

void commit_primitive(Placer& placer, Resource& resource, NodeEntry* entry, bool forced,
                      bool final) {
  if (!forced && entry != nullptr) {
    const bool possible =
        entry->score >= 0 && (entry->node->usable() || entry->node->is_guest_or_bundle());
    if (!possible) {
      entry = nullptr;
      if (final) resource.next_role = Role::kStopped;
    }
  }
  undo(placer, resource);
  resource.open = false;
  if (entry == nullptr) return commit_nowhere(resource, final);
  resource.assigned = *entry;
  Node& node = *entry->node;
  ++node.placed;
  ++entry->count;
  take_capacity(placer.snapshot(), node, resource);
  list_utilization(placer, resource, node);
}

}  // namespace

void commit(Placer& placer, Resource& resource, NodeEntry* entry, bool forced, bool final) {
  if (resource.children.empty()) {
    commit_primitive(placer, resource, entry, forced, final);
    return;
  }
  for (Resource* child : resource.children) commit(placer, *child, entry, forced, final);
}

void undo(Placer& placer, Resource& resource) {
  resource.open = true;
  for (Resource* child : resource.children) undo(placer, *child);
  if (!resource.children.empty() || !resource.assigned) return;
  Node& node = *resource.assigned->node;
  --node.placed;
  give_back_capacity(placer.snapshot(), node, resource);
  resource.assigned.reset();
}

namespace {
std::vector<const Node*> assigned_nodes(const Resource& resource) {
  std::vector<const Node*> nodes;
  if (resource.assigned) nodes.push_back(resource.assigned->node);
  for (const Resource* child : resource.children) {
    const auto beneath = assigned_nodes(*child);
    nodes.insert(nodes.end(), beneath.begin(), beneath.end());
  }
  return nodes;
}
}  // namespace

bool assign_nowhere(Context& context, Resource& resource) {
  const bool changes = !assigned_nodes(resource).empty();
  Placer placer{context};
  commit(placer, resource, nullptr, true, true);
  return changes;
}

}  // namespace quorate::scheduler
