#include "invariants.h"

#include <fmt/format.h>

#include "replica_probe.h"

namespace quorate::sim {

Invariants::Invariants(World& world, std::set<std::string> singles)
    : world_(world), singles_(std::move(singles)) {}

/// An executor runs the actions of a resource one after the other.
void Invariants::check_one_at_a_time(const Machine& machine, const AgentRun& run) {
  if (run.resource.empty() || run.action == "meta-data") return;
  for (const auto& [number, other] : machine.agents) {
    if (number == run.number || other.process != run.process || other.resource != run.resource ||
        other.action == "meta-data") {
      continue;
    }
    world_.fail(fmt::format("{} of {} begins on {} while its {} is still at work", run.action,
                            run.resource, machine.name(), other.action));
  }
}

void Invariants::action_begins(const Machine& machine, const AgentRun& run) {
  check_one_at_a_time(machine, run);
  if (run.action != "start" || !singles_.contains(run.resource)) return;
  Places& places = places_[run.resource];
  for (const auto& [node, boot] : places) {
    if (node == machine.node()) continue;
    world_.fail(
        fmt::format("{} is started on {} although it may be active on {}: no stop, probe or "
                    "confirmed fencing there since it was started",
                    run.resource, machine.name(), world_.machine(node).name()));
  }
  places[machine.node()] = machine.boots();
  const Places& started = started_[run.resource];
  if (const auto here = started.find(machine.node());
      here != started.end() && here->second == machine.boots()) {
    world_.fail(fmt::format("{} is started on {} where it is active already", run.resource,
                            machine.name()));
  }
}

void Invariants::activity_changed(const Machine& machine, const std::string& resource) {
  if (!singles_.contains(resource)) return;
  const auto here = machine.resources.find(resource);
  if (here == machine.resources.end() || !here->second.active) return;
  for (const auto& other : world_.machines) {
    if (other->node() == machine.node() || !other->powered()) continue;
    const auto there = other->resources.find(resource);
    if (there != other->resources.end() && there->second.active) {
      world_.fail(fmt::format("{} is active on {} and {} at once", resource, machine.name(),
                              other->name()));
    }
  }
}

void Invariants::action_ended(const Machine& machine, const AgentRun& run,
                              const ProcessResult& result) {
  const bool exited = result.end == ProcessResult::End::kExited;
  if (!run.target.empty()) {
    const bool cuts = run.action == "off" || run.action == "reboot";
    const Machine* target = world_.machine_named(run.target);
    if (cuts && exited && result.status == 0 && target != nullptr) {
      const auto cut = cut_off_.find(target->node());
      if (cut != cut_off_.end()) forget(target->node(), cut->second);
    }
    return;
  }
  if (run.action != "meta-data") {
    Places& started = started_[run.resource];
    const bool ok = exited && result.status == 0;
    if (ok && run.action == "start") {
      started[machine.node()] = machine.boots();
    } else if (!ok || run.action == "stop") {
      started.erase(machine.node());
    }
  }
  const bool stopped = run.action == "stop" && exited && result.status == 0;
  const bool found_stopped = run.action == "monitor" && exited && result.status == 7;
  if (!stopped && !found_stopped) return;
  const auto places = places_.find(run.resource);
  if (places == places_.end()) return;
  // A start that was killed with its executor may still be running beside.
  for (const auto& [number, other] : machine.agents) {
    if (other.resource == run.resource && other.action == "start") return;
  }
  places->second.erase(machine.node());
}

void Invariants::fenced(const Machine& machine) { cut_off_[machine.node()] = machine.boots(); }

void Invariants::confirmed_off(const Machine& machine) { forget(machine.node(), machine.boots()); }

void Invariants::forget(NodeNumber node, int up_to_boot) {
  for (auto& [resource, places] : places_) {
    const auto place = places.find(node);
    if (place != places.end() && place->second <= up_to_boot) places.erase(place);
  }
}

/// Whether the machine's disk has a CIB with this id and knows of the lineage.
bool Invariants::holds(const Machine& machine, const std::string& id, std::uint64_t lineage) const {
  const ReplicaOnDisk found = replica_on_disk(machine);
  return found.lineage >= lineage && found.document.find("\"" + id + "\"") != std::string::npos;
}

void Invariants::change_durable(const Machine& machine, const std::string& id) {
  const auto replica_of = [](Machine& other) -> std::optional<ReplicaState> {
    const Process* process = other.process(Daemon::kCib);
    if (process == nullptr || !process->running()) return std::nullopt;
    return replica_state(process->core());
  };
  const auto own = replica_of(world_.machine(machine.node()));
  if (!own) return world_.fail(machine.name() + " acknowledged a change while it was joining");
  std::size_t members = 0;
  for (const auto& other : world_.machines) {
    const auto theirs = replica_of(*other);
    if (theirs && theirs->round == own->round) ++members;
  }
  std::size_t needed = world_.machines.size() / 2 + 1;
  if (world_.layer->quorate(machine.node())) needed = std::min(needed, members);
  // Looking at a disk is what starting from it is: not done more often than it takes.
  std::size_t holders = 0;
  for (const auto& other : world_.machines) {
    if (holders < needed && holds(*other, id, own->lineage)) ++holders;
  }
  if (holders >= needed) return;
  world_.fail(
      fmt::format("{} was acknowledged as durable on {} when {} disks of the {} needed "
                  "had it, with lineage {}",
                  id, machine.name(), holders, needed, own->lineage));
}

void Invariants::event_handled(const Machine& machine, const Process& process) {
  if (process.daemon() != Daemon::kCib) return;
  const auto state = replica_state(process.core());
  if (!state) return;
  const auto [found, added] = replica_states_.emplace(std::make_pair(state->round, state->order),
                                                      SeenState{state->digest, machine.name()});
  if (!added && found->second.digest != state->digest) {
    world_.fail(fmt::format("replicas differ: {} and {} at place {} of the order in round {}",
                            found->second.machine, machine.name(), state->order, state->round));
  }
}

}  // namespace quorate::sim
