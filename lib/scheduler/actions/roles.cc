#include <algorithm>
#include <string>

#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"
#include "scheduler/state/state.h"

/// Role transitions of one primitive (spec/05 §7).
namespace quorate::scheduler {

using graph::Action;
using model::MultipleActive;
using model::Node;
using model::Resource;
using model::Role;
namespace flag = graph::flag;

namespace {

/// What one walk of the actions of a primitive needs to know.
struct Transition {
  Context& context;
  Resource& resource;
  Node* assigned = nullptr;
  Node* current = nullptr;
  bool moving = false;
  bool migrates = false;
  bool need_stop = false;
  bool need_promote = false;
  bool restarting = false;

  /// The instance there is the one that stays of several (spec/05 §7.4).
  bool is_expected(const Node* node) const {
    return resource.stop_unexpected && restarting && resource.next_role > Role::kStopped &&
           node == assigned;
  }
};

/// The next role on the way from `from` to `goal`.
Role next_step(Role from, Role goal) {
  using enum Role;
  switch (from) {
    case kUnknown:
      return kStopped;
    case kStopped:
      return goal == kPromoted ? kUnpromoted : goal;
    case kStarted:
      return goal;
    case kUnpromoted:
      return goal == kStarted ? kStopped : goal;
    case kPromoted:
      return goal == kPromoted ? kPromoted : kUnpromoted;
  }
  return kStopped;
}

void stop(Transition& transition, bool optional) {
  Context& context = transition.context;
  Resource& resource = transition.resource;
  for (Node* node : resource.active) {
    if (transition.is_expected(node)) continue;
    if (resource.partial_target != nullptr) {
      if (node == resource.partial_target && node == transition.assigned) continue;
      optional = false;
    }
    Action& action = resource_action(context, resource, "stop", node, optional);
    if (transition.assigned == nullptr) {
      set_reason(context, action, "node availability", true);
    } else if (transition.restarting && resource.stop_unexpected) {
      set_reason(context, action, "being multiply active", true);
    }
    if (!resource.managed) action.flags &= ~flag::kRunnable;
    if (resource.needs == model::Requires::kUnfencing) {
      Action& unfence = fence_action(context, *node, "on", false, {}, false);
      context.graph.add_edge(action, unfence, graph::tag::kPullFirst);
    }
  }
}

void start(Transition& transition, bool optional) {
  Resource& resource = transition.resource;
  Action& action =
      resource_action(transition.context, resource, "start", transition.assigned, true);
  if (transition.assigned != nullptr) {
    order_after_unfencing(transition.context, resource, *transition.assigned, action,
                          graph::tag::kPullThen);
  }
  if (action.runnable() && !optional) action.flags &= ~flag::kOptional;
  if (transition.is_expected(transition.assigned)) action.flags |= flag::kPseudo;
}

void promote(Transition& transition, bool optional) {
  if (transition.assigned == nullptr) return;
  Context& context = transition.context;
  Resource& resource = transition.resource;
  Node& node = *transition.assigned;
  const std::vector<Action*> starts = all_actions_exact(context, resource, "start", node);
  if (std::any_of(starts.begin(), starts.end(), [](Action* a) { return !a->runnable(); })) {
    for (Action* action : all_actions_exact(context, resource, "promote", node)) {
      action->flags &= ~flag::kRunnable;
    }
    return;
  }
  Action& action = resource_action(context, resource, "promote", &node, optional);
  if (transition.is_expected(&node)) action.flags |= flag::kPseudo;
}

void demote(Transition& transition, bool optional) {
  for (Node* node : transition.resource.active) {
    if (transition.is_expected(node)) continue;
    resource_action(transition.context, transition.resource, "demote", node, optional);
  }
}

/// Does one step; false if there is nothing to do or no way, which ends the walk.
bool do_step(Transition& transition, Role from, Role to, bool optional) {
  using enum Role;
  if (from == kPromoted && to != kPromoted && to != kUnknown) {
    demote(transition, optional);
  } else if (to == kStopped && from != kStopped) {
    stop(transition, optional);
  } else if (from == kStopped && (to == kStarted || to == kUnpromoted)) {
    start(transition, optional);
  } else if (from == kUnpromoted && to == kStarted) {
    stop(transition, optional);
  } else if ((from == kStarted || from == kUnpromoted) && to == kPromoted) {
    promote(transition, optional);
  } else {
    return false;
  }
  return true;
}

std::string_view recovery_text(MultipleActive policy) {
  switch (policy) {
    case MultipleActive::kStopOnly:
      return "shutting it down";
    case MultipleActive::kStopStart:
      return "attempting recovery";
    case MultipleActive::kBlock:
      return "waiting for an administrator";
    case MultipleActive::kStopUnexpected:
      return "stopping unexpected instances";
  }
  return {};
}

void recover_multiply_active(Transition& transition, std::size_t count) {
  Resource& resource = transition.resource;
  std::string text;
  text.append(resource.standard)
      .append(" resource ")
      .append(resource.id)
      .append(" might be active on ")
      .append(std::to_string(count))
      .append(" nodes (")
      .append(recovery_text(resource.multiple_active))
      .append(")");
  transition.context.snapshot.report(model::MessageClass::kProcessingError, std::move(text));
  if (resource.multiple_active == MultipleActive::kStopStart) transition.need_stop = true;
  if (resource.multiple_active == MultipleActive::kStopUnexpected) {
    transition.need_stop = true;
    resource.stop_unexpected = true;
  }
}

/// Step 5 and 6: a live migration that goes on, one that doesn't, or several active instances.
void judge_active_nodes(Transition& transition) {
  Resource& resource = transition.resource;
  const std::size_t all = resource.active.size();
  const auto clean = static_cast<std::size_t>(
      std::count_if(resource.active.begin(), resource.active.end(),
                    [](const Node* node) { return node->online && !node->unclean; }));
  const bool partial = resource.partial_source != nullptr || resource.partial_target != nullptr;
  const bool continues = resource.partial_source != nullptr && resource.partial_target != nullptr &&
                         transition.migrates && all == 2 &&
                         transition.current == resource.partial_source &&
                         transition.assigned == resource.partial_target;
  bool multiply_active = false;
  if (partial && !continues) {
    transition.need_stop = true;
    resource.partial_source = nullptr;
    resource.partial_target = nullptr;
    transition.migrates = false;
  } else if (!partial) {
    multiply_active = (resource.needs_fencing() ? all : clean) > 1;
  }
  if (multiply_active) {
    recover_multiply_active(transition, all);
  } else {
    resource.stop_unexpected = false;
  }
}

/// Steps 7 and 8: what a resource that doesn't move must do again.
void judge_current_state(Transition& transition) {
  Context& context = transition.context;
  Resource& resource = transition.resource;
  if (resource.start_pending) {
    Action& action = resource_action(context, resource, "start", transition.assigned, true);
    action.flags |= flag::kShown;
  }
  if (transition.moving) return;
  if (resource.failed) {
    if (resource.must_stop) {
      transition.need_stop = true;
    } else if (resource.next_role == Role::kPromoted) {
      transition.need_promote = true;
    }
  } else if (resource.blocked) {
    transition.need_stop = true;
  } else if (resource.role > Role::kStarted && transition.current != nullptr &&
             transition.assigned != nullptr) {
    Action& action = resource_action(context, resource, "start", transition.assigned, true);
    if (action.required()) transition.need_stop = true;
  }
}

/// Step 9: down to Stopped and back up to the current role.
void walk_down_and_up(Transition& transition) {
  Resource& resource = transition.resource;
  Role role = resource.role;
  transition.restarting = true;
  while (role != Role::kStopped) {
    const Role to = next_step(role, Role::kStopped);
    if (!do_step(transition, role, to, !transition.need_stop)) break;
    role = to;
  }
  while (resource.role <= resource.next_role && role != resource.role && !resource.blocked) {
    const Role to = next_step(role, resource.role);
    const bool required =
        transition.need_stop || (to == Role::kPromoted && transition.need_promote);
    if (!do_step(transition, role, to, !required)) break;
    role = to;
  }
  transition.restarting = false;
}

/// Step 10: from the current role to the next.
void walk_to_next_role(Transition& transition) {
  const Resource& resource = transition.resource;
  Role role = resource.role;
  while (role != resource.next_role) {
    const Role to = next_step(role, resource.next_role);
    if (!do_step(transition, role, to, false)) break;
    role = to;
  }
}

}  // namespace

void create_primitive_actions(Context& context, Resource& resource) {
  Transition transition{context, resource};
  if (resource.assigned) transition.assigned = resource.assigned->node;
  if (resource.next_role == Role::kUnknown) {
    resource.next_role = transition.assigned == nullptr ? Role::kStopped : Role::kStarted;
  }
  transition.current = current_node(resource);
  for (Node* node : resource.dangling_sources) {
    Action& action = resource_action(context, resource, "stop", node, false);
    action.flags |= flag::kMigrationAbort;
  }
  transition.moving = transition.current != nullptr && transition.assigned != nullptr &&
                      transition.current != transition.assigned &&
                      resource.next_role >= Role::kStarted;
  if (transition.moving) {
    transition.need_stop = true;
    transition.migrates = may_migrate(resource, transition.current);
  }
  judge_active_nodes(transition);
  judge_current_state(transition);
  walk_down_and_up(transition);
  walk_to_next_role(transition);
  create_recurring_actions(context, resource);
  if (transition.migrates) create_migration_actions(context, resource, *transition.current);
}

}  // namespace quorate::scheduler
