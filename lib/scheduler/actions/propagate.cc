#include <string>

#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/edges.h"
#include "scheduler/actions/steps.h"
#include "scheduler/placement/placement.h"

/// How orderings change actions until nothing changes any more (spec/05 §18.4, §19.1, §19.3).
namespace quorate::scheduler {

using graph::Action;
using graph::ActionFlags;
using graph::Edge;
using model::Node;
using model::Resource;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

void clear(Action& action, ActionFlags flags, bool& changed) {
  if ((action.flags & flags) == 0) return;
  clear_flags(action, flags);
  changed = true;
}

/// Whose completion an edge from a collective resource really waits for (spec/05 §19.6).
Action* remap(Context& context, Action& first) {
  Resource* resource = first.resource;
  if (resource == nullptr || resource->is_primitive() || first.interval_ms != 0) return &first;
  if (first.key.find("notify") != std::string_view::npos) return &first;
  const std::string_view completed = completed_task(first.task);
  const bool is_completed = completed == first.task;
  if (is_completed && plain_task(first.task) == first.task) return &first;
  Action* remapped = nullptr;
  if (resource->notify && (resource->is_clone() || bundle_of(*resource) != nullptr)) {
    const std::string task = std::string("confirmed-post_notify_").append(completed);
    remapped = newest_action(*resource, key_of(context, *resource, task));
  } else if (is_completed) {
    return &first;
  } else {
    remapped = newest_action(*resource, key_of(context, *resource, completed));
  }
  return remapped == nullptr ? &first : remapped;
}

/// One edge being applied (spec/05 §19.3).
struct Application {
  Context& context;
  Action& first;
  Action& then;
  ActionFlags first_flags;
  ActionFlags then_flags;
  Edge& edge;
  Node* node;
  Changes changes;

  bool has(graph::Tags tags) const { return (edge.tags & tags) != 0; }
  bool first_required() const { return (first_flags & flag::kOptional) == 0; }
  bool first_runnable() const { return (first_flags & flag::kRunnable) != 0; }
  /// The method of a resource with some of the first action's flags.
  void update(Resource* resource, ActionFlags flags, graph::Tags tag) {
    if (resource == nullptr) return;
    changes |= update_ordered(context, *resource, first, then, node, flags, tag);
  }
};

void apply_min_count(Application& edge) {
  if (edge.then.resource != nullptr) {
    return edge.update(edge.then.resource, edge.first_flags, tag::kMinCount);
  }
  if (!edge.first_runnable()) return;
  ++edge.then.seen;
  if (edge.then.seen >= edge.then.minimum && !edge.then.runnable()) {
    edge.then.flags |= flag::kRunnable;
    edge.changes.then = true;
  }
}

void apply_block_then(Application& edge) {
  if (edge.then.resource != nullptr) {
    edge.update(edge.then.resource, edge.first_flags, tag::kBlockThen);
  } else if (!edge.first_runnable()) {
    clear(edge.then, flag::kRunnable, edge.changes.then);
  }
}

void apply_nested_probe(Application& edge) {
  if (edge.then.resource == nullptr) return;
  const Resource* launcher = edge.first.resource;
  if (!edge.first_runnable() && launcher != nullptr && !active_nodes(*launcher).empty()) {
    edge.edge.tags = 0;
  } else {
    edge.update(edge.then.resource, edge.first_flags, tag::kBlockThen);
  }
}

void apply_pulls(Application& edge) {
  Resource* resource = edge.then.resource;
  if (edge.has(tag::kPullThen)) {
    if (resource != nullptr) {
      edge.update(resource, edge.first_flags & flag::kOptional, tag::kPullThen);
    } else if (edge.first_required()) {
      clear(edge.then, flag::kOptional, edge.changes.then);
    }
  }
  if (edge.has(tag::kStopChain)) edge.update(resource, edge.first_flags, tag::kStopChain);
  if (edge.has(tag::kPullFirst)) {
    if (edge.first.resource != nullptr) {
      edge.update(edge.first.resource, edge.first_flags, tag::kPullFirst);
    } else if (edge.first_required()) {
      clear(edge.first, flag::kRunnable, edge.changes.first);
    }
  }
  if (edge.has(tag::kPullFirstPromoted)) {
    edge.update(resource, edge.first_flags & flag::kOptional, tag::kPullFirstPromoted);
  }
}

void apply_blocks(Application& edge) {
  Resource* resource = edge.then.resource;
  if (edge.has(tag::kMinCount)) apply_min_count(edge);
  if (edge.has(tag::kNestedProbe)) apply_nested_probe(edge);
  if (edge.has(tag::kBlockThen)) apply_block_then(edge);
  for (const graph::Tags tag : {tag::kGuardFirst, tag::kRealThen, tag::kSeq, tag::kOneWay}) {
    if (edge.has(tag)) edge.update(resource, edge.first_flags, tag);
  }
}

/// Steps 12 to 14; what is shown isn't a change.
void apply_visibility(Application& edge) {
  Action& first = edge.first;
  Action& then = edge.then;
  if (edge.has(tag::kShowThen) && first.runnable() && edge.first_required()) {
    then.flags |= flag::kShown;
  }
  if (edge.has(tag::kShowFirst) && (edge.then_flags & flag::kOptional) == 0) {
    first.flags |= flag::kShown;
  }
  if (edge.has(tag::kPullThen | tag::kPullFirst | tag::kStopChain) && first.task == "stop" &&
      !first.runnable() && first.resource != nullptr && !first.resource->managed &&
      first.resource->blocked) {
    clear(then, flag::kRunnable, edge.changes.then);
  }
}

Changes apply_edge(Context& context, Action& first, Action& then, ActionFlags first_flags,
                   ActionFlags then_flags, Edge& edge) {
  Application application{context, first, then, first_flags, then_flags, edge, then.node, {}};
  if (application.has(tag::kPullThenNode)) {
    edge.tags = (edge.tags & ~tag::kPullThenNode) | tag::kPullThen;
    application.node = first.node;
  }
  apply_pulls(application);
  apply_blocks(application);
  apply_visibility(application);
  return application.changes;
}

Node* ordering_node(const Action& action) {
  if (action.resource != nullptr && action.resource->is_group() && action.task == "start") {
    return placed_node(*action.resource);
  }
  return action.node;
}

bool needs_remapping(const Action& first, const Action& then) {
  if (first.resource == nullptr || then.resource == nullptr || first.resource == then.resource) {
    return false;
  }
  return !is_descendant_of(*then.resource, *first.resource);
}

void apply_cancel_first(Action& first, const Action& then, const Edge& edge) {
  if ((edge.tags & tag::kCancelFirst) == 0 || first.resource == nullptr || !then.required()) {
    return;
  }
  first.flags |= flag::kOptional;
  if (first.task == "reload-agent") first.resource->reload = false;
}

void refresh_followers(Context& context, const Action& action) {
  for (const Edge* edge = action.after; edge != nullptr; edge = edge->next) {
    refresh(context, *edge->other);
  }
}

/// One entry of the before list; true if `then` changed.
bool refresh_from(Context& context, Action& then, Edge& edge) {
  Action& first = *edge.other;
  Node* first_node = ordering_node(first);
  Node* then_node = ordering_node(then);
  if ((edge.tags & tag::kSameNode) != 0 && first_node != nullptr && then_node != nullptr &&
      first_node != then_node) {
    edge.tags = 0;
    return false;
  }
  apply_cancel_first(first, then, edge);
  Action* remapped = needs_remapping(first, then) ? remap(context, first) : &first;
  if (remapped != &first) {
    note_derived_edge(context, {&first, &then}, *remapped, then);
    if (!context.graph.add_edge(*remapped, then, edge.tags)) return false;
    edge.tags = 0;
    return true;
  }
  const ActionFlags first_flags = flags_for_ordering(context, first, then_node);
  const ActionFlags then_flags = flags_for_ordering(context, then, first_node);
  const Changes changes = apply_edge(context, first, then, first_flags, then_flags, edge);
  if (changes.first) {
    refresh_followers(context, first);
    refresh(context, first);
  }
  return changes.then;
}

void refresh_now(Context& context, Action& then) {
  const ActionFlags before = then.flags;
  const bool was_runnable = then.runnable();
  bool changed = false;
  if (then.minimum > 0) {
    then.seen = 0;
    then.flags &= ~flag::kRunnable;
  }
  for (Edge* edge = then.before; edge != nullptr; edge = edge->next) {
    changed |= refresh_from(context, then, *edge);
  }
  if (then.minimum > 0) changed = then.flags != before;
  if (!changed) return;
  if (was_runnable && !then.runnable()) block_dependents(context, then);
  refresh(context, then);
  refresh_followers(context, then);
}

/// How far a change is followed at once, in nested calls. What is farther away is looked at when
/// they have returned, so that no chain of orderings is too long for the stack.
constexpr int kMaxRefreshDepth = 500;

}  // namespace

