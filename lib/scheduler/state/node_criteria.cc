#include "base/duration.h"
#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// Steps applied to the state before placement (spec/03 §17).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::Resource;

namespace {

void add_health_location(Context& context, Resource& resource, Node& node, Score health) {
  model::Snapshot& snapshot = context.snapshot;
  if (health < 0 && is_true(resource.meta.get("allow-unhealthy-nodes"))) return;
  model::Location& location = snapshot.location_store.emplace_back();
  location.id = snapshot.options.health_strategy_text;
  location.resource = &resource;
  location.nodes.push_back({&node, health, model::Discovery::kAlways, 0});
  snapshot.locations.push_back(&location);
  resource.locations.insert(resource.locations.begin(), &location);
}

}  // namespace

Score node_health(Context& context, const Node& node) {
  model::Snapshot& snapshot = context.snapshot;
  const model::Options& options = snapshot.options;
  Score sum =
      options.health_strategy == model::HealthStrategy::kProgressive ? options.health_base : 0;
  for (const auto& [name, value] : node.attributes) {
    if (!name.starts_with("#health")) continue;
    if (const auto score = snapshot.parse_score(value)) {
      sum = add_scores(sum, *score);
    } else {
      snapshot.report(MessageClass::kWarning,
                      concat({"Ignoring ", name, " for ", node.name, " because '", value,
                              "' is not a valid score"}));
    }
  }
  return sum;
}

void apply_node_health(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  if (snapshot.options.health_strategy == model::HealthStrategy::kNone) return;
  for (Node* node : snapshot.nodes_by_name) {
    const Score health = node_health(context, *node);
    if (health == 0) continue;
    for (Resource* resource : snapshot.resources) {
      add_health_location(context, *resource, *node, health);
    }
  }
}

namespace {

void find_lock(Context& context, Resource& resource) {
  if (resource.lock_node != nullptr) {
    if (resource.active.empty()) return;
    Node* node = resource.lock_node;
    resource.lock_node = nullptr;
    resource.lock_time = 0;
    delete_history(context, resource, *node, false);
    return;
  }
  if (resource.active.size() != 1) return;
  Node* node = resource.active.front();
  if (!node->shutdown || node->unclean) return;
  resource.lock_node = node;
  resource.lock_time = to_integer(node->attributes.get_or("shutdown", {})).value_or(0);
  if (resource.lock_time == 0) resource.lock_time = context.snapshot.now_seconds;
}

void apply_shutdown_lock(Context& context, Resource& resource) {
  if (resource.is_group()) {
    for (Resource* member : resource.children) apply_shutdown_lock(context, *member);
    return;
  }
  if (!resource.is_primitive() || resource.is_fence_device || resource.is_connection()) return;
  model::Snapshot& snapshot = context.snapshot;
  find_lock(context, resource);
  if (resource.lock_node == nullptr) return;
  if (snapshot.options.shutdown_lock_limit_ms > 0) {
    snapshot.propose_recheck(resource.lock_time +
                             ms_to_seconds(snapshot.options.shutdown_lock_limit_ms) + 1);
  }
  for (Node* node : snapshot.nodes_by_name) {
    if (node != resource.lock_node) adjust_score(resource, *node, -kInfinity, "shutdown-lock");
  }
  note(context, resource, {Cause::kShutdownLock, {}, nullptr});
}

}  // namespace

void apply_shutdown_locks(Context& context) {
  if (!context.snapshot.options.shutdown_lock) return;
  for (Resource* resource : context.snapshot.resources) apply_shutdown_lock(context, *resource);
}

void apply_failure_threshold(Context& context, Resource& resource, Node& node) {
  if (!resource.children.empty()) {
    for (Resource* child : resource.children) apply_failure_threshold(context, *child, node);
    return;
  }
  if (newest_action(resource, "clear_failcount", &node) != nullptr) return;
  if (!threshold_reached(context, resource, node)) return;
  Resource& banned = resource.unique ? resource : top_of(resource);
  context.snapshot.report(MessageClass::kProcessingWarning,
                          concat({banned.id, " cannot run on ", node.name,
                                  " due to reaching migration threshold (clean up resource to "
                                  "allow again)"}));
  adjust_score(banned, node, -kInfinity, "__fail_limit__");
  note(context, banned, {Cause::kFailureLimit, {}, &resource});
}

}  // namespace quorate::scheduler
