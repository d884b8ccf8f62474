#include "invariants.h"

#include <fmt/format.h>

#include <algorithm>

#include "cores.h"
#include "replica_probe.h"

namespace quorate::sim {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kAgreeWithin = 60 * kSecond;

/// As places are kept apart by what a resource is there.
std::string promoted(const std::string& resource) { return resource + " as promoted"; }

}  // namespace

Invariants::Invariants(World& world, std::set<std::string> singles,
                       std::set<std::string> promoted_once)
    : world_(world), singles_(std::move(singles)), promoted_once_(std::move(promoted_once)) {}

// ---- One DC -------------------------------------------------------------------------------------

void Invariants::watch_agreement() {
  world_.time.after(kSecond, [this] {
    check_agreement();
    watch_agreement();
  });
}

std::uint64_t Invariants::newest_process(const Machine& machine) const {
  std::uint64_t newest = 0;
  for (const Daemon daemon : kDaemons) {
    const Process* process = world_.machine(machine.node()).process(daemon);
    if (process == nullptr || !process->running() || process->hung()) return 0;
    newest = std::max(newest, process->number());
  }
  return newest;
}

void Invariants::check_agreement() {
  std::map<std::uint64_t, Partition> present;
  for (const auto& machine : world_.machines) {
    const std::uint64_t ring = world_.layer->settled_ring(machine->node());
    if (ring == 0) continue;
    present[ring].machines.emplace_back(machine->node(), newest_process(*machine));
  }
  for (auto& [ring, partition] : present) {
    const auto before = partitions_.find(ring);
    const bool able = std::all_of(partition.machines.begin(), partition.machines.end(),
                                  [](const auto& entry) { return entry.second != 0; });
    const bool same =
        able && before != partitions_.end() && before->second.machines == partition.machines;
    partition.since_us = same ? before->second.since_us : world_.time.now_us();
    if (world_.time.now_us() - partition.since_us >= kAgreeWithin) check_dc_of(partition);
  }
  partitions_ = std::move(present);
}

void Invariants::check_dc_of(const Partition& partition) {
  std::string dc;
  for (const auto& [node, process] : partition.machines) {
    Machine& machine = world_.machine(node);
    const AnyCore& core = machine.process(Daemon::kController)->core();
    const std::string own = dc_of(core);
    if (dc.empty()) dc = own;
    if (!own.empty() && own == dc && is_dc(core) == (own == machine.name())) continue;
    world_.fail(
        fmt::format("{} follows DC '{}', others in its partition '{}', a minute after the "
                    "last that disturbed them",
                    machine.name(), own, dc));
  }
}

// ---- Resources ----------------------------------------------------------------------------------

/// Something that may be done in one place only begins.
void Invariants::begin_once(const Machine& machine, const std::string& what, const char* done) {
  Places& places = places_[what];
  for (const auto& [node, boot] : places) {
    if (node == machine.node()) continue;
    world_.fail(
        fmt::format("{} is {} on {} although it may be active on {}: no stop, probe or "
                    "confirmed fencing there since it was {}",
                    what, done, machine.name(), world_.machine(node).name(), done));
  }
  places[machine.node()] = machine.boots();
}

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
  if (run.action == "promote" && promoted_once_.contains(run.resource)) {
    begin_once(machine, promoted(run.resource), "promoted");
  }
  if (run.action != "start" || !singles_.contains(run.resource)) return;
  begin_once(machine, run.resource, "started");
  const Places& started = started_[run.resource];
  if (const auto here = started.find(machine.node());
      here != started.end() && here->second == machine.boots()) {
    world_.fail(fmt::format("{} is started on {} where it is active already", run.resource,
                            machine.name()));
  }
}

void Invariants::activity_changed(const Machine& machine, const std::string& resource) {
  const bool once_promoted = promoted_once_.contains(resource);
  if (!singles_.contains(resource) && !once_promoted) return;
  const auto is_active = [&](const Activity& activity) {
    return once_promoted ? activity.promoted : activity.active;
  };
  const auto here = machine.resources.find(resource);
  if (here == machine.resources.end() || !is_active(here->second)) return;
  for (const auto& other : world_.machines) {
    if (other->node() == machine.node() || !other->powered()) continue;
    const auto there = other->resources.find(resource);
    if (there != other->resources.end() && is_active(there->second)) {
      world_.fail(fmt::format("{} is {} on {} and {} at once", resource,
                              once_promoted ? "promoted" : "active", machine.name(),
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
  const bool demoted = run.action == "demote" && exited && result.status == 0;
  const bool found_unpromoted = run.action == "monitor" && exited && result.status == 0;
  if (stopped || found_stopped) ended_at(machine, run.resource, run.resource, "start");
  if (stopped || found_stopped || demoted || found_unpromoted) {
    ended_at(machine, run.resource, promoted(run.resource), "promote");
  }
}

/// It isn't active here any more, unless what makes it so was killed with its executor and may
/// still be running beside.
void Invariants::ended_at(const Machine& machine, const std::string& resource,
                          const std::string& what, const char* begun_by) {
  const auto places = places_.find(what);
  if (places == places_.end()) return;
  for (const auto& [number, other] : machine.agents) {
    if (other.resource == resource && other.action == begun_by) return;
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
  // Partitions may end a view with different messages, each with those of its own members: their
  // places aren't the same ones, and neither goes on from them with the other.
  const auto place =
      std::make_tuple(world_.layer->ring_number(machine.node()), state->round, state->order);
  const auto [found, added] =
      replica_states_.emplace(place, SeenState{state->digest, machine.name()});
  if (!added && found->second.digest != state->digest) {
    world_.fail(fmt::format("replicas differ: {} and {} at place {} of the order in round {}",
                            found->second.machine, machine.name(), state->order, state->round));
  }
}

}  // namespace quorate::sim
