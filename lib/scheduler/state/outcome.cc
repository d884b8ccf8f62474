#include <algorithm>

#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/state/cache.h"
#include "scheduler/state/history.h"

/// What a resource's result on one node means for resource and node (spec/03 §14.1, §14.2).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::OnFail;
using model::Resource;
using model::Role;

void fail_and_stop(Resource& resource) {
  resource.failed = true;
  resource.must_stop = true;
}

namespace {

void mark_known(Resource& resource, Node& node) {
  for (Resource* at = &resource; at != nullptr; at = at->parent) {
    if (std::find(at->known_on.begin(), at->known_on.end(), &node) == at->known_on.end()) {
      at->known_on.push_back(&node);
    }
    if (at->unique) return;
  }
}

/// Something runs on a node nobody can ask: it has to be fenced.
void fence_unreachable(Context& context, Resource& resource, Node& node) {
  std::string reason = concat({resource.id, " is thought to be active there"});
  if (node.is_guest_or_bundle()) {
    fail_and_stop(resource);
  } else if (!context.snapshot.options.fencing_enabled) {
    return;
  } else if (node.is_remote() && node.connection != nullptr && !node.connection->failed) {
    node.seen = false;
    reason = concat({resource.id,
                     " is active there (fencing will be revoked if remote connection can be "
                     "re-established elsewhere)"});
  }
  request_fencing(context, node, reason);
}

void reset_remote(Context& context, Resource& resource, Node& node, bool active) {
  fail_and_stop(resource);
  if (context.snapshot.options.fencing_enabled && resource.is_connection()) {
    Node* remote = context.snapshot.find_node_by_name(resource.id);
    if (remote != nullptr && remote->is_remote() && !remote->was_fenced) {
      request_fencing(context, *remote, "remote connection is unrecoverable");
    }
  }
  if (active) resource_action(context, resource, "stop", &node, false);
  if (resource.reconnect_interval_ms != 0) resource.next_role = Role::kStopped;
}

void restart_container(Context& context, Resource& resource, Node& node, bool active) {
  fail_and_stop(resource);
  if (resource.launcher != nullptr && bundle_of(resource) != nullptr) {
    cache_of(context).containers_to_stop.push_back(resource.launcher);
  } else if (resource.launcher != nullptr) {
    resource_action(context, *resource.launcher, "stop", &node, false);
  } else if (active) {
    resource_action(context, resource, "stop", &node, false);
  }
}

void apply_policy(Context& context, Resource& resource, Node& node, OnFail policy, bool active) {
  switch (policy) {
    case OnFail::kIgnore:
      return;
    case OnFail::kDemote:
      resource.failed = true;
      resource_action(context, resource, "demote", &node, false);
      return;
    case OnFail::kFence:
      return request_fencing(context, node, concat({resource.id, " failed there"}));
    case OnFail::kStandby:
      node.standby = true;
      node.standby_on_failure = true;
      return;
    case OnFail::kBlock:
      resource.managed = false;
      resource.blocked = true;
      return note_state(context, resource, {Cause::kOnFail, "block", &resource});
    case OnFail::kBan:
      adjust_score(resource, node, -kInfinity, "__action_migration_auto__");
      return note(context, resource, {Cause::kOnFail, "ban", &resource});
    case OnFail::kStop:
      resource.next_role = Role::kStopped;
      return note_state(context, resource, {Cause::kOnFail, "stop", &resource});
    case OnFail::kRestart:
      if (!active) return;
      fail_and_stop(resource);
      resource_action(context, resource, "stop", &node, false);
      return;
    case OnFail::kRestartContainer:
      return restart_container(context, resource, node, active);
    case OnFail::kResetRemote:
      return reset_remote(context, resource, node, active);
  }
}

void report_removed(Context& context, const Resource& resource, const Node& node) {
  const bool stops = context.snapshot.options.stop_removed_resources;
  context.snapshot.report(
      MessageClass::kNotice,
      stops ? concat({"Removed resource ", resource.id, " is active on ", node.name,
                      " and will be stopped when possible"})
            : concat({"Removed resource ", resource.id, " must be stopped manually on ", node.name,
                      " because stop-removed-resources is set to false"}));
}

void apply_active(const ResourceHistory& history, OnFail policy) {
  Resource& resource = history.resource;
  if (resource.removed) report_removed(history.context, resource, history.node);
  add_active(history.context, resource, history.node, history.policy != OnFail::kIgnore);
  if (policy == OnFail::kIgnore) return;
  resource.failed = true;
  if (policy != OnFail::kDemote && policy != OnFail::kBlock) resource.must_stop = true;
}

void apply_inactive(const ResourceHistory& history) {
  Resource& resource = history.resource;
  if (resource.history_id.find(':') != std::string_view::npos) {
    history.context.snapshot.set_history_id(resource, {});
    return;
  }
  if (resource.newest_action == nullptr) return;
  for (graph::Action* stop : all_actions(history.context, resource, "stop", &history.node)) {
    stop->flags |= graph::flag::kOptional;
  }
}

}  // namespace

void apply_history(ResourceHistory& history) {
  Context& context = history.context;
  Resource& resource = history.resource;
  Node& node = history.node;
  if (resource.role != Role::kUnknown) mark_known(resource, node);
  const bool active = resource.role > Role::kStopped;
  if (active && !node.online && !node.maintenance && resource.managed) {
    fence_unreachable(context, resource, node);
  }
  const OnFail policy = node.unclean ? OnFail::kIgnore : history.policy;
  apply_policy(context, resource, node, policy, active);
  if (resource.failed && resource.is_connection()) {
    Node* remote = context.snapshot.find_node_by_name(resource.id);
    if (remote != nullptr && remote->unclean) remote->seen = true;
  }
  if (active) {
    apply_active(history, policy);
  } else {
    apply_inactive(history);
  }
  if (resource.role == Role::kStopped && !resource.active.empty() &&
      resource.partial_target != nullptr && resource.partial_source == &node) {
    resource.role = Role::kStarted;
  }
}

}  // namespace quorate::scheduler
