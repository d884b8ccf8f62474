#pragma once

#include <functional>
#include <list>
#include <map>
#include <string>

#include "fencer/context.h"
#include "fencer/device.h"
#include "fencer/metadata_cache.h"

namespace quorate::fencer {

/// One action to be run with a device.
struct Job {
  std::string device;
  std::string action;           ///< as requested: reboot, off, on, monitor, list, status
  std::string target;           ///< empty: none
  std::int64_t timeout_s = 60;  ///< base timeout; the device's own for the action beats it
  std::int64_t delay_s = 0;     ///< requested delay; -1: no delays at all
};

/// Runs fence agents: one queue per device with its limit, delays, attempts within the timeout
/// (spec/12 §7, §8). Delayed jobs don't block those behind them.
class DeviceRunner {
 public:
  using Done = std::function<void(Context&, const AgentResult&, const std::string& output)>;

  DeviceRunner(const FencerConfig& config, const MetadataCache& metadata)
      : config_(config), metadata_(metadata), random_(config.random_seed) {}

  /// The device must exist; `done` is called once, never before run() has returned.
  void run(Context& context, const Device& device, Job job, Done done);
  /// Jobs of the device that haven't started fail, or go on with its new definition.
  void device_removed(Context& context, const std::string& device);
  void device_replaced(const Device& device);
  /// True if the event was a job's.
  bool handle(Context& context, const ProcessEnded& event);
  bool handle(Context& context, const TimerFired& event);

 private:
  struct Run {
    Job job;
    std::string action;  ///< that is run: off for a reboot the agent can't do
    Device device;
    Done done;
    std::int64_t ready_ms = 0;    ///< not before
    std::int64_t started_ms = 0;  ///< first attempt
    std::int64_t timeout_s = 0;
    int attempts = 0;
    bool running = false;
    std::uint64_t process = 0;
    std::uint64_t timer = 0;  ///< delay or pause before the next attempt
  };
  using Runs = std::list<Run>;

  void start_ready(Context& context, const std::string& device);
  void attempt(Context& context, Run& run);
  void finish(Context& context, Runs::iterator run, const AgentResult& result,
              const std::string& output);
  std::int64_t delay_of(Context& context, const Run& run);
  std::uint64_t next_random();

  const FencerConfig& config_;
  const MetadataCache& metadata_;
  std::uint64_t random_;
  Runs runs_;  ///< in the order in which they were asked for
};

}  // namespace quorate::fencer
