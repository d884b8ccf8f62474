#include "graph/action.h"

namespace quorate::graph {

Action& ActionGraph::add_action(model::Resource* resource) {
  Action& action = actions.emplace_back();
  action.number = static_cast<int>(actions.size());
  action.resource = resource;
  action.next = newest;
  newest = &action;
  if (resource != nullptr) {
    action.next_of_resource = resource->newest_action;
    resource->newest_action = &action;
  }
  return action;
}

bool ActionGraph::add_edge(Action& first, Action& then, Tags tags) {
  if (tags == 0) return false;
  for (const Edge* edge = first.after; edge != nullptr; edge = edge->next) {
    if (edge->other == &then && (edge->tags & tags) != 0) return false;
  }
  first.after = &edges_.emplace_back(Edge{&then, tags, first.after});
  then.before = &edges_.emplace_back(Edge{&first, tags, then.before});
  return true;
}

}  // namespace quorate::graph
