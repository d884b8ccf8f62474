#include "fencer/device_runner.h"

#include <algorithm>

#include "agents/outcome.h"
#include "base/duration.h"

namespace quorate::fencer {
namespace {

constexpr std::int64_t kRetryPauseMs = 1'000;

bool is_fencing(const std::string& action) { return action == "off" || action == "reboot"; }

std::string seconds(std::int64_t value) { return std::to_string(value) + "s"; }

}  // namespace

void DeviceRunner::run(Context& context, const Device& device, Job job, Done done) {
  Run& run = runs_.emplace_back();
  run.device = device;
  run.action = effective_action(metadata_.find(device.agent), job.action);
  if (run.action != job.action) {
    context.log(LogLevel::kNotice, "Remapping 'reboot' action targeting " + job.target + " using " +
                                       device.id + " to 'off' because agent '" + device.agent +
                                       "' does not support reboot");
  }
  run.timeout_s = std::max<std::int64_t>(1, job.timeout_s);
  if (const auto own = agents::fence_timeout_ms(device.parameters, run.action)) {
    run.timeout_s = std::max<std::int64_t>(1, ms_to_seconds(*own));
  }
  run.job = std::move(job);
  run.done = std::move(done);
  const std::int64_t delay_s = delay_of(context, run);
  run.ready_ms = context.now.monotonic_ms + delay_s * 1000;
  run.timer = context.set_timer(delay_s * 1000);  // 0 ms: so that `done` never comes too early
}

/// Requested, base and random delay (spec/12 §8.3).
std::int64_t DeviceRunner::delay_of(Context& context, const Run& run) {
  if (!is_fencing(run.job.action) || run.job.delay_s < 0) return 0;
  const agents::FenceDelay delay = agents::fence_delay(run.device.parameters, run.job.target);
  if (delay.limited) {
    context.log(LogLevel::kWarning, "pcmk_delay_base is larger than pcmk_delay_max (" +
                                        seconds(delay.max_s) + ") for " + run.action + " using " +
                                        run.device.id + " (limiting to maximum delay)");
  }
  std::int64_t total = run.job.delay_s + delay.base_s;
  if (delay.max_s > delay.base_s) {
    total += static_cast<std::int64_t>(next_random() %
                                       static_cast<std::uint64_t>(delay.max_s - delay.base_s + 1));
  }
  if (total > 0) {
    context.log(LogLevel::kNotice, "Delaying '" + run.action + "' action targeting " +
                                       run.job.target + " using " + run.device.id + " for " +
                                       seconds(total) + " | timeout=" + seconds(run.timeout_s) +
                                       " requested_delay=" + seconds(run.job.delay_s) + " base=" +
                                       seconds(delay.base_s) + " max=" + seconds(delay.max_s));
  }
  return total;
}

/// SplitMix64: delays needn't be unpredictable, only different on different nodes.
std::uint64_t DeviceRunner::next_random() {
  std::uint64_t mixed = random_ += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

void DeviceRunner::start_ready(Context& context, const std::string& device) {
  const auto of_device = [&](const Run& run) { return run.device.id == device; };
  auto running = std::count_if(runs_.begin(), runs_.end(),
                               [&](const Run& run) { return of_device(run) && run.running; });
  for (Run& run : runs_) {
    if (!of_device(run) || run.running || run.ready_ms > context.now.monotonic_ms) continue;
    const int limit = agents::fence_action_limit(run.device.parameters);
    if (limit > 0 && running >= limit) return;
    context.cancel_timer(run.timer);
    run.running = true;
    run.started_ms = context.now.monotonic_ms;
    ++running;
    attempt(context, run);
  }
}

void DeviceRunner::attempt(Context& context, Run& run) {
  const std::int64_t passed_s = (context.now.monotonic_ms - run.started_ms) / 1000;
  ++run.attempts;
  RunProcess process;
  process.request = context.new_id();
  process.program = agents::program_path(agents::Standard::kStonith,
                                         {"stonith", "", run.device.agent}, config_.paths);
  process.env = agents::fence_environment(config_.environment);
  process.input = agents::fence_input(run.device.parameters, run.device.agent, run.action,
                                      run.job.target, run.device.port_of(run.job.target),
                                      default_host_argument(metadata_.find(run.device.agent)));
  process.timeout_ms = std::max<std::int64_t>(1, run.timeout_s - passed_s) * 1000;
  process.describe = run.action + (run.job.target.empty() ? "" : " of " + run.job.target) +
                     " with " + run.device.id + " on " + config_.node_name;
  run.process = process.request;
  if (run.attempts > 1) {
    context.log(LogLevel::kInfo, "Attempt " + std::to_string(run.attempts) + " to execute '" +
                                     run.action + "' action of agent " + run.device.agent + " (" +
                                     seconds(run.timeout_s - passed_s) + " timeout remaining)");
  }
  context.effects.push_back(std::move(process));
}

bool DeviceRunner::handle(Context& context, const ProcessEnded& event) {
  const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const Run& candidate) {
    return candidate.process != 0 && candidate.process == event.request;
  });
  if (run == runs_.end()) return false;
  run->process = 0;
  const AgentResult result =
      agents::outcome(agents::Standard::kStonith, run->action, run->device.agent,
                      run->timeout_s * 1000, event.result);
  const std::int64_t passed_s = (context.now.monotonic_ms - run->started_ms) / 1000;
  const bool status_answer =
      run->action == "status" && result.status == ExecutionStatus::kDone && result.exit_code <= 2;
  const bool again = !result.succeeded() && !status_answer &&
                     result.status != ExecutionStatus::kTimedOut &&
                     run->attempts < agents::fence_attempts(run->device.parameters, run->action) &&
                     passed_s * 10 < run->timeout_s * 7;
  if (again) {
    run->timer = context.set_timer(kRetryPauseMs);
  } else {
    const bool good = result.status == ExecutionStatus::kDone && result.exit_code == 0;
    finish(context, run, result, good ? event.result.out : agents::output_of(event.result));
  }
  return true;
}

