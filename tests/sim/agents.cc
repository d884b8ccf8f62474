// Simulated agents: what RunProcess effects do to the machines.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "world.h"

namespace quorate::sim {

namespace {

constexpr std::int64_t kMs = 1000;

std::string environment_value(const RunProcess& what, std::string_view name) {
  for (const auto& [key, value] : what.env) {
    if (key == name) return value;
  }
  return {};
}

std::string input_value(const RunProcess& what, std::string_view name) {
  for (const std::string_view line : split_words(what.input, '\n')) {
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == '=') {
      return std::string(line.substr(name.size() + 1));
    }
  }
  return {};
}

constexpr std::string_view kResourceMetadata = R"(<?xml version="1.0"?>
<resource-agent name="Sim" version="1.0"><version>1.1</version><parameters>
<parameter name="state" unique="0"><content type="string"/></parameter></parameters><actions>
<action name="start" timeout="20s"/><action name="stop" timeout="20s"/>
<action name="promote" timeout="20s"/><action name="demote" timeout="20s"/>
<action name="monitor" timeout="20s" interval="10s"/><action name="meta-data" timeout="5s"/>
</actions></resource-agent>
)";
constexpr std::string_view kFenceMetadata = R"(<?xml version="1.0"?>
<resource-agent name="fence_sim"><parameters><parameter name="nodename" unique="0" required="0">
<content type="string"/></parameter><parameter name="plug"><content type="string"/></parameter>
</parameters><actions><action name="on"/><action name="off"/><action name="reboot"/>
<action name="status"/><action name="monitor"/><action name="list"/><action name="metadata"/>
</actions></resource-agent>
)";

}  // namespace

void World::run_agent(Machine& machine, Process& process, RunProcess& what) {
  AgentRun run;
  run.number = next_agent_++;
  run.process = process.number();
  run.daemon = process.daemon();
  const bool fence = what.program.find("fence_") != std::string::npos;
  run.what = std::move(what);
  if (fence) {
    run.action = input_value(run.what, "action");
    if (run.action.empty()) run.action = "metadata";
    for (const char* name : {"nodename", "port", "plug"}) {
      if (run.target.empty()) run.target = input_value(run.what, name);
    }
  } else {
    run.action = run.what.arguments.empty() ? "" : run.what.arguments.front();
    run.resource = environment_value(run.what, "OCF_RESOURCE_INSTANCE");
  }
  AgentRun& kept = machine.agents.emplace(run.number, std::move(run)).first->second;
  if (fence) {
    run_fence_agent(machine, kept);
  } else {
    run_resource_agent(machine, kept);
  }
}

void World::agent_ended(Machine& machine, std::uint64_t number, ProcessResult result) {
  const auto found = machine.agents.find(number);
  if (found == machine.agents.end()) return;
  AgentRun run = std::move(found->second);
  machine.agents.erase(found);
  tell(&Observer::action_ended, machine, run, result);
  for (const Daemon daemon : kDaemons) {
    Process* process = machine.process(daemon);
    if (process != nullptr && process->number() == run.process && process->running()) {
      process->post(ProcessEnded{run.what.request, std::move(result)});
      return;
    }
  }
}

void World::kill_agent(Machine& machine, std::uint64_t process, std::uint64_t request, int signal) {
  for (auto& [number, run] : machine.agents) {
    if (run.process != process || run.what.request != request) continue;
    Machine* where = &machine;
    const std::uint64_t which = number;
    const int boot = machine.boots();
    time.after(random.between(100, 2000), [this, where, which, boot, signal] {
      if (!where->powered() || where->boots() != boot) return;
      ProcessResult result;
      result.end = ProcessResult::End::kSignalled;
      result.status = signal;
      agent_ended(*where, which, std::move(result));
    });
    return;
  }
}

/// Applies a fault planned for this run, if there is one. Returns how long the run takes;
/// `works` is whether it has its effect.
std::int64_t World::take_fault(const AgentRun& run, bool fence, ProcessResult& result, bool& works,
                               std::int64_t duration_us) {
  const auto fault = std::find_if(agent_faults.begin(), agent_faults.end(), [&](const auto& f) {
    return f.fence == fence && (f.action.empty() || f.action == run.action) &&
           (f.resource.empty() || f.resource == (fence ? run.target : run.resource)) &&
           run.action != "meta-data" && run.action != "metadata";
  });
  if (fault == agent_faults.end()) return duration_us;
  const AgentFault taken = *fault;
  agent_faults.erase(fault);
  tell(&Observer::agent_misbehaves, taken);
  switch (taken.kind) {
    case AgentFault::Kind::kFail:
      works = random.chance(30);
      result.status = 1;
      result.err = "ocf-exit-reason:simulated failure\n";
      return duration_us;
    case AgentFault::Kind::kHang:
      works = random.chance(50);
      return std::int64_t{1} << 40;
    case AgentFault::Kind::kSlow:
      return duration_us + taken.slow_us;
    case AgentFault::Kind::kFlood:
      result.out.assign(run.what.max_output_bytes, 'x');
      result.truncated = true;
      return duration_us;
    case AgentFault::Kind::kCrash:
      works = random.chance(50);
      result.end = ProcessResult::End::kSignalled;
      result.status = 11;
      return duration_us;
  }
  return duration_us;
}

