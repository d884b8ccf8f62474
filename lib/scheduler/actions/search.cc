#include <algorithm>

#include "base/text.h"
#include "scheduler/actions/create.h"

/// Searches among a resource's own actions (spec/05 §2.5).
namespace quorate::scheduler {

using graph::Action;
using model::Node;
using model::Resource;

namespace {

bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  return a.data() == b.data() || iequals(a, b);
}

}  // namespace

Action* newest_action(const Resource& resource, std::string_view task_or_key, const Node* node) {
  for (Action* at = resource.newest_action; at != nullptr; at = at->next_of_resource) {
    if (node != nullptr && at->node != node) continue;
    if (same_text(at->task, task_or_key) || same_text(at->key, task_or_key)) return at;
  }
  return nullptr;
}

std::vector<Action*> actions_with_key(const Resource& resource, std::string_view key, Node* node) {
  std::vector<Action*> found;
  for (Action* at = resource.newest_action; at != nullptr; at = at->next_of_resource) {
    if (!same_text(at->key, key)) continue;
    if (node != nullptr) {
      if (at->node == nullptr) at->node = node;
      if (at->node != node) continue;
    }
    found.push_back(at);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<Action*> all_actions(Context& context, Resource& resource, std::string_view task,
                                 Node* node) {
  return actions_with_key(resource, key_of(context, resource, task), node);
}

std::vector<Action*> all_actions_exact(Context& context, Resource& resource, std::string_view task,
                                       const Node& node) {
  const std::string_view key = key_of(context, resource, task);
  std::vector<Action*> found;
  for (Action* at = resource.newest_action; at != nullptr; at = at->next_of_resource) {
    if (at->node == &node && same_text(at->key, key)) found.push_back(at);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

Action* find_exact(const Resource& resource, std::string_view key, const Node* node) {
  Action* oldest = nullptr;
  for (Action* at = resource.newest_action; at != nullptr; at = at->next_of_resource) {
    if (at->node == node && node != nullptr && same_text(at->key, key)) oldest = at;
  }
  return oldest;
}

}  // namespace quorate::scheduler
