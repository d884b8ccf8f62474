#include <algorithm>

#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/edges.h"
#include "scheduler/actions/steps.h"

/// Flags of actions as orderings see them: those of collective resources follow from their parts
/// (spec/05 §19.5).
namespace quorate::scheduler {

using graph::Action;
using graph::ActionFlags;
using model::Node;
using model::Resource;
namespace flag = graph::flag;

namespace {

constexpr ActionFlags kAllOfParts = flag::kOptional | flag::kRunnable | flag::kPseudo;

std::string_view operation_in_key(const Action& action) {
  const std::string_view task = parse_key(action.key).task;
  const std::size_t at = task.find("notify_");
  return at == std::string_view::npos ? action.task : task.substr(at + 7);
}

/// Tasks for which a bundle answers with its containers, not with what runs inside.
bool is_container_task(std::string_view task) {
  return task == "start" || task == "running" || task == "stop" || task == "stopped" ||
         task == "monitor" || task == "do_shutdown" || task == "stonith";
}

const std::vector<Resource*>* parts_for(const Action& action) {
  const Resource& resource = *action.resource;
  if (!resource.is_bundle()) return &resource.children;
  const Resource* clone = resource.bundle->inner_clone;
  return clone != nullptr && !is_container_task(action.task) ? &clone->children : nullptr;
}

ActionFlags group_flags(Context& context, Action& action, const Node* node) {
  ActionFlags flags = kAllOfParts;
  for (Resource* member : action.resource->children) {
    const std::string_view task = member->is_primitive() ? plain_task(action.task) : action.task;
    Action* part = newest_action(*member, task, node);
    if (part == nullptr) {
      if (task != "stop" && task != "demote") flags &= ~flag::kRunnable;
      continue;
    }
    const ActionFlags part_flags = method_flags(context, *part, node);
    if ((part_flags & flag::kOptional) == 0) {
      flags &= ~flag::kOptional;
      action.flags &= ~flag::kOptional;
    }
    if (!iequals(task, action.task) && (part_flags & flag::kRunnable) == 0) {
      flags &= ~flag::kRunnable;
      action.flags &= ~flag::kRunnable;
    }
  }
  return flags;
}

ActionFlags instances_flags(Context& context, Action& action, const Node* node,
                            const std::vector<Resource*>& instances) {
  const std::string_view task = task_of_instance(action);
  ActionFlags flags = kAllOfParts;
  bool any_runnable = false;
  for (Resource* instance : instances) {
    const Node* only = instance->is_primitive() ? node : nullptr;
    Action* part = newest_action(*instance, task, only);
    if (part == nullptr) continue;
    const ActionFlags part_flags = method_flags(context, *part, node);
    if ((part_flags & flag::kOptional) == 0) {
      flags &= ~flag::kOptional;
      action.flags &= ~flag::kOptional;
    }
    any_runnable |= (part_flags & flag::kRunnable) != 0;
  }
  if (!any_runnable) {
    flags &= ~flag::kRunnable;
    if (node == nullptr) action.flags &= ~flag::kRunnable;
  }
  return flags;
}

ActionFlags flags_of_parts(Context& context, Action& action, const Node* node) {
  if (action.resource->is_group()) return group_flags(context, action, node);
  if (const auto* parts = parts_for(action)) return instances_flags(context, action, node, *parts);
  return instances_flags(context, action, node, instances_of(*action.resource));
}

}  // namespace

std::string_view task_of_instance(const Action& action) {
  const std::string_view task =
      action.task == "notify" || action.task == "notified" ? operation_in_key(action) : action.task;
  const Resource& resource = *action.resource;
  if (resource.children.empty() || !resource.children.front()->is_primitive()) return task;
  return plain_task(task);
}

std::vector<Resource*> instances_of(const Resource& resource) {
  if (!resource.is_bundle()) return resource.children;
  std::vector<Resource*> containers;
  for (const model::BundleReplica& replica : resource.bundle->replica_list) {
    containers.push_back(replica.container);
  }
  return containers;
}

bool interleaves(const Resource& collective) {
  if (collective.clone) return collective.clone->interleave;
  return parse_boolean(collective.meta.get_or("interleave", {})).value_or(false);
}

ActionFlags method_flags(Context& context, Action& action, const Node* node) {
  if (action.resource == nullptr || action.resource->is_primitive()) return action.flags;
  const bool remembers = node == nullptr && context.graph.applying_orderings;
  if (remembers && action.flags_as_of == action.resource->action_changes) {
    return action.flags_of_parts;
  }
  const ActionFlags flags = flags_of_parts(context, action, node);
  if (remembers) {
    action.flags_of_parts = flags;
    action.flags_as_of = action.resource->action_changes;
  }
  return flags;
}

ActionFlags flags_for_ordering(Context& context, Action& action, const Node* node) {
  if (action.resource == nullptr) return action.flags;
  const ActionFlags flags = method_flags(context, action, nullptr);
  if (node == nullptr || !action.resource->is_clone()) return flags;
  ActionFlags on_node = method_flags(context, action, node);
  on_node |= flags & flag::kRunnable;
  return on_node;
}

}  // namespace quorate::scheduler
