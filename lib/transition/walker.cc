#include "transition/walker.h"

#include <algorithm>
#include <utility>

#include "base/planted.h"

namespace quorate::transition {

Walker::Walker(Graph graph)
    : graph_(std::move(graph)), synapses_(graph_.synapses.size()), actions_(graph_.actions.size()) {
  for (std::size_t i = 0; i < graph_.synapses.size(); ++i) {
    const Synapse& synapse = graph_.synapses[i];
    synapses_[i].open_inputs = synapse.inputs.size();
    if (planted("input-not-waited-for") && synapse.inputs.size() > 1) --synapses_[i].open_inputs;
    synapses_[i].open_actions = synapse.actions.size();
    for (const int input : synapse.inputs) waiting_on_[input].push_back(i);
    lowest_priority_ = std::min(lowest_priority_, synapse.priority);
  }
  incomplete_count_ = static_cast<int>(synapses_.size());
  busy_.reserve(graph_.actions.size());
  for (const Action& action : graph_.actions) busy_.push_back(busy_nodes(action));
  ready_.resize(1 + jobs_.size());
  for (std::size_t i = 0; i < graph_.synapses.size(); ++i) {
    const Synapse& synapse = graph_.synapses[i];
    if (synapse.actions.size() == 1 && busy_[synapse.actions.front()].count == 1) {
      synapses_[i].queue = 1 + busy_[synapse.actions.front()].nodes[0];
    }
    if (synapse.inputs.empty()) ready_of(i).insert(i);
  }
}

std::size_t Walker::place_of(std::string_view node) {
  const auto found = places_.find(node);
  if (found != places_.end()) return found->second;
  places_.emplace(node, jobs_.size());
  jobs_.emplace_back();
  return jobs_.size() - 1;
}

Walker::Busy Walker::busy_nodes(const Action& action) {
  Busy busy;
  if (action.kind != ActionKind::kResource) return busy;
  busy.migration = action.is_migration();
  if (busy.migration) {
    busy.nodes[busy.count++] = place_of(action.meta("migrate_source"));
    busy.nodes[busy.count++] = place_of(action.meta("migrate_target"));
  } else {
    busy.nodes[busy.count++] = place_of(action.executing_node());
  }
  return busy;
}

void Walker::set_node_limit(std::string_view node, int limit) {
  jobs_[place_of(node)].limit = limit;
}

std::vector<std::string> Walker::executing_nodes() const {
  std::set<std::string_view> nodes;
  for (const Action& action : graph_.actions) {
    if (action.kind == ActionKind::kResource) nodes.insert(action.executing_node());
  }
  return {nodes.begin(), nodes.end()};
}

bool Walker::has_non_pseudo(std::size_t synapse) const {
  const auto& actions = graph_.synapses[synapse].actions;
  return std::any_of(actions.begin(), actions.end(), [&](std::size_t action) {
    return graph_.actions[action].kind != ActionKind::kPseudo;
  });
}

bool Walker::limits_allow(const Busy& busy) const {
  for (std::size_t i = 0; i < busy.count; ++i) {
    const Jobs& jobs = jobs_[busy.nodes[i]];
    if (jobs.actions == 0 && jobs.migrations == 0) continue;
    if (jobs.limit > 0 && jobs.actions >= jobs.limit) return false;
    if (busy.migration && graph_.migration_limit > 0 && jobs.migrations >= graph_.migration_limit) {
      return false;
    }
  }
  return true;
}

bool Walker::allowed_now(std::size_t synapse) const {
  for (const std::size_t index : graph_.synapses[synapse].actions) {
    const Action& action = graph_.actions[index];
    if (action.kind == ActionKind::kPseudo) continue;
    if (graph_.synapses[synapse].priority < abort_priority_) return false;
    if (!limits_allow(busy_[index])) return false;
    if (may_start_ && !may_start_(action)) return false;
  }
  return true;
}

void Walker::count_in_flight(std::size_t action, int change) {
  const Busy& busy = busy_[action];
  for (std::size_t i = 0; i < busy.count; ++i) {
    Jobs& jobs = jobs_[busy.nodes[i]];
    jobs.actions += change;
    if (busy.migration) jobs.migrations += change;
  }
}

void Walker::begin_pass() {
  in_pass_ = true;
  cursor_ = 0;
  pass_ = Pass{};
  pass_.completed = confirmed_count_;
}

int Walker::count_skipped() const {
  if (lowest_priority_ >= abort_priority_) return failed_count_;
  std::ptrdiff_t skipped = 0;
  for (const std::set<std::size_t>& ready : ready_) {
    skipped += std::count_if(ready.begin(), ready.end(), [&](std::size_t synapse) {
      return graph_.synapses[synapse].priority < abort_priority_ && has_non_pseudo(synapse);
    });
  }
  return failed_count_ + static_cast<int>(skipped);
}

void Walker::end_pass() {
  in_pass_ = false;
  pass_.pending = pending_count_;
  pass_.skipped = count_skipped();
  pass_.incomplete = incomplete_count_;
  if (pass_.fired > 0) {
    state_ = WalkState::kActive;
  } else if (pass_.pending > 0) {
    state_ = WalkState::kPending;
  } else if (pass_.incomplete > 0 && abort_priority_ <= 0) {
    state_ = WalkState::kTerminated;
  } else {
    state_ = WalkState::kComplete;
  }
}

Start Walker::start(std::size_t index) {
  const Action& action = graph_.actions[index];
  actions_[index].executed = true;
  count_in_flight(index, 1);
  Start start{&action, std::nullopt};
  if (action.kind != ActionKind::kPseudo && !action.is_fencing()) {
    start.timer_ms = action.timeout_ms + graph_.cluster_delay_ms;
  }
  return start;
}

/// The first synapse of the rest of the pass that may start. A node that is busy is passed over
/// with all that waits for it.
std::optional<std::size_t> Walker::next_ready() const {
  std::optional<std::size_t> first;
  for (std::size_t queue = 0; queue < ready_.size(); ++queue) {
    if (ready_[queue].empty()) continue;
    if (queue > 0 && !limits_allow(Busy{{queue - 1}, 1, false})) continue;
    auto at = ready_[queue].lower_bound(cursor_);
    while (at != ready_[queue].end() && (!first || *at < *first) && !allowed_now(*at)) ++at;
    if (at != ready_[queue].end() && (!first || *at < *first)) first = *at;
  }
  return first;
}

std::optional<Start> Walker::next() {
  const int batch_limit = batch_limit_.value_or(graph_.batch_limit);
  while (true) {
    while (queue_at_ < queue_.size()) {
      const std::size_t action = queue_[queue_at_++];
      if (!actions_[action].confirmed) return start(action);
    }
    if (!in_pass_) begin_pass();
    const bool full = batch_limit > 0 && pending_count_ >= batch_limit;
    const std::optional<std::size_t> ready = full ? std::nullopt : next_ready();
    if (!ready) {
      end_pass();
      if (state_ != WalkState::kActive) return std::nullopt;
      continue;
    }
    const std::size_t synapse = *ready;
    ready_of(synapse).erase(synapse);
    cursor_ = synapse + 1;
    synapses_[synapse].executed = true;
    --incomplete_count_;
    ++pass_.fired;
    queue_ = graph_.synapses[synapse].actions;
    queue_at_ = 0;
    if (queue_.empty()) {
      synapses_[synapse].confirmed = true;
      ++confirmed_count_;
    } else {
      ++pending_count_;
    }
  }
}

void Walker::confirm_inputs(int action_id, bool failed) {
  const auto waiting = waiting_on_.find(action_id);
  if (waiting == waiting_on_.end()) return;
  for (const std::size_t index : waiting->second) {
    SynapseState& synapse = synapses_[index];
    if (synapse.failed || synapse.confirmed || synapse.executed) continue;
    if (failed && graph_.synapses[index].priority != kAbortAll) continue;
    if (synapse.open_inputs > 0 && --synapse.open_inputs == 0) {
      ready_of(index).insert(index);
    }
  }
}

void Walker::confirm_action(std::size_t index, bool failed) {
  const Action& action = graph_.actions[index];
  ActionState& state = actions_[index];
  if (state.executed) count_in_flight(index, -1);
  state.confirmed = true;
  state.failed = state.failed || failed;
  SynapseState& synapse = synapses_[action.synapse];
  if (synapse.executed && !synapse.failed && --synapse.open_actions == 0 && !synapse.confirmed) {
    synapse.confirmed = true;
    ++confirmed_count_;
    --pending_count_;
  }
}

const Action* Walker::unconfirmed(int action_id) const {
  const Action* action = graph_.find(action_id);
  if (action == nullptr) return nullptr;
  const std::size_t index = static_cast<std::size_t>(action - graph_.actions.data());
  return actions_[index].confirmed || !actions_[index].executed ? nullptr : action;
}

bool Walker::complete(int action_id, bool failed) {
  const Action* action = unconfirmed(action_id);
  if (action == nullptr) return false;
  const std::size_t index = static_cast<std::size_t>(action - graph_.actions.data());
  const bool had_failed = actions_[index].failed;
  confirm_action(index, failed);
  confirm_inputs(action_id, failed || had_failed);
  return true;
}

bool Walker::fail(int action_id) {
  const Action* action = unconfirmed(action_id);
  if (action == nullptr) return false;
  complete(action_id, true);
  abort(graph_.synapses[action->synapse].priority + 1, Completion::kRestart, "Event failed");
  return true;
}

bool Walker::failed_to_start(int action_id) {
  const Action* action = unconfirmed(action_id);
  if (action == nullptr) return false;
  confirm_action(static_cast<std::size_t>(action - graph_.actions.data()), true);
  SynapseState& synapse = synapses_[action->synapse];
  if (!synapse.confirmed && !synapse.failed) {
    synapse.confirmed = true;
    ++confirmed_count_;
    --pending_count_;
  }
  queue_.clear();
  queue_at_ = 0;
  if (in_pass_ && pass_.fired > 0) --pass_.fired;
  abort_priority_ = kAbortAll;
  return true;
}

bool Walker::lost(int action_id) {
  if (!complete(action_id, true)) return false;
  abort(kAbortAll, Completion::kRestart, "Action lost");
  return true;
}

void Walker::abort(int priority, Completion completion, std::string_view reason) {
  if (priority > abort_priority_) {
    abort_priority_ = priority;
    abort_reason_ = reason;
  }
  completion_ = std::max(completion_, completion);
}

bool Walker::expects_down(std::string_view node_id) const {
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    if (!actions_[i].executed) continue;
    const auto downed = graph_.actions[i].downed();
    if (std::find(downed.begin(), downed.end(), node_id) != downed.end()) return true;
  }
  return false;
}

