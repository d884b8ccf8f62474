#include "aims.h"

#include <algorithm>

namespace quorate::sim {

namespace {
constexpr std::int64_t kMs = 1'000;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kPatience = 60 * kSecond;
constexpr std::uint64_t kPairs = std::uint64_t{kFaultCount} * kPhaseCount;
}  // namespace

void Aims::plan(std::uint64_t seed, int count, std::int64_t start_us, std::int64_t end_us) {
  // A prime that divides neither number of the product: neighbours differ in fault and phase.
  constexpr std::uint64_t kStride = 59;
  constexpr std::uint64_t kEach = 8;
  static_assert(kPairs % kStride != 0);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t pair = (seed * kEach + static_cast<std::uint64_t>(i)) * kStride % kPairs;
    const auto fault = fault_named(fault_).value_or(static_cast<Fault>(pair / kPhaseCount));
    const auto phase = phase_named(phase_).value_or(static_cast<Phase>(pair % kPhaseCount));
    world_.time.at(world_.random.between(start_us, end_us),
                   [this, fault, phase] { arm(fault, phase); });
  }
}

void Aims::arm(Fault fault, Phase phase) {
  if (phase == Phase::kIdle) {
    // Whether nothing goes on can only be asked again and again.
    for (std::int64_t at = 0; at < kPatience; at += kSecond / 2) {
      const std::uint64_t number = next_number_;
      world_.time.after(at, [this, number] { strike(number, {}, false); });
    }
  }
  armed_.push_back({next_number_, fault, phase, false});
  const std::uint64_t number = next_number_++;
  world_.time.after(kPatience, [this, number] { strike(number, {}, true); });
  provoke(phase);
}

/// Brings about a phase that would be rare otherwise: another fault has to come first.
void Aims::provoke(Phase phase) {
  const std::int64_t soon = world_.random.between(0, 2 * kSecond);
  const bool gently = world_.random.chance(60);
  if (phase == Phase::kJoin || phase == Phase::kTransfer) {
    const Scene scene{gently ? faults_.random_machine() : nullptr, daemon_of(phase)};
    world_.time.after(soon, [this, scene, gently] {
      faults_.strike(gently ? Fault::kDaemonCrash : Fault::kCrash, scene);
    });
  } else if (phase == Phase::kFencing || phase == Phase::kStart) {
    // Half of the starts last, so that they are still in flight when all that follows is over.
    if (phase == Phase::kStart && world_.random.chance(50)) {
      AgentFault slow{AgentFault::Kind::kSlow, "start", "", false, 0};
      slow.slow_us = world_.random.between(kSecond, 15 * kSecond);
      world_.agent_faults.push_back(slow);
    }
    world_.time.after(soon, [this] { faults_.strike(Fault::kCrash, {}); });
  } else if (phase == Phase::kChangeUnacknowledged || phase == Phase::kPlanning) {
    clients_.change_around(world_.time.now_us() + soon);
  }
}

void Aims::event_handled(const Machine& machine, const Process& process) {
  if (armed_.empty()) return;
  for (const Phase phase : {Phase::kJoin, Phase::kTransfer, Phase::kPlanning}) {
    if (shows(phase, process)) seen(phase, machine);
  }
}

void Aims::action_begins(const Machine& machine, const AgentRun& run) {
  for (const Phase phase : {Phase::kStart, Phase::kFencing}) {
    if (!armed_.empty() && shows(phase, run)) seen(phase, machine);
  }
}

void Aims::change_asked(const Machine& machine) { seen(Phase::kChangeUnacknowledged, machine); }

void Aims::seen(Phase phase, const Machine& machine) {
  const auto aim = std::find_if(armed_.begin(), armed_.end(),
                                [&](const Aim& each) { return each.phase == phase && !each.due; });
  if (aim == armed_.end()) return;
  aim->due = true;
  // Not always at its beginning; how long it lasts nobody knows, but transfers are short.
  static constexpr std::int64_t kWithin[] = {0, kMs, 5 * kMs, 50 * kMs, 500 * kMs};
  const std::int64_t longest = phase == Phase::kTransfer ? 2 : 4;
  const std::int64_t delay = world_.random.between(0, kWithin[world_.random.between(0, longest)]);
  Scene scene{&world_.machine(machine.node()), daemon_of(phase)};
  // Whoever ordered it may be struck as well: the next DC has to learn what is in flight.
  if (phase == Phase::kStart && world_.random.chance(40)) {
    if (Machine* dc = faults_.dc()) scene = {dc, Daemon::kController};
  }
  const std::uint64_t number = aim->number;
  world_.time.after(delay, [this, number, scene] { strike(number, scene, false); });
}

void Aims::strike(std::uint64_t number, const Scene& scene, bool anyhow) {
  const auto aim = std::find_if(armed_.begin(), armed_.end(),
                                [&](const Aim& each) { return each.number == number; });
  if (aim == armed_.end()) return;
  if (!anyhow && !phases_now(world_, clients_).contains(aim->phase)) {
    // Over already, or for an aim at quiet times not begun: there will be another one.
    if (aim->due) provoke(aim->phase);
    aim->due = false;
    return;
  }
  const Fault fault = aim->fault;
  armed_.erase(aim);
  faults_.strike(fault, scene);
}

}  // namespace quorate::sim
