#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "scheduler/context.h"

/// Creating and finding actions (spec/05 §2-4). Used by every stage.
namespace quorate::scheduler {

/// `rsc_task_interval`, interned.
std::string_view operation_key(Context& context, std::string_view resource_id,
                               std::string_view task, std::int64_t interval_ms);

/// Parts of a key (spec/05 §2.2); views into it.
struct KeyParts {
  std::string_view resource;
  std::string_view task;
  std::int64_t interval_ms = 0;
};
KeyParts parse_key(std::string_view key);

/// The key of one of the resource's own operations; looked up, not built again.
std::string_view key_of(Context& context, model::Resource& resource, std::string_view task,
                        std::int64_t interval_ms = 0);

/// The settings behind that key.
graph::OperationSettings& operation_settings(Context& context, model::Resource& resource,
                                             std::string_view task, std::int64_t interval_ms);

/// Get-or-create (spec/05 §2.4): with a resource the key is looked for among its own actions,
/// otherwise among all actions without one. Computes needs at creation and leaves the rest of the
/// configuration for later; re-evaluates runnable on every call.
graph::Action& get_or_create(Context& context, model::Resource* resource, std::string_view key,
                             std::string_view task, model::Node* node, bool optional);
/// The common form: key from the resource's id, the task and interval 0.
graph::Action& resource_action(Context& context, model::Resource& resource, std::string_view task,
                               model::Node* node, bool optional);
/// The same for an operation that recurs.
graph::Action& recurring_action(Context& context, model::Resource& resource, std::string_view task,
                                std::int64_t interval_ms, model::Node* node, bool optional);
/// Free pseudo-action, looked up by name (spec/05 §2.4).
graph::Action& free_pseudo_action(Context& context, std::string_view name);
/// Resource pseudo-action (spec/05 §2.4).
graph::Action& resource_pseudo_action(Context& context, model::Resource& resource,
                                      std::string_view task, bool optional, bool runnable);
/// A new action without any look-up (fencing, shutdown, cancel, notify …): numbered and linked,
/// flags runnable plus optional if wanted, no configuration evaluated.
graph::Action& new_action(Context& context, model::Resource* resource, std::string_view key,
                          std::string_view task, model::Node* node, bool optional);
/// Required clear_failcount of a resource on a node with its reason (spec/05 §6.9).
graph::Action& clear_fail_count(Context& context, model::Resource& resource, model::Node& node,
                                std::string_view reason);
/// Required lrm_delete of a resource on a node (spec/05 §6).
graph::Action& delete_history(Context& context, model::Resource& resource, model::Node& node,
                              bool optional);

/// Runnable test of a resource action (spec/05 §4.3).
void update_runnable(Context& context, graph::Action& action);

/// Searches of spec/05 §2.5. The first of the resource's actions, newest first, with that task or
/// key (ignoring case) and, if given, that node. Null if none.
graph::Action* newest_action(const model::Resource& resource, std::string_view task_or_key,
                             const model::Node* node = nullptr);
/// Interval 0, oldest first. Actions without node match and adopt the node.
std::vector<graph::Action*> all_actions(Context& context, model::Resource& resource,
                                        std::string_view task, model::Node* node = nullptr);
/// The same for actions on exactly that node; adopts nothing.
std::vector<graph::Action*> all_actions_exact(Context& context, model::Resource& resource,
                                              std::string_view task, const model::Node& node);
/// The oldest of the resource's actions with that key on exactly that node, or null.
graph::Action* find_exact(const model::Resource& resource, std::string_view key,
                          const model::Node* node);
/// All of the resource's actions with that key, oldest first; a node as in all_actions().
std::vector<graph::Action*> actions_with_key(const model::Resource& resource, std::string_view key,
                                             model::Node* node = nullptr);

/// Sets the reason unless there is one or `overwrite` is wanted.
void set_reason(Context& context, graph::Action& action, std::string_view reason,
                bool overwrite = false);

}  // namespace quorate::scheduler
