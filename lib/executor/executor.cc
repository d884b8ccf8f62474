#include "executor/executor.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace quorate::executor {

Executor::Executor(ExecutorConfig config)
    : config_(std::move(config)),
      runner_(config_, next_request_),
      queries_(config_, next_request_) {}

void Executor::handle(const Event& event, Now now, Effects& effects) {
  now_ = now;
  effects_ = &effects;
  std::visit([this](const auto& specific) { on(specific); }, event);
  // Ending a run can start the next one, which may end at once.
  while (!ends_.empty()) {
    for (const RunEnd& end : std::exchange(ends_, {})) run_ended(end);
  }
  effects_ = nullptr;
}

// ---- Events -----------------------------------------------------------------------------------

void Executor::on(const ClientConnected& event) { clients_[event.client] = {event.peer, false}; }

void Executor::on(const ClientGone& event) {
  clients_.erase(event.client);
  queries_.client_gone(event.client);
}

void Executor::on(const ClientMessage& event) {
  const auto client = clients_.find(event.client);
  if (client == clients_.end()) return;
  const auto request = decode_request(event.payload);
  if (!request) {
    log(LogLevel::kWarning, "Ignoring a message of client " + std::to_string(event.client) +
                                " (process " + std::to_string(client->second.peer.pid) +
                                "): " + request.error().message);
    refuse(event.client, 0, ErrorKind::kInvalid, request.error().message);
    return;
  }
  if (!client->second.peer.privileged) {
    std::uint64_t number = 0;
    std::visit(
        [&](const auto& specific) {
          if constexpr (requires { specific.request; }) number = specific.request;
        },
        *request);
    refuse(event.client, number, ErrorKind::kPermission,
           "Permission denied: only root and the cluster's user may use the executor");
    return;
  }
  std::visit([&](const auto& specific) { serve(event.client, specific); }, *request);
}

void Executor::on(const SiblingUp& event) {
  if (event.daemon == Daemon::kFencer) runner_.fence_devices().fencer_up(*effects_);
}

void Executor::on(const SiblingDown& event) {
  if (event.daemon == Daemon::kFencer) runner_.fence_devices().fencer_down(ends_);
}

void Executor::on(const SiblingMessage& event) {
  if (event.daemon == Daemon::kFencer) {
    runner_.fence_devices().answered(event.payload, *effects_, ends_);
  }
}

void Executor::on(const TimerFired& event) {
  Action* action = table_.action(event.timer);
  if (action == nullptr) return;
  switch (action->phase) {
    case Action::Phase::kWaiting:
      table_.hold(*action);
      break;
    case Action::Phase::kRunning:
      runner_.timer_fired(action->id, ends_);
      return;
    case Action::Phase::kPending:
    case Action::Phase::kHeld:
      break;
  }
  start_next(action->resource);
}

void Executor::on(const ProcessEnded& event) {
  if (!runner_.handle(event, *effects_, ends_)) queries_.handle(event, *effects_);
}

void Executor::on(const UnitCallDone& event) {
  if (!runner_.handle(event, ends_)) queries_.handle(event, *effects_);
}

void Executor::on(const ComputeDone& event) { queries_.handle(event, *effects_); }

/// Recurring actions end; other agents are left to finish, and resources stay active (§11.2).
void Executor::on(const ShutdownRequested&) {
  std::vector<std::string> names;
  for (const auto& [id, resource] : table_.resources()) names.push_back(id);
  for (const std::string& id : names) cancel_recurring(id);
  effects_->push_back(Exit{0, "shutdown was requested"});
}

// ---- Requests ---------------------------------------------------------------------------------

void Executor::serve(ClientId client, const Subscribe&) {
  clients_[client].subscribed = true;
  for (std::string& payload : std::exchange(undelivered_, {})) {
    effects_->push_back(Reply{client, std::move(payload)});
  }
}

void Executor::serve(ClientId client, const Register& request) {
  const Result<void> registered = register_resource(request.resource, request.agent);
  if (registered) {
    done(client, request.request);
  } else {
    refuse(client, request.request, registered.error().kind, registered.error().message);
  }
}

void Executor::serve(ClientId client, const Unregister& request) {
  Done answer;
  answer.request = request.request;
  answer.in_progress =
      table_.resource(request.resource) != nullptr && remove_resource(request.resource);
  send(client, answer);
}

void Executor::serve(ClientId client, const RunAction& request) {
  if (request.agent.type.empty() && table_.resource(request.resource) == nullptr) {
    refuse(client, request.request, ErrorKind::kNotFound,
           "Resource '" + request.resource + "' not found (" +
               std::to_string(table_.resources().size()) + " active resources)");
    return;
  }
  if (request.task.empty()) {
    refuse(client, request.request, ErrorKind::kInvalid,
           "Action for resource '" + request.resource + "' has no name");
    return;
  }
  if (!request.agent.type.empty()) {
    const Result<void> registered = register_resource(request.resource, request.agent);
    if (!registered) {
      refuse(client, request.request, registered.error().kind, registered.error().message);
      return;
    }
  }
  const Resource& resource = *table_.resource(request.resource);
  if (resource.pending.size() >= ActionTable::kMaxPending) {
    refuse(client, request.request, ErrorKind::kUnsupported,
           "Resource '" + request.resource + "' has too many actions waiting");
    return;
  }
  last_call_id_ = last_call_id_ >= std::numeric_limits<std::int32_t>::max() ? 1 : last_call_id_ + 1;
  Done answer;
  answer.request = request.request;
  answer.call_id = last_call_id_;
  send(client, answer);
  if (merge(client, request)) return;

  Action action;
  action.id = ++next_action_;
  action.resource = request.resource;
  action.agent = resource.agent;
  action.standard = resource.standard;
  action.task = request.task;
  action.interval_ms = request.interval_ms;
  if ((action.task == "start" || action.task == "stop") && action.interval_ms != 0) {
    log(LogLevel::kError, "Running " + action.task + " of " + action.resource +
                              " once although it was requested with an interval");
    action.interval_ms = 0;
  }
  action.timeout_ms = request.timeout_ms > 0 ? request.timeout_ms : action.interval_ms;
  action.start_delay_ms = request.start_delay_ms;
  action.kill_process_only = request.kill_process_only;
  action.parameters = request.parameters;
  action.user_data = request.user_data;
  action.call_id = last_call_id_;
  action.waiting_client = request.wait ? client : 0;
  action.queued_ms = now_.monotonic_ms;
  action.ready_ms = now_.monotonic_ms + request.start_delay_ms;
  if (action.task == "stop") cancel_recurring(action.resource);
  if (request.start_delay_ms > 0) {
    effects_->push_back(SetTimer{action.id, request.start_delay_ms});
  }
  table_.enqueue(std::move(action));
  start_next(request.resource);
}

