#include "faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "cores.h"

namespace quorate::sim {

namespace {
constexpr std::int64_t kSecond = 1'000'000;
}

std::string_view fault_name(Fault fault) {
  static constexpr std::array<std::string_view, kFaultCount> kNames = {
      "delay",           "partition",   "brief cut",   "crash",        "double crash",
      "daemon crash",    "daemon hang", "full disk",   "failed write", "agent fails",
      "agent hangs",     "agent slow",  "fence fails", "fence slow",   "clock step",
      "sending refused", "slow work"};
  return kNames[static_cast<std::size_t>(fault)];
}

std::string_view phase_name(Phase phase) {
  static constexpr std::array<std::string_view, kPhaseCount> kNames = {
      "join", "transfer", "change", "planning", "fencing", "start", "idle"};
  return kNames[static_cast<std::size_t>(phase)];
}

void Coverage::add(const Coverage& other) {
  for (int fault = 0; fault < kFaultCount; ++fault) {
    for (int phase = 0; phase < kPhaseCount; ++phase) {
      met[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)] +=
          other.met[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)];
    }
  }
}

std::string Coverage::to_table() const {
  std::string table = fmt::format("{:16}", "fault met phase");
  for (int phase = 0; phase < kPhaseCount; ++phase) {
    table += fmt::format("{:>10}", phase_name(static_cast<Phase>(phase)));
  }
  for (int fault = 0; fault < kFaultCount; ++fault) {
    table += fmt::format("\n{:16}", fault_name(static_cast<Fault>(fault)));
    for (const std::uint64_t count : met[static_cast<std::size_t>(fault)]) {
      table += fmt::format("{:>10}", count);
    }
  }
  return table;
}

std::vector<std::string> Coverage::never() const {
  std::vector<std::string> pairs;
  for (int fault = 0; fault < kFaultCount; ++fault) {
    for (int phase = 0; phase < kPhaseCount; ++phase) {
      if (met[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)] == 0) {
        pairs.push_back(fmt::format("{} during {}", fault_name(static_cast<Fault>(fault)),
                                    phase_name(static_cast<Phase>(phase))));
      }
    }
  }
  return pairs;
}

// ---- Planning ---------------------------------------------------------------------------------

void Faults::plan(int count, std::int64_t start_us, std::int64_t end_us) {
  // Half of them alone, half close behind another one: most bugs need two.
  std::int64_t last_us = start_us;
  for (int i = 0; i < count; ++i) {
    const bool close = i > 0 && world_.random.chance(50);
    const std::int64_t at = close ? last_us + world_.random.between(0, 4 * kSecond)
                                  : world_.random.between(start_us, end_us);
    last_us = at;
    const auto fault = static_cast<Fault>(world_.random.between(0, kFaultCount - 1));
    world_.time.at(at, [this, fault] { strike(fault); });
  }
}

Machine& Faults::random_machine() { return *world_.random.pick(world_.machines); }

Machine* Faults::dc() {
  for (const auto& machine : world_.machines) {
    const Process* controller = machine->process(Daemon::kController);
    if (controller != nullptr && controller->running() && is_dc(controller->core())) {
      return machine.get();
    }
  }
  return nullptr;
}

std::string Faults::random_resource() {
  static constexpr std::array kNames = {"p1",   "p2",   "p3",   "p6",  "g1m1",
                                        "g1m2", "g2m3", "g3m1", "c1p", "c2a"};
  return kNames[static_cast<std::size_t>(world_.random.between(0, kNames.size() - 1))];
}

// ---- Phases -----------------------------------------------------------------------------------

void Faults::note(Fault fault) {
  std::set<Phase> phases;
  if (clients_.waiting()) phases.insert(Phase::kChangeUnacknowledged);
  for (const auto& machine : world_.machines) {
    for (const auto& [number, run] : machine->agents) {
      if (run.action == "start") phases.insert(Phase::kStart);
      if (run.action == "off" || run.action == "reboot") phases.insert(Phase::kFencing);
    }
    if (const Process* process = machine->process(Daemon::kCib);
        process != nullptr && process->running() && is_transferring(process->core())) {
      phases.insert(Phase::kTransfer);
    }
    if (const Process* process = machine->process(Daemon::kController);
        process != nullptr && process->running()) {
      if (is_joining(process->core())) phases.insert(Phase::kJoin);
      if (is_planning(process->core())) phases.insert(Phase::kPlanning);
    }
  }
  if (phases.empty()) phases.insert(Phase::kIdle);
  for (const Phase phase : phases) {
    ++coverage_.met[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)];
  }
}

// ---- Striking ---------------------------------------------------------------------------------

