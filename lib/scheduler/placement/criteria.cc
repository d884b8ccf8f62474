#include "scheduler/placement/constraints.h"
#include "scheduler/placement/placement.h"
#include "scheduler/state/state.h"

namespace quorate::scheduler {

using model::Discovery;
using model::Node;
using model::Resource;

namespace {

/// Keeps a resource where it is (spec/04 §8.3).
void add_stickiness(Context& context, Resource& resource) {
  if (!resource.children.empty()) {
    for (Resource* child : resource.children) add_stickiness(context, *child);
    return;
  }
  if (!resource.managed || resource.stickiness < 1 || resource.active.size() != 1) return;
  Node& node = *resource.active.front();
  if (!context.snapshot.options.symmetric_cluster && resource.allowed.find(node) == nullptr) {
    return;
  }
  model::adjust_score(resource, node, resource.stickiness, "stickiness");
  note(context, resource, {Cause::kStickiness, {}, nullptr});
}

/// Bans a resource from a node that isn't one of those a constraint makes exclusive (spec/04 §8.4).
void apply_exclusive_discovery(const Context& context, Resource& resource, const Node& node) {
  if (!resource.exclusive_discovery && !model::top_of(resource).exclusive_discovery) return;
  for (Resource* child : resource.children) apply_exclusive_discovery(context, *child, node);
  model::NodeEntry* entry = resource.allowed.find(node);
  if (entry != nullptr && entry->discovery != Discovery::kExclusive) entry->score = -kInfinity;
  note(context, resource, {Cause::kDiscovery, {}, nullptr});
}

}  // namespace

void apply_node_criteria(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  apply_shutdown_locks(context);
  for (auto at = snapshot.locations.rbegin(); at != snapshot.locations.rend(); ++at) {
    model::Location& location = **at;
    apply_location(location, *location.resource);
    const bool health = location.id.data() == snapshot.options.health_strategy_text.data();
    note(context, *location.resource,
         {health ? Cause::kHealth : Cause::kLocation, location.id, nullptr});
  }
  for (Resource* resource : snapshot.resources) add_stickiness(context, *resource);
  for (Node* node : snapshot.nodes_by_name) {
    for (Resource* resource : snapshot.resources) {
      apply_failure_threshold(context, *resource, *node);
      apply_exclusive_discovery(context, *resource, *node);
    }
  }
}

}  // namespace quorate::scheduler
