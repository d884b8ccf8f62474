#include <algorithm>
#include <string>
#include <vector>

#include "base/duration.h"
#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/state/history.h"
#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// Requests to fence nodes (spec/03 §8).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::Resource;

namespace {

/// Whether the connection could run on a node that is offline, so that nobody can tell whether the
/// remote node is still in use.
bool has_offline_host(const Node& node) {
  bool found = false;
  node.connection->allowed.for_each(
      [&](const model::NodeEntry& entry) { found = found || !entry.node->online; });
  return found;
}

/// `inside`: the guests whose hosts are being looked at. Histories can claim that guests run on
/// each other: no machine is behind those that could be fenced.
bool can_fence_inside(const model::Snapshot& snapshot, const Node& node,
                      std::vector<const Node*>& inside) {
  if (node.is_guest_or_bundle()) {
    if (std::find(inside.begin(), inside.end(), &node) != inside.end()) return false;
    inside.push_back(&node);
    const auto& hosts = node.connection->launcher->active;
    const bool possible = std::none_of(hosts.begin(), hosts.end(), [&](const Node* host) {
      return !host->online && !can_fence_inside(snapshot, *host, inside);
    });
    inside.pop_back();
    return possible;
  }
  const model::Options& options = snapshot.options;
  if (!options.fencing_enabled || !snapshot.fence_devices_exist) return false;
  if (snapshot.quorate || options.quorum_policy == model::QuorumPolicy::kIgnore) return true;
  if (!node.online) return false;
  return !(node.is_remote_kind() && !options.fence_remote_without_quorum &&
           node.connection != nullptr && has_offline_host(node));
}

}  // namespace

bool can_fence(const model::Snapshot& snapshot, const Node& node) {
  std::vector<const Node*> inside;
  return can_fence_inside(snapshot, node, inside);
}

namespace {

/// Seconds fencing of this node waits for the sake of its priority (spec/03 §8.1).
std::int64_t priority_delay_seconds(const model::Snapshot& snapshot, const Node& node) {
  if (node.is_remote_kind() || node.online) return 0;
  int members = 0;
  int online = 0;
  Score lowest = 0;
  Score highest = 0;
  for (const Node& other : snapshot.nodes) {
    if (other.is_remote_kind()) continue;
    lowest = members == 0 ? other.priority : std::min(lowest, other.priority);
    highest = members == 0 ? other.priority : std::max(highest, other.priority);
    ++members;
    online += other.online ? 1 : 0;
  }
  if (online > members / 2 || lowest == highest || node.priority < highest) return 0;
  return ms_to_seconds(snapshot.options.priority_fencing_delay_ms);
}

graph::Action& create_fence_action(Context& context, Node& node, std::string_view key,
                                   std::string_view action_name) {
  model::Snapshot& snapshot = context.snapshot;
  graph::Action& action = new_action(context, nullptr, key, "stonith", &node, true);
  action.meta.set("on_node", node.name);
  action.meta.set("on_node_uuid", node.id);
  action.meta.set("stonith_action", snapshot.intern(action_name));
  if (snapshot.unfencing_in_use) {
    const UnfencingDigests digests = unfencing_digests(context, node);
    if (digests.changed) {
      action.flags &= ~graph::flag::kOptional;
    }
    action.meta.set("digests-all", snapshot.intern(digests.all));
    action.meta.set("digests-secure", snapshot.intern(digests.secure));
  }
  return action;
}

}  // namespace

graph::Action& fence_action(Context& context, Node& node, std::string_view action_name,
                            bool required, std::string_view reason, bool priority_delay) {
  model::Snapshot& snapshot = context.snapshot;
  if (action_name.empty()) action_name = snapshot.options.fencing_action;
  const std::string key = concat({"stonith-", node.name, "-", action_name});
  graph::Action* action = context.graph.find_free_action(key);
  if (action == nullptr) action = &create_fence_action(context, node, key, action_name);
  if (snapshot.options.priority_fencing_delay_ms > 0 &&
      (priority_delay || action->meta.has("priority-fencing-delay"))) {
    const std::string seconds = std::to_string(priority_delay_seconds(snapshot, node));
    action->meta.set("priority-fencing-delay", snapshot.intern(seconds));
  }
  if (required && can_fence(snapshot, node)) action->flags &= ~graph::flag::kOptional;
  if (!reason.empty() && action->reason.empty()) action->reason = snapshot.intern(reason);
  return *action;
}

namespace {

void reset_guest(Context& context, Node& node, std::string_view reason) {
  model::Snapshot& snapshot = context.snapshot;
  Resource& launcher = *node.connection->launcher;
  if (launcher.failed) return;
  if (!launcher.managed) {
    snapshot.report(MessageClass::kNotice,
                    concat({"Not fencing guest node ", node.name, " (otherwise would because ",
                            reason, "): its guest resource ", launcher.id, " is unmanaged"}));
    return;
  }
  snapshot.report(
      MessageClass::kProcessingWarning,
      concat({"Guest node ", node.name, " will be fenced (by recovering its guest resource ",
              launcher.id, "): ", reason}));
  node.needs_reset = true;
  fail_and_stop(launcher);
}

void report_fencing(Context& context, std::string_view kind, const Node& node,
                    std::string_view reason) {
  const bool possible = can_fence(context.snapshot, node);
  context.snapshot.report(
      MessageClass::kProcessingWarning,
      concat({kind, node.name, possible ? " will be fenced" : " is unclean", ": ", reason}));
}

void fence_remote(Context& context, Node& node, std::string_view reason) {
  if (node.connection != nullptr && !node.connection->managed) {
    context.snapshot.report(MessageClass::kNotice, concat({"Not fencing remote node ", node.name,
                                                           " (otherwise would because ", reason,
                                                           "): connection is unmanaged"}));
  } else if (!node.needs_reset) {
    node.needs_reset = true;
    report_fencing(context, "Remote node ", node, reason);
  }
  node.unclean = true;
  fence_action(context, node, {}, false, reason, false);
}

}  // namespace

void request_fencing(Context& context, Node& node, std::string_view reason, bool priority_delay) {
  if (node.is_guest_or_bundle()) return reset_guest(context, node, reason);
  if (node.is_remote_kind()) {
    if (node.connection != nullptr && node.connection->removed_launched) {
      return fail_and_stop(*node.connection);
    }
    return fence_remote(context, node, reason);
  }
  if (node.unclean) return;
  report_fencing(context, "Cluster node ", node, reason);
  node.unclean = true;
  fence_action(context, node, {}, false, reason, priority_delay);
}

}  // namespace quorate::scheduler
