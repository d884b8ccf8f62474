#include "faults.h"

#include <fmt/format.h>

#include <array>

#include "cores.h"

namespace quorate::sim {

namespace {
constexpr std::int64_t kSecond = 1'000'000;
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
    clients_.change_around(at);
    world_.time.at(at, [this, fault] { strike(fault, {}); });
  }
}

Machine& Faults::victim(const Scene& scene) {
  return scene.machine != nullptr && world_.random.chance(60) ? *scene.machine : *random_machine();
}

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
  static constexpr std::array kNames = {"p1",   "p2",   "p3",  "p5", "g1m1",
                                        "g1m2", "g2m1", "c1p", "c2a"};
  return kNames[static_cast<std::size_t>(world_.random.between(0, kNames.size() - 1))];
}

// ---- Phases -----------------------------------------------------------------------------------

void Faults::note(Fault fault) {
  for (const Phase phase : phases_now(world_, clients_)) {
    ++coverage_.met[static_cast<std::size_t>(fault)][static_cast<std::size_t>(phase)];
  }
}

void Faults::agent_misbehaves(const AgentFault& fault) {
  switch (fault.kind) {
    case AgentFault::Kind::kSlow:
      return note(fault.fence ? Fault::kFencingSlow : Fault::kAgentSlow);
    case AgentFault::Kind::kFail:
      return note(fault.fence ? Fault::kFencingFails : Fault::kAgentFails);
    default:
      return note(fault.fence ? Fault::kFencingFails : Fault::kAgentHangs);
  }
}

// ---- Striking ---------------------------------------------------------------------------------

void Faults::strike(Fault fault, const Scene& scene) {
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
      return partition(random.between(3 * kSecond, 60 * kSecond));
    case Fault::kBriefCut:
      return cut_off(victim(scene).node(), random.between(kSecond, 4 * kSecond));
    case Fault::kCrash:
      return crash(victim(scene));
    case Fault::kDoubleCrash: {
      Machine* first = dc();
      Machine& second = victim(scene);
      crash(first == nullptr ? *random_machine() : *first);
      return crash(second);
    }
    case Fault::kDaemonCrash:
    case Fault::kDaemonHang: {
      const Daemon any = kDaemons[static_cast<std::size_t>(random.between(0, kDaemons.size() - 1))];
      const bool there = scene.daemon && random.chance(60);
      return strike_daemon(fault == Fault::kDaemonHang, victim(scene), there ? *scene.daemon : any);
    }
    case Fault::kLauncherCrash:
    case Fault::kLauncherHang:
      return strike_daemon(fault == Fault::kLauncherHang, victim(scene), Daemon::kLauncher);
    case Fault::kFullDisk: {
      Machine* machine = &victim(scene);
      machine->disk.full = true;
      world_.time.after(random.between(kSecond, 30 * kSecond),
                        [machine] { machine->disk.full = false; });
      return;
    }
    case Fault::kFailedWrite:
      victim(scene).disk.fail_writes = static_cast<int>(random.between(1, 3));
      return;
    case Fault::kAgentFails:
    case Fault::kAgentHangs:
    case Fault::kAgentSlow:
    case Fault::kFencingFails:
    case Fault::kFencingSlow:
      return misbehave(fault, scene.machine != nullptr);
    case Fault::kClockStep:
      return victim(scene).step_clock(random.between(-7200, 7200));
    case Fault::kSendingRefused:
      return world_.layer->refuse_sending(victim(scene).node(),
                                          random.between(100'000, 5 * kSecond));
    case Fault::kSlowWork:
      world_.extra_compute_us = random.between(500'000, 5 * kSecond);
      world_.time.after(random.between(5 * kSecond, 30 * kSecond),
                        [this] { world_.extra_compute_us = 0; });
      return;
  }
}

void Faults::strike_daemon(bool hangs, Machine& machine, Daemon daemon) {
  Process* process = machine.process(daemon);
  if (process == nullptr || !process->running()) return;
  if (world_.tracing()) {
    world_.trace(fmt::format("  of {} on {}", daemon_name(daemon), machine.name()));
  }
  if (hangs) return hang(machine, daemon);
  process->kill();
  machine.daemon_ended(*process, {ProcessResult::End::kSignalled, 9, {}, {}, false, 0});
}

/// The next run of an agent, of one resource or (if aimed) of any, doesn't do as it should.
void Faults::misbehave(Fault fault, bool anywhere) {
  Random& random = world_.random;
  AgentFault planned;
  planned.fence = fault == Fault::kFencingFails || fault == Fault::kFencingSlow;
  if (!planned.fence && !anywhere) planned.resource = random_resource();
  // The monitors of fence devices would take most of it.
  if (planned.fence && random.chance(80)) planned.action = "reboot";
  switch (fault) {
    case Fault::kAgentFails:
      if (random.chance(30)) planned.action = "stop";
      break;
    case Fault::kAgentHangs:
      planned.kind = random.chance(20) ? AgentFault::Kind::kCrash : AgentFault::Kind::kHang;
      break;
    case Fault::kFencingFails:
      planned.kind = random.chance(50) ? AgentFault::Kind::kFail : AgentFault::Kind::kHang;
      break;
    default:
      planned.kind = AgentFault::Kind::kSlow;
      planned.slow_us = random.between(kSecond, 15 * kSecond);
      break;
  }
  world_.agent_faults.push_back(planned);
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
  // Half of them never wake up: the launcher has to notice. Nobody watches the launcher.
  if (daemon != Daemon::kLauncher && world_.random.chance(50)) return;
  const std::uint64_t number = process->number();
  Machine* where = &machine;
  world_.time.after(world_.random.between(500'000, 15 * kSecond), [where, daemon, number] {
    Process* hung = where->process(daemon);
    const bool same = hung != nullptr && hung->number() == number && hung->running();
    if (same && hung->hung()) hung->resume();
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
