#include "scheduler/actions/create.h"
#include "scheduler/state/state.h"

/// When a resource action may be executed (spec/05 §4).
namespace quorate::scheduler {

using graph::Action;
using model::Node;
using model::QuorumPolicy;
using model::Resource;
using model::Role;

namespace {

void set_runnable(Action& action, bool runnable) {
  if (runnable) {
    action.flags |= graph::flag::kRunnable;
  } else {
    action.flags &= ~graph::flag::kRunnable;
  }
}

/// The quorum policy that counts for this resource now (spec/05 §4.2). Policy `demote` may lower
/// the resource's next role.
QuorumPolicy effective_policy(const model::Snapshot& snapshot, Resource& resource) {
  if (snapshot.quorate) return QuorumPolicy::kIgnore;
  const QuorumPolicy policy = snapshot.options.quorum_policy;
  if (policy != QuorumPolicy::kDemote) return policy;
  const Role role = role_of(resource);
  if (role != Role::kPromoted && role != Role::kUnpromoted) return QuorumPolicy::kStop;
  if (resource.next_role > Role::kUnpromoted) resource.next_role = Role::kUnpromoted;
  return QuorumPolicy::kIgnore;
}

void apply_quorum(Context& context, Action& action) {
  Resource& resource = *action.resource;
  switch (effective_policy(context.snapshot, resource)) {
    case QuorumPolicy::kStop:
      set_runnable(action, false);
      set_reason(context, action, "no quorum", true);
      return;
    case QuorumPolicy::kFreeze:
      if (!is_active(resource, true) || next_role_of(resource) > role_of(resource)) {
        set_runnable(action, false);
        set_reason(context, action, "quorum freeze", true);
      }
      return;
    default:
      set_runnable(action, true);
  }
}

}  // namespace

void update_runnable(Context& context, Action& action) {
  if (action.pseudo() || action.resource == nullptr) return;
  if (action.node == nullptr) {
    set_runnable(action, false);
    return;
  }
  Node& node = *action.node;
  const bool on_dc = action.has(graph::flag::kOnDc);
  if (!on_dc && !node.online && !(node.is_guest_or_bundle() && !node.needs_reset)) {
    set_runnable(action, false);
    if (action.resource->managed && action.task == "stop" && !node.unclean) {
      request_fencing(context, node, "stop is unrunnable");
    }
    return;
  }
  if (!on_dc && node.pending) {
    set_runnable(action, false);
    return;
  }
  if (action.needs == graph::Needs::kNothing) {
    action.reason = {};
    set_runnable(action, !node.is_guest_or_bundle() || can_fence(context.snapshot, node));
    return;
  }
  apply_quorum(context, action);
}

}  // namespace quorate::scheduler
