#include "scheduler/actions/create.h"

#include <string>

#include "base/text.h"
#include "scheduler/actions/operation.h"
#include "scheduler/actions/search.h"

namespace quorate::scheduler {

using graph::Action;
using graph::OperationSettings;
using model::Node;
using model::Resource;

std::string_view operation_key(Context& context, std::string_view resource_id,
                               std::string_view task, std::int64_t interval_ms) {
  std::string key;
  key.reserve(resource_id.size() + task.size() + 12);
  key.append(resource_id).append("_").append(task).append("_");
  key.append(std::to_string(interval_ms));
  return context.snapshot.intern(key);
}

KeyParts parse_key(std::string_view key) {
  const std::size_t last = key.rfind('_');
  if (last == std::string_view::npos) return {{}, key, 0};
  KeyParts parts;
  parts.interval_ms = to_integer(key.substr(last + 1)).value_or(0);
  const std::string_view front = key.substr(0, last);
  std::size_t cut = front.rfind('_');
  if (cut == std::string_view::npos) return {{}, front, parts.interval_ms};
  for (const std::string_view whole : {"_migrate_to", "_migrate_from"}) {
    if (front.ends_with(whole)) cut = front.size() - whole.size();
  }
  for (const std::string_view prefix :
       {"_confirmed-pre_notify", "_confirmed-post_notify", "_pre_notify", "_post_notify"}) {
    if (front.substr(0, cut).ends_with(prefix)) {
      cut -= prefix.size();
      break;
    }
  }
  parts.resource = front.substr(0, cut);
  parts.task = front.substr(cut + 1);
  return parts;
}

namespace {

OperationSettings& settings_of_task(Context& context, Resource& resource, std::string_view task,
                                    std::int64_t interval_ms) {
  for (OperationSettings* at = resource.operation_settings; at != nullptr; at = at->next) {
    if (at->interval_ms == interval_ms && at->key_task == task) return *at;
  }
  const std::string_view key = operation_key(context, resource.id, task, interval_ms);
  for (OperationSettings* at = resource.operation_settings; at != nullptr; at = at->next) {
    if (at->key == key) return *at;
  }
  OperationSettings& settings = context.graph.add_settings(resource);
  settings.key = key;
  settings.key_task = context.snapshot.intern(task);
  settings.task = settings.key_task;
  settings.interval_ms = interval_ms;
  return settings;
}

OperationSettings& settings_of_key(Context& context, Resource& resource, std::string_view key,
                                   std::string_view task) {
  for (OperationSettings* at = resource.operation_settings; at != nullptr; at = at->next) {
    if (at->key == key) return *at;
  }
  const std::string_view kept = context.snapshot.intern(key);
  const KeyParts parts = parse_key(kept);
  OperationSettings& settings = context.graph.add_settings(resource);
  settings.key = kept;
  settings.key_task = parts.task;
  settings.task = context.snapshot.intern(task);
  settings.interval_ms = parts.interval_ms;
  return settings;
}

/// The oldest match among the resource's own actions; lets those without node adopt `node`.
Action* find_adopting(const Resource& resource, std::string_view key, Node* node) {
  Action* oldest = nullptr;
  for_each_with_key(resource, key, [&](Action& action) {
    if (node != nullptr && action.node == nullptr) action.node = node;
    if (node == nullptr || action.node == node) oldest = &action;
  });
  return oldest;
}

/// What only `start` and `promote` can need (spec/05 §4.1).
graph::Needs needs_of(const Resource& resource, std::string_view task) {
  if (task != "start" && task != "promote") return graph::Needs::kNothing;
  if (resource.needs_fencing()) return graph::Needs::kFencing;
  return resource.needs_quorum() ? graph::Needs::kQuorum : graph::Needs::kNothing;
}

void begin(Action& action, Node* node, bool optional) {
  action.node = node;
  action.flags = graph::flag::kRunnable;
  if (optional) action.flags |= graph::flag::kOptional;
  if (action.task == "lrm_delete") action.flags |= graph::flag::kOnDc;
}

Action& create_free(Context& context, std::string_view key, std::string_view task, Node* node,
                    bool optional) {
  Action& action = context.graph.add_action(nullptr);
  action.key = context.snapshot.intern(key);
  action.task = context.snapshot.intern(task);
  begin(action, node, optional);
  context.graph.index_free_action(action);
  return action;
}

Action& create_for_resource(Context& context, Resource& resource, OperationSettings& settings,
                            Node* node, bool optional) {
  Action& action = context.graph.add_action(&resource, &settings);
  begin(action, node, optional);
  action.interval_ms = settings.interval_ms;
  action.has_interval_meta = settings.interval_ms > 0;
  action.needs = needs_of(resource, action.task);
  return action;
}

void update_optional(Action& action, bool optional) {
  const bool ruled_by_unmanaged = action.resource != nullptr && action.node != nullptr &&
                                  !action.pseudo() && !action.resource->managed &&
                                  !action.has_interval_meta;
  if (ruled_by_unmanaged) {
    action.flags |= graph::flag::kOptional;
  } else if (!optional) {
    action.flags &= ~graph::flag::kOptional;
  }
}

Action& get_or_create_for(Context& context, Resource& resource, OperationSettings& settings,
                          Node* node, bool optional) {
  // An action with this key can only exist after one was created with these settings.
  Action* action = settings.created ? find_adopting(resource, settings.key, node) : nullptr;
  if (action == nullptr) {
    settings.created = true;
    action = &create_for_resource(context, resource, settings, node, optional);
  }
  update_optional(*action, optional);
  update_runnable(context, *action);
  return *action;
}

}  // namespace

OperationSettings& operation_settings(Context& context, Resource& resource, std::string_view task,
                                      std::int64_t interval_ms) {
  return settings_of_task(context, resource, task, interval_ms);
}

std::string_view key_of(Context& context, Resource& resource, std::string_view task,
                        std::int64_t interval_ms) {
  return settings_of_task(context, resource, task, interval_ms).key;
}

Action& get_or_create(Context& context, Resource* resource, std::string_view key,
                      std::string_view task, Node* node, bool optional) {
  if (resource != nullptr) {
    OperationSettings& settings = settings_of_key(context, *resource, key, task);
    if (!settings.created) settings.task = context.snapshot.intern(task);
    return get_or_create_for(context, *resource, settings, node, optional);
  }
  Action* action = context.graph.find_free_action(key);
  if (action == nullptr) {
    action = &create_free(context, key, task, node, optional);
  } else if (action->node == nullptr) {
    action->node = node;
  }
  update_optional(*action, optional);
  return *action;
}

Action& resource_action(Context& context, Resource& resource, std::string_view task, Node* node,
                        bool optional) {
  return recurring_action(context, resource, task, 0, node, optional);
}

Action& recurring_action(Context& context, Resource& resource, std::string_view task,
                         std::int64_t interval_ms, Node* node, bool optional) {
  return get_or_create_for(context, resource,
                           settings_of_task(context, resource, task, interval_ms), node, optional);
}

Action& free_pseudo_action(Context& context, std::string_view name) {
  Action* action = context.graph.find_free_action(name);
  if (action == nullptr) action = &get_or_create(context, nullptr, name, name, nullptr, true);
  action->flags |= graph::flag::kPseudo | graph::flag::kRunnable;
  return *action;
}

Action& resource_pseudo_action(Context& context, Resource& resource, std::string_view task,
                               bool optional, bool runnable) {
  Action& action = resource_action(context, resource, task, nullptr, optional);
  action.flags |= graph::flag::kPseudo;
  if (runnable) action.flags |= graph::flag::kRunnable;
  return action;
}

Action& new_action(Context& context, Resource* resource, std::string_view key,
                   std::string_view task, Node* node, bool optional) {
  if (resource == nullptr) return create_free(context, key, task, node, optional);
  OperationSettings& settings = settings_of_key(context, *resource, key, task);
  settings.created = true;
  Action& action = create_for_resource(context, *resource, settings, node, optional);
  graph::ActionGraph::set_task(action, context.snapshot.intern(task));
  return action;
}

Action& clear_fail_count(Context& context, Resource& resource, Node& node,
                         std::string_view reason) {
  Action& action = resource_action(context, resource, "clear_failcount", &node, false);
  action.meta.set("op_no_wait", "true");
  std::string text = "Clearing failure of ";
  text.append(resource.id).append(" on ").append(node.name).append(" because ").append(reason);
  context.snapshot.report(model::MessageClass::kNotice, std::move(text));
  return action;
}

Action& delete_history(Context& context, Resource& resource, Node& node, bool optional) {
  return resource_action(context, resource, "lrm_delete", &node, optional);
}

void set_reason(Context& context, Action& action, std::string_view reason, bool overwrite) {
  if (action.reason.empty() || overwrite) action.reason = context.snapshot.intern(reason);
}

}  // namespace quorate::scheduler