void World::run_resource_agent(Machine& machine, AgentRun& run) {
  tell(&Observer::action_begins, machine, run);
  ProcessResult result;
  bool works = true;
  // Most take as long as agents that have little to do; some services take their time.
  const bool long_work = (run.action == "start" || run.action == "stop") && random.chance(5);
  const std::int64_t work = long_work           ? random.between(1'000, 6'000)
                            : random.chance(15) ? random.between(20, 150)
                                                : random.between(2, 20);
  std::int64_t duration = take_fault(run, false, result, works, work * kMs);
  const std::int64_t timeout = run.what.timeout_ms * kMs;
  const bool times_out = timeout > 0 && duration > timeout;
  if (times_out) duration = timeout;

  Machine* where = &machine;
  const int boot = machine.boots();
  const std::uint64_t number = run.number;
  const std::string action = run.action;
  const std::string resource = run.resource;
  // The effect comes somewhere within the run: a run that is killed may have had it or not.
  const std::int64_t effect_at = random.between(0, std::min<std::int64_t>(duration, 3'000'000));
  const bool changes =
      action == "start" || action == "stop" || action == "promote" || action == "demote";
  if (works && changes) {
    time.after(effect_at, [this, where, boot, number, action, resource] {
      if (!where->powered() || where->boots() != boot || !where->agents.contains(number)) return;
      Activity& activity = where->resources[resource];
      if (action == "start") activity.active = true;
      if (action == "stop") activity = {};
      if (action == "promote") activity = {true, true};
      if (action == "demote") activity.promoted = false;
      tell(&Observer::activity_changed, *where, resource);
    });
  }
  time.after(duration, [this, where, boot, number, action, resource, result, times_out]() mutable {
    if (!where->powered() || where->boots() != boot) return;
    if (times_out) {
      result.end = ProcessResult::End::kTimedOut;
      result.status = 9;
    } else if (result.end == ProcessResult::End::kExited && result.status == 0) {
      if (action == "meta-data") result.out = kResourceMetadata;
      if (action == "monitor") {
        const Activity& activity = where->resources[resource];
        result.status = activity.promoted ? 8 : activity.active ? 0 : 7;
      }
    }
    agent_ended(*where, number, std::move(result));
  });
}

void World::run_fence_agent(Machine& machine, AgentRun& run) {
  tell(&Observer::action_begins, machine, run);
  ProcessResult result;
  bool works = true;
  std::int64_t duration = take_fault(run, true, result, works, random.between(50, 1500) * kMs);
  const std::int64_t timeout = run.what.timeout_ms * kMs;
  const bool times_out = timeout > 0 && duration > timeout;
  if (times_out) duration = timeout;
  Machine* where = &machine;
  Machine* target = machine_named(run.target);
  const int boot = machine.boots();
  const std::uint64_t number = run.number;
  const std::string action = run.action;
  const bool cuts_power = target != nullptr && (action == "off" || action == "reboot");
  if (cuts_power && works) {
    time.after(random.between(0, std::min<std::int64_t>(duration, 3'000'000)),
               [this, where, boot, number, target, action] {
                 if (!where->powered() || where->boots() != boot) return;
                 if (!where->agents.contains(number)) return;
                 trace(where->name() + " fences " + target->name() + " (" + action + ")");
                 target->power_off();
                 tell(&Observer::fenced, *target);
                 // Faults end with everything on again, so a fenced machine always comes back.
                 const int target_boots = target->boots();
                 time.after(random.between(3'000'000, 30'000'000), [target, target_boots] {
                   if (!target->powered() && target->boots() == target_boots) target->boot();
                 });
               });
  }
  time.after(duration, [this, where, boot, number, action, target, result, times_out]() mutable {
    if (!where->powered() || where->boots() != boot) return;
    if (times_out) {
      result.end = ProcessResult::End::kTimedOut;
      result.status = 9;
    } else if (result.end == ProcessResult::End::kExited && result.status == 0) {
      if (action == "metadata") result.out = kFenceMetadata;
      if (action == "status") result.status = target != nullptr && target->powered() ? 0 : 2;
      if (action == "list") {
        for (const auto& each : machines) result.out += each->name() + "\n";
      }
      if (target == nullptr && (action == "off" || action == "reboot" || action == "on")) {
        result.status = 1;
      }
      if (target != nullptr && action == "on") target->boot();
    }
    agent_ended(*where, number, std::move(result));
  });
}

}  // namespace quorate::sim
