#include "phases.h"

#include "cores.h"

namespace quorate::sim {

bool shows(Phase phase, const Process& process) {
  if (!process.running()) return false;
  switch (phase) {
    case Phase::kJoin:
      return process.daemon() == Daemon::kController && is_joining(process.core());
    case Phase::kPlanning:
      return process.daemon() == Daemon::kController && is_planning(process.core());
    case Phase::kTransfer:
      return process.daemon() == Daemon::kCib && is_transferring(process.core());
    default:
      return false;
  }
}

bool shows(Phase phase, const AgentRun& run) {
  if (phase == Phase::kStart) return run.action == "start";
  return phase == Phase::kFencing && (run.action == "off" || run.action == "reboot");
}

Daemon daemon_of(Phase phase) {
  switch (phase) {
    case Phase::kTransfer:
    case Phase::kChangeUnacknowledged:
      return Daemon::kCib;
    case Phase::kPlanning:
      return Daemon::kScheduler;
    case Phase::kFencing:
      return Daemon::kFencer;
    case Phase::kStart:
      return Daemon::kExecutor;
    default:
      return Daemon::kController;
  }
}

std::set<Phase> phases_now(World& world, const Clients& clients) {
  std::set<Phase> phases;
  if (clients.waiting()) phases.insert(Phase::kChangeUnacknowledged);
  for (const auto& machine : world.machines) {
    for (const auto& [number, run] : machine->agents) {
      for (const Phase phase : {Phase::kStart, Phase::kFencing}) {
        if (shows(phase, run)) phases.insert(phase);
      }
    }
    for (const Daemon daemon : {Daemon::kCib, Daemon::kController}) {
      const Process* process = machine->process(daemon);
      if (process == nullptr) continue;
      for (const Phase phase : {Phase::kJoin, Phase::kTransfer, Phase::kPlanning}) {
        if (shows(phase, *process)) phases.insert(phase);
      }
    }
  }
  if (phases.empty()) phases.insert(Phase::kIdle);
  return phases;
}

}  // namespace quorate::sim
