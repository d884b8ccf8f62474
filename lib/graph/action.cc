#include "graph/action.h"

namespace quorate::graph {

Action& ActionGraph::add_action(model::Resource* resource, OperationSettings* settings) {
  Action& action = actions.emplace_back();
  action.number = static_cast<int>(actions.size());
  action.resource = resource;
  action.next = newest;
  newest = &action;
  if (resource != nullptr) {
    action.next_of_resource = resource->newest_action;
    resource->newest_action = &action;
  }
  if (settings != nullptr) {
    action.settings = settings;
    action.key = settings->key;
    action.task = settings->task;
    action.next_of_key = settings->newest;
    settings->newest = &action;
  }
  return action;
}

void ActionGraph::set_task(Action& action, std::string_view task) {
  action.settings->other_tasks |= task != action.settings->task;
  action.task = task;
}

namespace {

/// An entry of `list` for `other` that was created sharing a tag with `tags`.
bool has_entry(const Edge* list, const Action& other, Tags tags) {
  for (const Edge* edge = list; edge != nullptr; edge = edge->next) {
    if (edge->other == &other && (edge->created_tags & tags) != 0) return true;
  }
  return false;
}

}  // namespace

bool ActionGraph::add_edge(Action& first, Action& then, Tags tags) {
  if (tags == 0) return false;
  // Both sides hold an entry for every edge until the before list is merged for the graph.
  const bool by_then = then.before_count < first.after_count && !then.has(flag::kInputsMerged);
  const bool known =
      by_then ? has_entry(then.before, first, tags) : has_entry(first.after, then, tags);
  if (known) return false;
  first.after = &edges_.emplace_back(Edge{&then, tags, tags, false, first.after});
  then.before = &edges_.emplace_back(Edge{&first, tags, tags, false, then.before});
  ++first.after_count;
  ++then.before_count;
  return true;
}

OperationSettings& ActionGraph::add_settings(model::Resource& resource) {
  OperationSettings& settings = settings_.emplace_back();
  settings.next = resource.operation_settings;
  resource.operation_settings = &settings;
  return settings;
}

}  // namespace quorate::graph
