#include "executor/action_table.h"

#include <algorithm>

#include "base/planted.h"
#include "base/text.h"

namespace quorate::executor {
namespace {

template <class List>
void remove_from(List& list, ActionId id) {
  list.erase(std::remove(list.begin(), list.end(), id), list.end());
}

}  // namespace

Resource& ActionTable::add_resource(const std::string& id, const AgentSpec& agent,
                                    agents::Standard standard) {
  auto [at, added] = resources_.try_emplace(id);
  Resource& resource = at->second;
  resource.agent = agent;
  resource.standard = standard;
  if (added) {
    for (auto& [action_id, action] : actions_) {
      if (action.resource == id && action.phase == Action::Phase::kRunning) {
        resource.active = action_id;
      }
    }
  }
  return resource;
}

Resource* ActionTable::resource(const std::string& id) {
  const auto found = resources_.find(id);
  return found == resources_.end() ? nullptr : &found->second;
}

void ActionTable::remove_resource(const std::string& id) { resources_.erase(id); }

Action* ActionTable::action(ActionId id) {
  const auto found = actions_.find(id);
  return found == actions_.end() ? nullptr : &found->second;
}

Action& ActionTable::enqueue(Action action) {
  const ActionId id = action.id;
  action.phase = Action::Phase::kPending;
  resources_.at(action.resource).pending.push_back(id);
  return actions_.insert_or_assign(id, std::move(action)).first->second;
}

void ActionTable::requeue(Action& action) {
  unlink(action);
  action.phase = Action::Phase::kPending;
  if (Resource* owner = resource(action.resource)) owner->pending.push_back(action.id);
}

Action* ActionTable::find(const std::string& resource_id, std::string_view task,
                          std::int64_t interval_ms) {
  const Resource* owner = resource(resource_id);
  if (owner == nullptr) return nullptr;
  const auto matches = [&](ActionId id) {
    const Action& candidate = actions_.at(id);
    return candidate.interval_ms == interval_ms && iequals(candidate.task, task);
  };
  const auto pending = std::find_if(owner->pending.begin(), owner->pending.end(), matches);
  if (pending != owner->pending.end()) return action(*pending);
  const auto recurring = std::find_if(owner->recurring.begin(), owner->recurring.end(), matches);
  return recurring != owner->recurring.end() ? action(*recurring) : nullptr;
}

std::vector<ActionId> ActionTable::actions_of(const std::string& resource_id) const {
  std::vector<ActionId> ids;
  const auto found = resources_.find(resource_id);
  if (found == resources_.end()) return ids;
  const Resource& owner = found->second;
  if (owner.active != 0) ids.push_back(owner.active);
  ids.insert(ids.end(), owner.held.begin(), owner.held.end());
  ids.insert(ids.end(), owner.pending.begin(), owner.pending.end());
  for (const ActionId id : owner.recurring) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

Action* ActionTable::start_next(const std::string& resource_id, std::int64_t now_ms) {
  Resource* owner = resource(resource_id);
  if (owner == nullptr) return nullptr;
  if (owner->active != 0 && !planted("actions-overlap")) return nullptr;
  std::deque<ActionId>& queue = owner->held.empty() ? owner->pending : owner->held;
  if (queue.empty()) return nullptr;
  Action& next = actions_.at(queue.front());
  if (next.ready_ms > now_ms) return nullptr;
  queue.pop_front();
  next.phase = Action::Phase::kRunning;
  owner->active = next.id;
  const auto& known = owner->recurring;
  if (next.recurring() && std::find(known.begin(), known.end(), next.id) == known.end()) {
    owner->recurring.push_back(next.id);
  }
  return &next;
}

void ActionTable::run_ended(Action& action) {
  action.phase = Action::Phase::kWaiting;
  Resource* owner = resource(action.resource);
  if (owner != nullptr && owner->active == action.id) owner->active = 0;
}

void ActionTable::hold(Action& action) {
  action.phase = Action::Phase::kHeld;
  action.ready_ms = 0;
  if (Resource* owner = resource(action.resource)) owner->held.push_back(action.id);
}

void ActionTable::erase(ActionId id) {
  const auto found = actions_.find(id);
  if (found == actions_.end()) return;
  unlink(found->second);
  actions_.erase(found);
}

void ActionTable::unlink(const Action& action) {
  Resource* owner = resource(action.resource);
  if (owner == nullptr) return;
  if (owner->active == action.id) owner->active = 0;
  remove_from(owner->held, action.id);
  remove_from(owner->pending, action.id);
  remove_from(owner->recurring, action.id);
}

}  // namespace quorate::executor