bool Walker::node_lost(std::string_view name, std::string_view node_id) {
  if (expects_down(node_id)) return false;
  bool affected = false;
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    const Action& action = graph_.actions[i];
    if (action.kind == ActionKind::kPseudo || action.is_fencing() || actions_[i].confirmed)
      continue;
    if (action.node != name && action.router_node != name) continue;
    affected = true;
    actions_[i].failed = true;
    SynapseState& synapse = synapses_[action.synapse];
    if (synapse.failed || synapse.confirmed) continue;
    synapse.failed = true;
    ++failed_count_;
    if (synapse.executed) {
      --pending_count_;
    } else {
      --incomplete_count_;
    }
    ready_of(action.synapse).erase(action.synapse);
  }
  if (affected) abort(kAbortAll, Completion::kRestart, "Node failure");
  return affected;
}

std::string_view Walker::status_word() const {
  if (state_ == WalkState::kTerminated) return "Terminated";
  if (state_ != WalkState::kComplete) return "In progress";
  return pass_.skipped > 0 ? "Stopped" : "Complete";
}

bool Walker::in_flight(int action_id) const { return unconfirmed(action_id) != nullptr; }

std::vector<const Action*> Walker::in_flight() const {
  std::vector<const Action*> actions;
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    if (actions_[i].executed && !actions_[i].confirmed) actions.push_back(&graph_.actions[i]);
  }
  return actions;
}

bool Walker::executed(int action_id) const {
  const Action* action = graph_.find(action_id);
  return action != nullptr &&
         actions_[static_cast<std::size_t>(action - graph_.actions.data())].executed;
}

bool Walker::confirmed(int action_id) const {
  const Action* action = graph_.find(action_id);
  return action != nullptr &&
         actions_[static_cast<std::size_t>(action - graph_.actions.data())].confirmed;
}

bool Walker::failed(int action_id) const {
  const Action* action = graph_.find(action_id);
  return action != nullptr &&
         actions_[static_cast<std::size_t>(action - graph_.actions.data())].failed;
}

}  // namespace quorate::transition
