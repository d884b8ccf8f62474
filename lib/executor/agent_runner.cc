#include "executor/agent_runner.h"

#include <algorithm>
#include <cerrno>

#include "agents/outcome.h"
#include "agents/systemd.h"

namespace quorate::executor {

using agents::Standard;

void AgentRunner::start(const Action& action, Effects& effects, Ends& ends) {
  if (action.standard == Standard::kStonith) {
    fence_devices_.start(action, effects, ends);
    return;
  }
  Run run;
  run.action = action.id;
  run.standard = action.standard;
  run.agent = action.agent;
  run.resource = action.resource;
  run.task = agents::agent_task(action.standard, action.task);
  run.timeout_ms = action.timeout_ms;
  run.kill_process_only = action.kill_process_only;
  run.parameters = action.parameters;
  if (run.standard == Standard::kService) {
    run.standard = Standard::kLsb;
    run.unit_is_next = true;
  }
  if (run.standard == Standard::kSystemd) {
    call_unit(std::move(run), effects, ends);
  } else {
    run_process(std::move(run), effects, ends);
  }
}

void AgentRunner::run_process(Run run, Effects& effects, Ends& ends) {
  run.program = agents::program_path(run.standard, run.agent, config_.paths, run.directory);
  if (run.program.empty()) {
    ends.push_back({run.action,
                    {ocf::kNotInstalled, ExecutionStatus::kNotInstalled,
                     run.agent.type + ": No such file or directory"},
                    {}});
    return;
  }
  RunProcess process;
  process.request = ++next_request_;
  process.program = run.program;
  process.arguments = {run.task};
  process.env = agents::resource_environment(run.standard, run.agent, run.resource, run.parameters,
                                             config_.paths, config_.environment);
  process.timeout_ms = run.timeout_ms;
  process.max_output_bytes = config_.max_output_bytes;
  process.kill_process_only = run.kill_process_only;
  process.describe = run.task + " of " + run.resource + " on " + config_.node_name;
  runs_[process.request] = std::move(run);
  effects.push_back(std::move(process));
}

void AgentRunner::call_unit(Run run, Effects& effects, Ends& ends) {
  UnitCall call;
  call.method = agents::unit_method(run.task);
  if (call.method.empty()) {
    ends.push_back({run.action,
                    {ocf::kUnimplemented, ExecutionStatus::kError,
                     "Action " + run.task + " not implemented for systemd resources"},
                    {}});
    return;
  }
  run.standard = Standard::kSystemd;
  call.request = ++next_request_;
  call.unit = agents::unit_name(run.agent.type);
  call.timeout_ms = run.timeout_ms;
  runs_[call.request] = std::move(run);
  effects.push_back(std::move(call));
}

bool AgentRunner::handle(const ProcessEnded& event, Effects& effects, Ends& ends) {
  const auto found = runs_.find(event.request);
  if (found == runs_.end()) return false;
  Run run = std::move(found->second);
  runs_.erase(found);
  const bool missing = event.result.end == ProcessResult::End::kCouldNotStart &&
                       (event.result.status == ENOENT || event.result.status == ENOTDIR);
  if (missing && run.standard == Standard::kOcf &&
      run.directory + 1 < config_.paths.ocf_directories.size()) {
    ++run.directory;
    run_process(std::move(run), effects, ends);
    return true;
  }
  if (missing && run.unit_is_next) {
    call_unit(std::move(run), effects, ends);
    return true;
  }
  // For OCF the reference notices a missing file before the path is complete (spec/11 §8.6).
  const std::string& name = run.standard == Standard::kOcf ? run.agent.type : run.program;
  ends.push_back({run.action,
                  agents::outcome(run.standard, run.task, name, run.timeout_ms, event.result),
                  agents::output_of(event.result)});
  if (event.result.truncated) {
    effects.push_back(
        Log{{LogLevel::kWarning, "Truncated output of " + run.resource + "_" + run.task + " to " +
                                     std::to_string(config_.max_output_bytes) + " bytes"}});
  }
  return true;
}

bool AgentRunner::handle(const UnitCallDone& event, Ends& ends) {
  const auto found = runs_.find(event.request);
  if (found == runs_.end()) return false;
  const Run& run = found->second;
  ends.push_back({run.action, agents::unit_outcome(run.task, run.agent.type, event), {}});
  runs_.erase(found);
  return true;
}

bool AgentRunner::kill(ActionId action, Effects& effects) {
  const auto found = std::find_if(runs_.begin(), runs_.end(),
                                  [&](const auto& entry) { return entry.second.action == action; });
  if (found == runs_.end()) return fence_devices_.runs(action);
  if (found->second.standard == Standard::kSystemd) {
    runs_.erase(found);
    return false;
  }
  effects.push_back(KillProcess{found->first});
  return true;
}

}  // namespace quorate::executor
