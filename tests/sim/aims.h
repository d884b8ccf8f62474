#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "faults.h"
#include "phases.h"
#include "world.h"

namespace quorate::sim {

/// Faults that wait for a phase: each is armed at a moment of its own and strikes when the cluster
/// is next in that phase, where it is in it. Which fault is aimed at which phase goes by the seed:
/// 60 seeds in a row go through all pairs several times.
class Aims : public Observer {
 public:
  Aims(World& world, Clients& clients, Faults& faults)
      : world_(world), clients_(clients), faults_(faults) {}

  /// Only this fault, only at this phase, by their names; empty: any.
  void narrow(std::string fault, std::string phase) {
    fault_ = std::move(fault);
    phase_ = std::move(phase);
  }
  /// `count` faults, armed somewhen in [start, end]; all have struck a while after it.
  void plan(std::uint64_t seed, int count, std::int64_t start_us, std::int64_t end_us);
  /// What is still armed never strikes.
  void disarm() { armed_.clear(); }

  void event_handled(const Machine& machine, const Process& process) override;
  void action_begins(const Machine& machine, const AgentRun& run) override;
  void change_asked(const Machine& machine) override;

 private:
  struct Aim {
    std::uint64_t number = 0;
    Fault fault{};
    Phase phase{};
    bool due = false;  ///< the phase was seen: a strike is planned
  };

  void arm(Fault fault, Phase phase);
  void provoke(Phase phase);
  void seen(Phase phase, const Machine& machine);
  void strike(std::uint64_t number, const Scene& scene, bool anyhow);

  World& world_;
  Clients& clients_;
  Faults& faults_;
  std::vector<Aim> armed_;
  std::string fault_;
  std::string phase_;
  std::uint64_t next_number_ = 1;
};

}  // namespace quorate::sim
