#include "executor/fence_devices.h"

#include <algorithm>

#include "agents/fence_parameters.h"
#include "base/duration.h"
#include "messages/fencer.h"

namespace quorate::executor {
namespace {

constexpr const char* kLost = "Lost connection to fencer";

/// The fencer's result in terms of a resource action (spec/11 §20).
AgentResult map_result(AgentResult result, const std::string& task) {
  if (result.exit_code != ocf::kOk) result.exit_code = ocf::kError;
  switch (result.status) {
    case ExecutionStatus::kNotConnected:
    case ExecutionStatus::kCannotExecute:
      result.status = ExecutionStatus::kError;
      break;
    case ExecutionStatus::kNoFenceDevice:
      result.status = ExecutionStatus::kError;
      result.exit_code = task == "monitor" ? ocf::kNotRunning
                         : task == "stop"  ? ocf::kOk
                                           : ocf::kNotInstalled;
      break;
    case ExecutionStatus::kUnsupported:
      result.exit_code = ocf::kUnimplemented;
      break;
    default:
      break;
  }
  return result;
}

}  // namespace

void FenceDevices::start(const Action& action, Effects& effects, Ends& ends) {
  const bool known = action.task == "start" || action.task == "stop" || action.task == "monitor";
  if (!known) {
    ends.push_back(
        {action.id,
         {ocf::kUnimplemented, ExecutionStatus::kError, "Invalid fence device action (bug?)"},
         {}});
    return;
  }
  if (action.task == "monitor" && !action.recurring()) {
    ends.push_back({action.id, probe(action.resource), {}});
    return;
  }
  std::int64_t timeout_ms = action.timeout_ms;
  if (action.task == "monitor") {
    timeout_ms = agents::fence_timeout_ms(action.parameters, "monitor").value_or(action.timeout_ms);
  }
  Run run{action.id,
          action.resource,
          action.agent.type,
          action.task,
          std::max<std::int64_t>(1, ms_to_seconds(timeout_ms)),
          action.parameters,
          action.task == "start"};
  if (connected_) {
    send(std::move(run), effects);
  } else {
    waiting_.push_back(std::move(run));
    effects.push_back(SetTimer{action.id, kWaitForFencerMs});
  }
}

AgentResult FenceDevices::probe(const std::string& resource) const {
  const auto found = memory_.find(resource);
  if (found == memory_.end() || !found->second.running) {
    return {ocf::kNotRunning, ExecutionStatus::kDone, {}};
  }
  if (found->second.lost) return {ocf::kError, ExecutionStatus::kError, kLost};
  return {ocf::kOk, ExecutionStatus::kDone, {}};
}

void FenceDevices::send(Run run, Effects& effects) {
  if (run.registering) {
    add_device(std::move(run), effects);
    return;
  }
  const std::uint64_t request = ++next_request_;
  fencer::Request message = fencer::RunDevice{request, run.resource, "monitor", "", run.timeout_s};
  if (run.task == "stop") message = fencer::RemoveDevice{request, run.resource};
  runs_[request] = std::move(run);
  effects.push_back(SendSibling{Daemon::kFencer, fencer::encode(message)});
}

void FenceDevices::add_device(Run run, Effects& effects) {
  const std::uint64_t request = ++next_request_;
  const fencer::AddDevice message{request, run.resource, run.agent, run.parameters, false};
  runs_[request] = std::move(run);
  effects.push_back(SendSibling{Daemon::kFencer, fencer::encode(fencer::Request(message))});
}

void FenceDevices::fencer_up(Effects& effects) {
  connected_ = true;
  for (const auto& [resource, memory] : memory_) {
    if (!memory.running) continue;
    add_device({0, resource, memory.agent, "start", 0, memory.parameters, true}, effects);
  }
  for (Run& run : std::exchange(waiting_, {})) {
    effects.push_back(CancelTimer{run.action});
    send(std::move(run), effects);
  }
}

void FenceDevices::fencer_down(Ends& ends) {
  connected_ = false;
  for (auto& [resource, memory] : memory_) memory.lost = memory.running;
  for (auto& [request, run] : std::exchange(runs_, {})) {
    if (run.action != 0) {
      ends.push_back({run.action, {ocf::kError, ExecutionStatus::kError, kLost}, {}});
    }
  }
}

void FenceDevices::answered(const std::string& payload, Effects& effects, Ends& ends) {
  const auto answer = fencer::decode_answer(payload);
  if (!answer) {
    effects.push_back(Log{{LogLevel::kWarning, "Ignoring fencer: " + answer.error().message}});
    return;
  }
  const auto* reply = std::get_if<fencer::Reply>(&*answer);
  if (reply == nullptr || reply->more_to_come) return;
  const auto found = runs_.find(reply->request);
  if (found == runs_.end()) return;
  Run run = std::move(found->second);
  runs_.erase(found);
  if (!run.registering) {
    ended(run, map_result(reply->result, run.task), reply->output, ends);
  } else if (run.action == 0) {
    if (reply->result.succeeded()) memory_[run.resource].lost = false;
  } else if (reply->result.succeeded()) {
    run.registering = false;
    send(std::move(run), effects);
  } else {
    ended(run, map_result(reply->result, run.task), reply->output, ends);
  }
}

void FenceDevices::ended(const Run& run, AgentResult result, std::string output, Ends& ends) {
  if (result.succeeded() && run.task == "start") {
    memory_[run.resource] = {true, false, run.agent, run.parameters};
  } else if (run.task == "stop" && result.exit_code == ocf::kOk) {
    memory_.erase(run.resource);
  }
  ends.push_back({run.action, std::move(result), std::move(output)});
}

void FenceDevices::gave_up(ActionId action, Ends& ends) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Run& run) { return run.action == action; });
  if (found == waiting_.end()) return;
  ends.push_back({action, {ocf::kError, ExecutionStatus::kError, "No connection to fencer"}, {}});
  waiting_.erase(found);
}

bool FenceDevices::runs(ActionId action) const {
  const auto is_it = [&](const Run& run) { return run.action == action; };
  return std::any_of(waiting_.begin(), waiting_.end(), is_it) ||
         std::any_of(runs_.begin(), runs_.end(),
                     [&](const auto& entry) { return is_it(entry.second); });
}

}  // namespace quorate::executor
