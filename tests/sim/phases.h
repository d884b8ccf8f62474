#pragma once

#include <optional>
#include <set>

#include "coverage.h"
#include "workload.h"
#include "world.h"

namespace quorate::sim {

/// Where a phase is seen: a machine that is in it, and the daemon that matters most there.
struct Scene {
  Machine* machine = nullptr;  ///< null: nowhere in particular
  std::optional<Daemon> daemon;
};

/// What the cluster is busy with.
std::set<Phase> phases_now(World& world, const Clients& clients);

/// Whether an event that a daemon has just handled leaves it in this phase (joins, transfers and
/// plans; the others begin with an agent or a client).
bool shows(Phase phase, const Process& process);
/// Whether this agent's run is part of the phase.
bool shows(Phase phase, const AgentRun& run);
/// The daemon that a fault aimed at the phase should hit.
Daemon daemon_of(Phase phase);

}  // namespace quorate::sim
