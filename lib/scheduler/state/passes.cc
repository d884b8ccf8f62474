#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/state/cache.h"
#include "scheduler/state/reading.h"

/// The order in which nodes' histories are read (spec/03 §9.1).
namespace quorate::scheduler {

using model::Node;
using model::Resource;
using model::Role;

namespace {

bool is_started(const Resource* resource) {
  return resource != nullptr && resource->role == Role::kStarted;
}

/// Is it too early (or of no use) to read this node's history?
bool is_skipped(const model::Options& options, const Node& node, bool with_leftovers) {
  if (with_leftovers) return false;
  if (node.is_guest_or_bundle()) {
    return !is_started(node.connection) || !is_started(node.connection->launcher);
  }
  if (node.is_remote_kind()) {
    return node.connection == nullptr || (!options.shutdown_lock && !is_started(node.connection));
  }
  return !node.online && !options.fencing_enabled && !options.shutdown_lock;
}

/// True if some history was read.
bool read_pass(Context& context, bool with_leftovers) {
  model::Snapshot& snapshot = context.snapshot;
  bool did_something = false;
  for (xml::Element state : xml::children(snapshot.sections.status, "node_state")) {
    const auto id = state.get("id");
    const auto name = state.get("uname");
    if (!id || !name) continue;
    Node* node = snapshot.find_node(*id, *name);
    if (node == nullptr || node->history_read) continue;
    if (is_skipped(snapshot.options, *node, with_leftovers)) continue;
    if (node->is_remote_kind()) {
      determine_remote_online(*node);
      read_remote_node_state(context, *node, state);
    }
    node->history_read = true;
    read_node_history(context, *node, state);
    did_something = true;
  }
  return did_something;
}

void stop_containers(Context& context) {
  auto& containers = cache_of(context).containers_to_stop;
  for (auto it = containers.rbegin(); it != containers.rend(); ++it) {
    if (Node* node = current_node(**it)) resource_action(context, **it, "stop", node, false);
  }
  containers.clear();
}

}  // namespace

void read_histories(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  while (read_pass(context, false)) {
  }
  read_pass(context, snapshot.options.fencing_enabled);
  stop_containers(context);
  for (Node* node : snapshot.nodes_by_name) {
    if (!node->is_remote_kind()) continue;
    if (node->shutdown && node->connection != nullptr) {
      node->connection->next_role = Role::kStopped;
    }
    if (!node->history_read) determine_remote_online(*node);
  }
}

}  // namespace quorate::scheduler
