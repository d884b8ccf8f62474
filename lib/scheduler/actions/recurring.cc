#include <string>

#include "base/duration.h"
#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"

/// Recurring actions: which run, where, and which end (spec/05 §9).
namespace quorate::scheduler {

using graph::Action;
using model::MessageClass;
using model::Node;
using model::Resource;
using model::Role;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

/// A valid recurring <op> (spec/05 §9.2).
struct Recurring {
  std::string_view name;
  std::int64_t interval_ms = 0;
  std::optional<Role> role;
  std::string_view key;
};

std::int64_t interval_of(xml::Element op) {
  const auto text = op.get("interval");
  return text ? parse_interval_ms(*text).value_or(0) : 0;
}

bool can_recur(std::string_view name) {
  for (const std::string_view never :
       {"stop", "start", "demote", "promote", "reload-agent", "migrate_to", "migrate_from"}) {
    if (name == never) return false;
  }
  return true;
}

bool is_duplicate(const Resource& resource, xml::Element op, std::string_view name,
                  std::int64_t interval_ms) {
  for (const xml::Element other : children(resource.operations, "op")) {
    if (!(other == op) && other.get_or("name", {}) == name && interval_of(other) == interval_ms) {
      return true;
    }
  }
  return false;
}

std::nullopt_t refuse(Context& context, const Resource& resource, xml::Element op,
                      std::string_view why) {
  context.snapshot.report(MessageClass::kConfigError,
                          "Ignoring recurring action '" + std::string(op.get_or("name", {})) +
                              "' of " + std::string(resource.id) + " because " + std::string(why));
  return std::nullopt;
}

std::optional<Recurring> read_recurring(Context& context, Resource& resource, xml::Element op) {
  Recurring recurring;
  recurring.interval_ms = interval_of(op);
  if (recurring.interval_ms == 0) return std::nullopt;
  if (op.id().empty()) return refuse(context, resource, op, "it has no id");
  recurring.name = op.get_or("name", {});
  if (recurring.name.empty()) return refuse(context, resource, op, "it has no name");
  if (!can_recur(recurring.name)) {
    return refuse(context, resource, op, "that action can't recur");
  }
  if (is_duplicate(resource, op, recurring.name, recurring.interval_ms)) {
    return refuse(context, resource, op, "another has the same name and interval");
  }
  if (const std::string_view role = op.get_or("role", {}); !role.empty()) {
    recurring.role = model::parse_role(role);
    if (*recurring.role == Role::kUnknown) {
      return refuse(context, resource, op, "its role is not valid");
    }
  }
  if (!parse_boolean(op.get_or("enabled", "true")).value_or(true)) return std::nullopt;
  recurring.key = key_of(context, resource, recurring.name, recurring.interval_ms);
  return recurring;
}

void order_cancel(Context& context, Resource& resource, Action& cancel) {
  if (resource.role == Role::kPromoted) {
    order_action_then(context, cancel, resource, "demote", tag::kBlockThen);
  } else if (resource.role == Role::kStarted || resource.role == Role::kUnpromoted) {
    if (resource.next_role == Role::kPromoted) {
      order_action_then(context, cancel, resource, "promote", tag::kBlockThen);
    } else if (resource.next_role == Role::kStopped) {
      order_action_then(context, cancel, resource, "stop", tag::kBlockThen);
    }
  }
}

void order_recurring(Context& context, Resource& resource, Action& action) {
  constexpr graph::Tags kPulled = tag::kPullThen | tag::kBlockThen;
  order_task_then(context, resource, "start", action, kPulled);
  order_task_then(context, resource, "reload-agent", action, kPulled);
  if (resource.next_role == Role::kPromoted) {
    order_task_then(context, resource, "promote", action, tag::kSeq | tag::kBlockThen);
  } else if (resource.role == Role::kPromoted) {
    order_task_then(context, resource, "demote", action, tag::kSeq | tag::kBlockThen);
  }
}

/// Spec/05 §9.3.
void recur_while_active(Context& context, Resource& resource, const Recurring& recurring,
                        const Action& start) {
  if (recurring.role == Role::kStopped) return;
  Node& node = *start.node;
  const Action* running = find_exact(resource, recurring.key, &node);
  const bool optional = !start.required() && running != nullptr && !running->has(flag::kReschedule);
  const bool wanted = recurring.role ? *recurring.role == resource.next_role
                                     : resource.next_role != Role::kPromoted;
  if (!wanted) {
    if (optional) {
      Action& cancel =
          cancel_recurring(context, resource, recurring.name, recurring.interval_ms, node);
      order_cancel(context, resource, cancel);
    }
    return;
  }
  Action& action =
      recurring_action(context, resource, recurring.name, recurring.interval_ms, &node, optional);
  if (!start.runnable() || !node.online || node.unclean) action.flags &= ~flag::kRunnable;
  if (resource.next_role == Role::kPromoted) action.meta.set("op_target_rc", "8");
  if (resource.managed) order_recurring(context, resource, action);
}

void order_after_stops(Context& context, Resource& resource, const Node& node, Action& action) {
  for (Action* stop : all_actions_exact(context, resource, "stop", node)) {
    if (stop->required() && action.required() && !resource.managed) {
      action.flags |= flag::kOptional;
    }
    if (!stop->runnable()) action.flags &= ~flag::kRunnable;
    if (resource.managed) order_actions(context, *stop, action, tag::kPullThen | tag::kBlockThen);
  }
}

void recur_where_stopped(Context& context, Resource& resource, const Recurring& recurring,
                         Node& node) {
  const bool optional = find_exact(resource, recurring.key, &node) != nullptr;
  Action& action =
      recurring_action(context, resource, recurring.name, recurring.interval_ms, &node, optional);
  action.meta.set("op_target_rc", "7");
  if (resource.managed) {
    for (Action* probe : all_actions(context, resource, "monitor", &node)) {
      context.graph.add_edge(*probe, action, tag::kBlockThen);
    }
  }
  order_after_stops(context, resource, node, action);
  if (!node.online || node.unclean) action.flags &= ~flag::kRunnable;
}

/// Spec/05 §9.4.
void recur_while_stopped(Context& context, Resource& resource, const Recurring& recurring) {
  if (recurring.role != Role::kStopped) return;
  if (!resource.unique) {
    return context.snapshot.report(
        MessageClass::kNotice, "Ignoring recurring action '" + std::string(recurring.name) +
                                   "' of " + std::string(resource.id) +
                                   " because role 'Stopped' is not supported in anonymous clones");
  }
  // What isn't wanted any more isn't watched: its history is deleted where it is stopped.
  if (resource.removed) return;
  const Node* assigned = resource.assigned ? resource.assigned->node : nullptr;
  for (Node* node : context.snapshot.nodes_by_name) {
    if (node != assigned) {
      recur_where_stopped(context, resource, recurring, *node);
    } else if (find_exact(resource, recurring.key, node) != nullptr) {
      Action& cancel =
          cancel_recurring(context, resource, recurring.name, recurring.interval_ms, *node);
      if (resource.next_role == Role::kStarted || resource.next_role == Role::kUnpromoted) {
        order_action_then(context, cancel, resource, "start", tag::kBlockThen);
      }
    }
  }
}

/// The start recurring actions hang on; null if nothing may run (spec/05 §9.1).
Action* reference_start(Context& context, Resource& resource) {
  if (!resource.assigned || resource.assigned->node->maintenance) return nullptr;
  if (resource.next_role == Role::kStopped && resource.managed) return nullptr;
  return &resource_action(context, resource, "start", resource.assigned->node, true);
}

}  // namespace

