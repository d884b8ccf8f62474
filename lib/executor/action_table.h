#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "executor/action.h"

namespace quorate::executor {

/// A registered resource with its actions (spec/11 §5): at most one runs, others are queued.
struct Resource {
  AgentSpec agent;
  agents::Standard standard{};
  ActionId active = 0;
  std::deque<ActionId> held;        ///< due, in the order in which they became due
  std::deque<ActionId> pending;     ///< first in, first out; a delayed head blocks
  std::vector<ActionId> recurring;  ///< recurring actions that have been started at least once
};

/// Resources and their actions: who may start next, who duplicates whom. Knows nothing of agents,
/// processes or messages.
class ActionTable {
 public:
  static constexpr std::size_t kMaxPending = 1000;  ///< per resource

  /// Makes a resource known; one that is known keeps its actions. An action of a removed resource
  /// of this name that still runs counts as its active one, so that two never overlap.
  Resource& add_resource(const std::string& id, const AgentSpec& agent, agents::Standard standard);
  Resource* resource(const std::string& id);
  /// Forgets the resource. Its actions stay until erased.
  void remove_resource(const std::string& id);
  const std::map<std::string, Resource>& resources() const { return resources_; }

  Action* action(ActionId id);
  /// Appends to the resource's queue. The resource must be known.
  Action& enqueue(Action action);
  /// Puts a probe that must be repeated back at the end of the queue.
  void requeue(Action& action);
  /// Pending or recurring action of this task (ignoring case) and interval; null if there is none.
  Action* find(const std::string& resource, std::string_view task, std::int64_t interval_ms);
  /// Every action of the resource that isn't over, running first, then held, pending, waiting.
  std::vector<ActionId> actions_of(const std::string& resource) const;

  /// Takes the action that may start now and makes it active; null if one runs already, nothing is
  /// left, or the head's start delay isn't over.
  Action* start_next(const std::string& resource, std::int64_t now_ms);
  /// The active action has ended its run; a recurring one then waits for its interval.
  void run_ended(Action& action);
  /// A waiting recurring action is due.
  void hold(Action& action);
  void erase(ActionId id);

 private:
  void unlink(const Action& action);

  std::map<std::string, Resource> resources_;
  std::map<ActionId, Action> actions_;
};

}  // namespace quorate::executor