void Executor::serve(ClientId client, const CancelAction& request) {
  if (table_.resource(request.resource) == nullptr) {
    refuse(client, request.request, ErrorKind::kNotFound,
           "Resource '" + request.resource + "' not found");
    return;
  }
  const Action* action = table_.find(request.resource, request.task, request.interval_ms);
  if (action == nullptr) {
    refuse(client, request.request, ErrorKind::kUnsupported,
           "Resource '" + request.resource + "' has no " + request.task + " with interval " +
               std::to_string(request.interval_ms) + "ms that can be cancelled");
    return;
  }
  done(client, request.request);
  cancel(action->id);
  start_next(request.resource);
}

void Executor::serve(ClientId client, const ListState& request) {
  State state;
  state.request = request.request;
  state.last_call_id = last_call_id_;
  for (const auto& [id, resource] : table_.resources()) {
    if (!request.resource.empty() && request.resource != id) continue;
    ResourceState& entry = state.resources.emplace_back(ResourceState{id, resource.agent, {}});
    for (const ActionId action_id : table_.actions_of(id)) {
      const Action& action = *table_.action(action_id);
      const auto phase = action.phase == Action::Phase::kRunning   ? ActionState::Phase::kRunning
                         : action.phase == Action::Phase::kWaiting ? ActionState::Phase::kWaiting
                                                                   : ActionState::Phase::kPending;
      entry.actions.push_back({phase, action.task, action.interval_ms, action.timeout_ms,
                               action.call_id, action.user_data, action.last});
    }
  }
  send(client, state);
}

void Executor::serve(ClientId client, const GetMetadata& request) {
  queries_.metadata(client, request, *effects_);
}

void Executor::serve(ClientId client, const ListAgents& request) {
  queries_.list(client, request, *effects_);
}

// ---- Resources --------------------------------------------------------------------------------

Result<void> Executor::register_resource(const std::string& id, const AgentSpec& agent) {
  if (id.empty()) return fail(ErrorKind::kInvalid, "Resource to register has no id");
  const auto standard = agents::check(agent);
  if (!standard) return tl::unexpected(standard.error());
  if (const Resource* known = table_.resource(id)) {
    const bool same = iequals(known->agent.standard, agent.standard) &&
                      iequals(known->agent.provider, agent.provider) &&
                      iequals(known->agent.type, agent.type);
    if (same) return {};
    remove_resource(id);
  }
  table_.add_resource(id, agent, *standard);
  return {};
}

bool Executor::remove_resource(const std::string& id) {
  bool running = false;
  for (const ActionId action_id : table_.actions_of(id)) {
    Action& action = *table_.action(action_id);
    action.deleted = true;
    running = running || action.phase == Action::Phase::kRunning;
    if (action.recurring() || action.phase != Action::Phase::kRunning) cancel(action_id);
  }
  table_.remove_resource(id);
  return running;
}

/// A recurring action that is known already takes over call id and user data (spec/11 §6.5).
bool Executor::merge(ClientId client, const RunAction& request) {
  if (request.interval_ms == 0) return false;
  Action* known = table_.find(request.resource, request.task, request.interval_ms);
  if (known == nullptr || known->cancelled) return false;
  log(LogLevel::kWarning, "Duplicate recurring op entry detected (" + request.resource + "_" +
                              std::string(agents::agent_task(known->standard, request.task)) + "_" +
                              std::to_string(request.interval_ms) +
                              "), merging with previous op entry");
  known->call_id = last_call_id_;
  known->user_data = request.user_data;
  known->waiting_client = request.wait ? client : 0;
  known->reported = false;
  if (known->phase == Action::Phase::kWaiting) {
    effects_->push_back(CancelTimer{known->id});
    table_.hold(*known);
    start_next(request.resource);
  }
  return true;
}

void Executor::cancel_recurring(const std::string& resource) {
  for (const ActionId id : table_.actions_of(resource)) {
    const Action* action = table_.action(id);
    if (action != nullptr && action->recurring()) cancel(id);
  }
}

/// Spec/11 §7. What can't be stopped at once is reported when its run ends.
void Executor::cancel(ActionId id) {
  Action& action = *table_.action(id);
  if (action.cancelled) return;
  action.cancelled = true;
  AgentResult result = action.last;
  if (action.phase == Action::Phase::kRunning) {
    if (runner_.kill(id, *effects_)) return;
    result.exit_code = ocf::kOk;
  }
  effects_->push_back(CancelTimer{id});
  result.status = ExecutionStatus::kCancelled;
  result.reason.clear();
  pass_on(action, result, {}, 0);
  const std::string resource = action.resource;
  table_.erase(id);
}

}  // namespace quorate::executor
