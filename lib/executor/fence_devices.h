#pragma once

#include <map>
#include <string>
#include <vector>

#include "executor/action.h"

namespace quorate::executor {

/// Fence devices as resources (spec/11 §20): starting one means registering it with this node's
/// fencer and having it monitored there; the agent is never run by the executor.
///
/// When the fencer comes back after a restart, devices that were started are registered again, so
/// that their resources needn't be recovered.
class FenceDevices {
 public:
  explicit FenceDevices(std::uint64_t& next_request) : next_request_(next_request) {}

  using Ends = std::vector<RunEnd>;

  void start(const Action& action, Effects& effects, Ends& ends);
  void fencer_up(Effects& effects);
  /// Everything under way fails.
  void fencer_down(Ends& ends);
  void answered(const std::string& payload, Effects& effects, Ends& ends);
  /// The time to wait for a fencer is over (timer of the action).
  void gave_up(ActionId action, Ends& ends);
  /// Whether a run of this action is under way.
  bool runs(ActionId action) const;

  static constexpr std::int64_t kWaitForFencerMs = 20'000;

 private:
  struct Memory {
    bool running = false;
    bool lost = false;  ///< the fencer was lost while running
    std::string agent;
    Parameters parameters;
  };
  struct Run {
    ActionId action = 0;
    std::string resource;
    std::string agent;
    std::string task;
    std::int64_t timeout_s = 0;
    Parameters parameters;
    bool registering = false;  ///< the first of a start's two steps
  };

  AgentResult probe(const std::string& resource) const;
  void send(Run run, Effects& effects);
  void add_device(Run run, Effects& effects);
  void ended(const Run& run, AgentResult result, std::string output, Ends& ends);

  std::uint64_t& next_request_;
  bool connected_ = false;
  std::map<std::string, Memory> memory_;
  std::map<std::uint64_t, Run> runs_;  ///< by request
  std::vector<Run> waiting_;           ///< for a connection
};

}  // namespace quorate::executor
