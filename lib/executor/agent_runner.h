#pragma once

#include <map>
#include <vector>

#include "executor/action.h"
#include "executor/config.h"
#include "executor/fence_devices.h"

namespace quorate::executor {

/// Carries out one run of an action: as a process (OCF, LSB), a systemd call or a request to the
/// fencer, and turns its end into a result (spec/11 §8, §18, §20). `service` is tried as init
/// script first, then as unit (spec/11 §19).
class AgentRunner {
 public:
  AgentRunner(const ExecutorConfig& config, std::uint64_t& next_request)
      : config_(config), next_request_(next_request), fence_devices_(next_request) {}

  using Ends = std::vector<RunEnd>;

  /// Starts a run. What ends at once is appended to `ends`, everything else ends by an event.
  void start(const Action& action, Effects& effects, Ends& ends);
  /// Events of runs; those of others are ignored. True if the event belonged to a run.
  bool handle(const ProcessEnded& event, Effects& effects, Ends& ends);
  bool handle(const UnitCallDone& event, Ends& ends);
  /// The action's timer while it runs: a fence device's action has waited too long for the fencer.
  void timer_fired(ActionId action, Ends& ends) { fence_devices_.gave_up(action, ends); }
  /// Ends a run early. True if its process gets SIGKILL and a RunEnd will come; false if nothing
  /// will come any more.
  bool kill(ActionId action, Effects& effects);

  FenceDevices& fence_devices() { return fence_devices_; }

 private:
  struct Run {
    ActionId action = 0;
    agents::Standard standard{};
    AgentSpec agent;
    std::string resource;
    std::string task;
    std::int64_t timeout_ms = 0;
    bool kill_process_only = false;
    Parameters parameters;
    std::string program;
    std::size_t directory = 0;  ///< of the OCF search path
    bool unit_is_next = false;  ///< `service`: a unit if there is no script
  };

  void run_process(Run run, Effects& effects, Ends& ends);
  void call_unit(Run run, Effects& effects, Ends& ends);

  const ExecutorConfig& config_;
  std::uint64_t& next_request_;
  std::map<std::uint64_t, Run> runs_;  ///< by request
  FenceDevices fence_devices_;
};

}  // namespace quorate::executor