void create_recurring_actions(Context& context, Resource& resource) {
  if (resource.blocked || resource.maintenance) return;
  const Action* start = reference_start(context, resource);
  if (!resource.operations) return;
  for (const xml::Element op : children(resource.operations, "op")) {
    const auto recurring = read_recurring(context, resource, op);
    if (!recurring) continue;
    if (start != nullptr) recur_while_active(context, resource, *recurring, *start);
    recur_while_stopped(context, resource, *recurring);
  }
}

Action& cancel_recurring(Context& context, Resource& resource, std::string_view task,
                         std::int64_t interval_ms, Node& node) {
  const std::size_t known = context.graph.actions.size();
  Action& action = recurring_action(context, resource, task, interval_ms, &node, false);
  graph::ActionGraph::set_task(action, "cancel");
  if (context.graph.actions.size() > known) {
    // Not known to run: what is configured for it doesn't show.
    action.settings = &operation_settings(context, resource, "cancel", interval_ms);
  }
  action.cancelled_task = context.snapshot.intern(task);
  action.has_interval_meta = true;
  action.meta.set("operation", action.cancelled_task);
  action.meta.set("interval", context.snapshot.intern(std::to_string(interval_ms)));
  return action;
}

Action& reschedule_recurring(Context& context, Resource& resource, std::string_view task,
                             std::int64_t interval_ms, Node& node) {
  trigger_unfencing(context, &resource, node, "Device parameters changed (reschedule)");
  Action& action = recurring_action(context, resource, task, interval_ms, &node, true);
  action.flags |= flag::kReschedule;
  return action;
}

}  // namespace quorate::scheduler