void refresh(Context& context, Action& then) {
  graph::ActionGraph& graph = context.graph;
  if (graph.refresh_depth >= kMaxRefreshDepth) {
    graph.refresh_later.push_back(&then);
    return;
  }
  ++graph.refresh_depth;
  refresh_now(context, then);
  --graph.refresh_depth;
  if (graph.refresh_depth > 0) return;
  while (!graph.refresh_later.empty()) {
    Action& next = *graph.refresh_later.front();
    graph.refresh_later.pop_front();
    ++graph.refresh_depth;
    refresh_now(context, next);
    --graph.refresh_depth;
  }
}

namespace {

void block_tree(Context& context, Resource& resource, std::string_view task,
                std::string_view reason) {
  for (Action* action = resource.newest_action; action != nullptr;
       action = action->next_of_resource) {
    if (!action->runnable() || action->task != task) continue;
    clear_flags(*action, flag::kRunnable);
    set_reason(context, *action, reason);
    block_dependents(context, *action);
    refresh(context, *action);
  }
  for (Resource* child : resource.children) block_tree(context, *child, task, reason);
}

/// Every part of the collective has such an action, and none can run.
bool is_blocked_everywhere(const Resource& collective, std::string_view task) {
  for (const Resource* child : collective.children) {
    const Action* action = newest_action(*child, task);
    if (action == nullptr || action->runnable()) return false;
  }
  return true;
}

}  // namespace

void block_dependents(Context& context, Action& action) {
  const bool is_promote = action.task == "promote";
  if (action.resource == nullptr || (!is_promote && action.task != "start")) return;
  Resource& primary = outermost_of(*action.resource);
  if (!is_blocked_everywhere(primary, action.task)) return;
  std::string reason;
  for (model::Colocation* colocation : colocations_with(primary)) {
    if (colocation->score < kInfinity) continue;
    if (is_promote && colocation->primary_role != model::Role::kPromoted) continue;
    if (reason.empty()) reason = std::string("colocation with ").append(action.resource->id);
    const bool promoted = colocation->dependent_role == model::Role::kPromoted;
    block_tree(context, *colocation->dependent, promoted ? "promote" : "start", reason);
  }
}

}  // namespace quorate::scheduler