void Faults::strike(Fault fault) {
  note(fault);
  if (world_.tracing()) world_.trace(fmt::format("FAULT {}", fault_name(fault)));
  Random& random = world_.random;
  switch (fault) {
    case Fault::kDelay:
      world_.layer->set_extra_latency_us(random.between(20'000, 400'000));
      world_.time.after(random.between(2 * kSecond, 20 * kSecond),
                        [this] { world_.layer->set_extra_latency_us(0); });
      return;
    case Fault::kPartition:
      partition(random.between(3 * kSecond, 60 * kSecond));
      return;
    case Fault::kBriefCut:
      cut_off(random_machine().node(), random.between(kSecond, 4 * kSecond));
      return;
    case Fault::kCrash:
      crash(random_machine());
      return;
    case Fault::kDoubleCrash: {
      Machine* first = dc();
      if (first == nullptr) first = &random_machine();
      Machine& second = random_machine();
      crash(*first);
      crash(second);
      return;
    }
    case Fault::kDaemonCrash:
    case Fault::kDaemonHang: {
      Machine& machine = random_machine();
      const Daemon daemon =
          kDaemons[static_cast<std::size_t>(random.between(0, kDaemons.size() - 1))];
      Process* process = machine.process(daemon);
      if (process == nullptr || !process->running()) return;
      if (world_.tracing()) {
        world_.trace(fmt::format("  of {} on {}", daemon_name(daemon), machine.name()));
      }
      if (fault == Fault::kDaemonHang) {
        hang(machine, daemon);
      } else {
        process->kill();
        machine.daemon_died(daemon);
      }
      return;
    }
    case Fault::kFullDisk: {
      Machine* machine = &random_machine();
      machine->disk.full = true;
      world_.time.after(random.between(kSecond, 30 * kSecond),
                        [machine] { machine->disk.full = false; });
      return;
    }
    case Fault::kFailedWrite:
      random_machine().disk.fail_writes = static_cast<int>(random.between(1, 3));
      return;
    case Fault::kAgentFails:
      world_.agent_faults.push_back(
          {AgentFault::Kind::kFail, random.chance(30) ? "stop" : "", random_resource(), false, 0});
      return;
    case Fault::kAgentHangs:
      world_.agent_faults.push_back(
          {random.chance(20) ? AgentFault::Kind::kCrash : AgentFault::Kind::kHang, "",
           random_resource(), false, 0});
      return;
    case Fault::kAgentSlow:
      world_.agent_faults.push_back({AgentFault::Kind::kSlow, "", random_resource(), false,
                                     random.between(kSecond, 15 * kSecond)});
      return;
    case Fault::kFencingFails:
      world_.agent_faults.push_back(
          {random.chance(50) ? AgentFault::Kind::kFail : AgentFault::Kind::kHang, "", "", true, 0});
      return;
    case Fault::kFencingSlow:
      world_.agent_faults.push_back(
          {AgentFault::Kind::kSlow, "", "", true, random.between(2 * kSecond, 15 * kSecond)});
      return;
    case Fault::kClockStep:
      random_machine().step_clock(random.between(-7200, 7200));
      return;
    case Fault::kSendingRefused:
      world_.layer->refuse_sending(random_machine().node(), random.between(100'000, 5 * kSecond));
      return;
    case Fault::kSlowWork:
      world_.extra_compute_us = random.between(500'000, 5 * kSecond);
      world_.time.after(random.between(5 * kSecond, 30 * kSecond),
                        [this] { world_.extra_compute_us = 0; });
      return;
  }
}

void Faults::partition(std::int64_t duration_us) {
  std::map<NodeNumber, int> side;
  for (const auto& machine : world_.machines) {
    side[machine->node()] = static_cast<int>(world_.random.between(0, 1));
  }
  world_.layer->set_network(side);
  heal_after(duration_us);
}

void Faults::cut_off(NodeNumber node, std::int64_t duration_us) {
  std::map<NodeNumber, int> side;
  for (const auto& machine : world_.machines) side[machine->node()] = machine->node() == node;
  world_.layer->set_network(side);
  heal_after(duration_us);
}

void Faults::heal_after(std::int64_t duration_us) {
  const std::uint64_t change = ++network_change_;
  world_.time.after(duration_us, [this, change] {
    if (change != network_change_) return;
    std::map<NodeNumber, int> whole;
    for (const auto& machine : world_.machines) whole[machine->node()] = 0;
    world_.layer->set_network(whole);
    world_.trace("the network is whole again");
  });
}

void Faults::crash(Machine& machine) { world_.machine_lost_power(machine); }

void Faults::hang(Machine& machine, Daemon daemon) {
  Process* process = machine.process(daemon);
  process->hang();
  const std::uint64_t number = process->number();
  Machine* where = &machine;
  const auto still = [where, daemon, number]() -> Process* {
    Process* hung = where->process(daemon);
    return hung != nullptr && hung->number() == number && hung->running() && hung->hung() ? hung
                                                                                          : nullptr;
  };
  if (world_.random.chance(50)) {
    world_.time.after(world_.random.between(500'000, 9 * kSecond), [still] {
      if (Process* hung = still()) hung->resume();
    });
    return;
  }
  // The launcher kills what doesn't answer for 10 s.
  world_.time.after(world_.random.between(10 * kSecond, 11 * kSecond), [still, where, daemon] {
    Process* hung = still();
    if (hung == nullptr) return;
    hung->kill();
    where->daemon_died(daemon);
  });
}

void Faults::end_all() {
  ++network_change_;
  std::map<NodeNumber, int> whole;
  for (const auto& machine : world_.machines) {
    whole[machine->node()] = 0;
    machine->disk.full = false;
    machine->disk.fail_writes = 0;
    machine->disk.extra_delay_us = 0;
  }
  world_.layer->set_network(whole);
  world_.layer->set_extra_latency_us(0);
  world_.agent_faults.clear();
  world_.extra_compute_us = 0;
  for (const auto& machine : world_.machines) {
    if (!machine->powered()) machine->boot();
  }
}

}  // namespace quorate::sim