bool DeviceRunner::handle(Context& context, const TimerFired& event) {
  const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const Run& candidate) {
    return candidate.timer != 0 && candidate.timer == event.timer;
  });
  if (run == runs_.end()) return false;
  run->timer = 0;
  if (run->running) {
    attempt(context, *run);
  } else {
    const std::string device = run->device.id;
    start_ready(context, device);
  }
  return true;
}

void DeviceRunner::finish(Context& context, Runs::iterator run, const AgentResult& result,
                          const std::string& output) {
  context.cancel_timer(run->timer);
  const std::string device = run->device.id;
  if (!run->job.target.empty() && run->action != "status") {
    std::string text =
        "Operation '" + run->action + "' targeting " + run->job.target + " using " + device;
    text += result.status == ExecutionStatus::kDone
                ? " returned " + std::to_string(result.exit_code)
                : " could not be executed: " + std::string(execution_status_text(result.status));
    if (!result.reason.empty()) text += " (" + result.reason + ")";
    if (run->running) {
      text += " (execution time " +
              agents::readable_interval(context.now.monotonic_ms - run->started_ms) + ")";
    }
    context.log(result.succeeded() ? LogLevel::kNotice : LogLevel::kError, std::move(text));
  }
  const Done done = std::move(run->done);
  runs_.erase(run);
  done(context, result, output);
  start_ready(context, device);
}

void DeviceRunner::device_removed(Context& context, const std::string& device) {
  Runs removed;
  for (auto run = runs_.begin(); run != runs_.end();) {
    const auto here = run++;
    if (here->device.id == device && !here->running) removed.splice(removed.end(), runs_, here);
  }
  for (Run& run : removed) {
    context.cancel_timer(run.timer);
    run.done(context,
             {ocf::kError, ExecutionStatus::kNoFenceDevice,
              "Device was removed before action could be executed"},
             {});
  }
}

void DeviceRunner::device_replaced(const Device& device) {
  for (Run& run : runs_) {
    if (run.device.id == device.id && !run.running) run.device = device;
  }
}

}  // namespace quorate::fencer
