#include "scheduler/actions/search.h"

#include <algorithm>

#include "scheduler/actions/create.h"

/// Searches among a resource's own actions (spec/05 §2.5).
namespace quorate::scheduler {

using graph::Action;
using graph::OperationSettings;
using model::Node;
using model::Resource;

namespace {

/// The newest with that task, key and node among those with one key.
Action* newest_with_key(const OperationSettings& settings, std::string_view task_or_key,
                        const Node* node) {
  for (Action* at = settings.newest; at != nullptr; at = at->next_of_key) {
    if (node != nullptr && at->node != node) continue;
    if (same_text(at->task, task_or_key) || same_text(at->key, task_or_key)) return at;
  }
  return nullptr;
}

}  // namespace

Action* newest_action(const Resource& resource, std::string_view task_or_key, const Node* node) {
  Action* newest = nullptr;
  for (const auto* at = resource.operation_settings; at != nullptr; at = at->next) {
    if (at->newest == nullptr || (newest != nullptr && at->newest->number < newest->number)) {
      continue;
    }
    const bool possible =
        at->other_tasks || same_text(at->task, task_or_key) || same_text(at->key, task_or_key);
    Action* action = possible ? newest_with_key(*at, task_or_key, node) : nullptr;
    if (action != nullptr && (newest == nullptr || action->number > newest->number)) {
      newest = action;
    }
  }
  return newest;
}

std::vector<Action*> actions_with_key(const Resource& resource, std::string_view key, Node* node) {
  std::vector<Action*> found;
  for_each_with_key(resource, key, [&](Action& action) {
    if (node != nullptr && action.node == nullptr) action.node = node;
    if (node == nullptr || action.node == node) found.push_back(&action);
  });
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<Action*> all_actions(Context& context, Resource& resource, std::string_view task,
                                 Node* node) {
  return actions_with_key(resource, key_of(context, resource, task), node);
}

std::vector<Action*> all_actions_exact(Context& context, Resource& resource, std::string_view task,
                                       const Node& node) {
  std::vector<Action*> found;
  for_each_with_key(resource, key_of(context, resource, task), [&](Action& action) {
    if (action.node == &node) found.push_back(&action);
  });
  std::reverse(found.begin(), found.end());
  return found;
}

Action* find_exact(const Resource& resource, std::string_view key, const Node* node) {
  if (node == nullptr) return nullptr;
  Action* oldest = nullptr;
  for_each_with_key(resource, key, [&](Action& action) {
    if (action.node == node) oldest = &action;
  });
  return oldest;
}

}  // namespace quorate::scheduler
