#include <algorithm>
#include <string>

#include "scheduler/actions/create.h"
#include "scheduler/actions/edges.h"
#include "scheduler/actions/steps.h"

/// What one tag of an edge does to its two actions (spec/05 §19.2).
namespace quorate::scheduler {

using graph::Action;
using graph::ActionFlags;
using model::Role;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

std::string_view reason_word(ActionFlags cleared) {
  if (cleared == flag::kRunnable) return "unrunnable ";
  return cleared == flag::kMigratable ? "unmigrateable " : "required ";
}

/// Clears a flag of an action because of another, and says so in its reason.
void clear_because(Context& context, Action& action, ActionFlags cleared, const Action& cause) {
  if (!action.has(cleared)) return;
  clear_flags(action, cleared);
  if (action.resource == cause.resource || !action.reason.empty()) return;
  std::string reason(reason_word(cleared));
  if (cause.resource != nullptr) reason.append(cause.resource->id).append(" ");
  reason.append(cause.task);
  set_reason(context, action, reason);
}

struct Pair {
  Context& context;
  Action& first;
  Action& then;
  ActionFlags first_flags;

  bool first_required() const { return (first_flags & flag::kOptional) == 0; }
  bool first_runnable() const { return (first_flags & flag::kRunnable) != 0; }
  void clear_first(ActionFlags cleared) { clear_because(context, first, cleared, then); }
  void clear_then(ActionFlags cleared) { clear_because(context, then, cleared, first); }
};

/// An unrunnable first of an asymmetrical constraint doesn't disturb what is as it should be.
bool is_left_alone(const Action& then) {
  if (then.required()) return false;
  const Role role = role_of(*then.resource);
  if (then.task == "stop") return role == Role::kStopped;
  if (then.task != "start" || role < Role::kStarted) return false;
  const auto nodes = active_nodes(*then.resource);
  return nodes.size() == 1 && nodes.front() == then.node;
}

void apply_one_way(Pair& pair) {
  if (pair.then.resource == nullptr || pair.first.runnable()) return;
  if (is_left_alone(pair.then)) return;
  pair.clear_then(flag::kOptional);
  pair.clear_then(flag::kRunnable);
}

void apply_pull_first(Pair& pair) {
  if (!pair.then.required()) return;
  if (pair.first_required()) pair.clear_first(flag::kOptional);
  if ((pair.first_flags & flag::kMigratable) != 0 && !pair.then.has(flag::kMigratable)) {
    pair.clear_first(flag::kMigratable);
  }
}

void apply_pull_first_promoted(Pair& pair) {
  if (pair.then.resource == nullptr || role_of(*pair.then.resource) != Role::kPromoted ||
      !pair.then.required()) {
    return;
  }
  pair.clear_first(flag::kOptional);
  if (!pair.then.has(flag::kMigratable)) pair.clear_first(flag::kMigratable);
}

void apply_guard_first(Pair& pair) {
  if (!pair.then.has(flag::kMigratable | flag::kRunnable)) pair.clear_first(flag::kRunnable);
  if (pair.then.required()) pair.clear_first(flag::kOptional);
}

void apply_stop_chain(Pair& pair) {
  Action& first = pair.first;
  Action& then = pair.then;
  if (first.resource == nullptr || then.resource == nullptr || !first.resource->is_primitive() ||
      !then.resource->is_primitive()) {
    return;
  }
  const bool blocked_restart =
      !then.runnable() && then.resource->managed && first.resource == then.resource;
  if (!then.required() && !blocked_restart) return;
  if (first.runnable()) pair.clear_first(flag::kOptional);
  if (then.required()) pair.clear_first(flag::kOptional);
  if (!then.has(flag::kMigratable)) pair.clear_first(flag::kMigratable);
  if (first.required() && !first.runnable()) pair.clear_then(flag::kRunnable);
}

void apply_tag(Pair& pair, graph::Tags tag) {
  switch (tag) {
    case tag::kOneWay:
      return apply_one_way(pair);
    case tag::kPullFirst:
      return apply_pull_first(pair);
    case tag::kPullFirstPromoted:
      return apply_pull_first_promoted(pair);
    case tag::kGuardFirst:
      return apply_guard_first(pair);
    case tag::kRealThen:
      if (pair.first.runnable()) return;
      pair.clear_then(flag::kMigratable);
      clear_flags(pair.then, flag::kPseudo);
      return;
    case tag::kBlockThen:
      if (!pair.then.runnable() || pair.first_runnable()) return;
      pair.clear_then(flag::kRunnable);
      pair.clear_then(flag::kMigratable);
      return;
    case tag::kPullThen:
      if (pair.then.required() || !pair.first_required()) return;
      if (!pair.first.has(flag::kMigratable)) pair.clear_then(flag::kOptional);
      return;
    case tag::kStopChain:
      return apply_stop_chain(pair);
    default:
      return;
  }
}

}  // namespace

void clear_flags(Action& action, ActionFlags flags) {
  action.flags &= ~flags;
  model::count_action_changes(action.resource);
}

Changes apply_pair_rules(Context& context, Action& first, Action& then, ActionFlags first_flags,
                         graph::Tags tag) {
  const ActionFlags first_before = first.flags;
  const ActionFlags then_before = then.flags;
  Pair pair{context, first, then, first_flags};
  apply_tag(pair, tag);
  Changes changes;
  changes.first = first.flags != first_before;
  changes.then = then.flags != then_before;
  if (changes.then && then.resource != nullptr && then.resource->parent != nullptr) {
    refresh(context, then);
  }
  return changes;
}

}  // namespace quorate::scheduler
