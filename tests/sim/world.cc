#include "world.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorate::sim {

World::World(const WorldConfig& config) : random(config.seed), config_(config) {
  for (int i = 1; i <= config.nodes; ++i) {
    const auto node = static_cast<NodeNumber>(i);
    configured_.push_back({node, fmt::format("node{}", i), 0});
  }
  layer = std::make_unique<ClusterLayer>(time, random, configured_);
  for (const Member& member : configured_) {
    machines.push_back(std::make_unique<Machine>(*this, member.node, member.name));
  }
}

World::~World() = default;

Machine* World::machine_named(const std::string& name) {
  const auto found = std::find_if(machines.begin(), machines.end(),
                                  [&](const auto& machine) { return machine->name() == name; });
  return found == machines.end() ? nullptr : found->get();
}

void World::fail(std::string what) {
  trace("VIOLATION: " + what);
  violations_.push_back({time.now_us(), std::move(what)});
}

void World::trace(const std::string& line) {
  if (!config_.trace) return;
  fmt::print("{:12.6f} {}\n", static_cast<double>(time.now_us()) / 1e6, line);
}

void World::run_until(std::int64_t end_us) {
  while (violations_.empty() && time.step(end_us)) {
  }
}

NodeMembership World::membership_of(const Machine& machine) const {
  NodeMembership membership;
  membership.members = {configured_[machine.node() - 1]};
  membership.configured = configured_;
  return membership;
}

void World::machine_lost_power(Machine& machine) {
  machine.power_off();
  // A machine that panicked or crashed comes back by itself after a while, as one with a watchdog
  // and a boot loader does.
  Machine* again = &machine;
  const int boots = machine.boots();
  time.after(random.between(5'000'000, 40'000'000), [again, boots] {
    if (!again->powered() && again->boots() == boots) again->boot();
  });
}

}  // namespace quorate::sim
