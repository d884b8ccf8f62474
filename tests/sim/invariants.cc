#include "invariants.h"

#include <fmt/format.h>

#include "replica_probe.h"

namespace quorate::sim {

Invariants::Invariants(World& world, std::set<std::string> singles)
    : world_(world), singles_(std::move(singles)) {}

void Invariants::action_begins(const Machine& machine, const AgentRun& run) {
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
