#pragma once

#include <cstdint>
#include <string>

#include "coverage.h"
#include "phases.h"
#include "workload.h"
#include "world.h"

namespace quorate::sim {

/// Plans and carries out the faults of one run.
class Faults : public Observer {
 public:
  Faults(World& world, Clients& clients) : world_(world), clients_(clients) {}

  /// `count` faults spread at random over [start, end]; all of them are over some time after it.
  void plan(int count, std::int64_t start_us, std::int64_t end_us);
  /// One fault, now: at the scene, or as often somewhere else.
  void strike(Fault fault, const Scene& scene);
  /// Ends what still lasts: network whole, disks fine, machines on, daemons running.
  void end_all();
  const Coverage& coverage() const { return coverage_; }
  Machine* dc();  ///< null if nobody is
  Machine* random_machine() { return world_.random.pick(world_.machines).get(); }

  void agent_misbehaves(const AgentFault& fault) override;

 private:
  void note(Fault fault);
  void partition(std::int64_t duration_us);
  void cut_off(NodeNumber node, std::int64_t duration_us);
  void heal_after(std::int64_t duration_us);
  void crash(Machine& machine);
  void hang(Machine& machine, Daemon daemon);
  void strike_daemon(bool hangs, Machine& machine, Daemon daemon);
  void misbehave(Fault fault, bool anywhere);
  Machine& victim(const Scene& scene);
  std::string random_resource();

  World& world_;
  Clients& clients_;
  Coverage coverage_;
  std::uint64_t network_change_ = 0;
};

}  // namespace quorate::sim
