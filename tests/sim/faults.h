#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "workload.h"
#include "world.h"

namespace quorate::sim {

enum class Fault {
  kDelay,        ///< messages are slow for a while
  kPartition,    ///< the network splits and heals after a while
  kBriefCut,     ///< a node is cut off and returns without a reboot
  kCrash,        ///< a machine loses power, with what it hadn't synced, and boots again
  kDoubleCrash,  ///< the DC and another machine at once
  kDaemonCrash,
  kDaemonHang,
  kFullDisk,
  kFailedWrite,
  kAgentFails,
  kAgentHangs,
  kAgentSlow,
  kFencingFails,
  kFencingSlow,
  kClockStep,
  kSendingRefused,
  kSlowWork,  ///< planning and state transfer take seconds
};
inline constexpr int kFaultCount = 17;
std::string_view fault_name(Fault fault);

/// What the cluster was busy with when a fault struck.
enum class Phase { kJoin, kTransfer, kChangeUnacknowledged, kPlanning, kFencing, kStart, kIdle };
inline constexpr int kPhaseCount = 7;
std::string_view phase_name(Phase phase);

/// How often each fault met each phase, over all runs of a program.
struct Coverage {
  std::array<std::array<std::uint64_t, kPhaseCount>, kFaultCount> met{};
  void add(const Coverage& other);
  std::string to_table() const;
  /// Names of pairs that never met.
  std::vector<std::string> never() const;
};

/// Plans and carries out the faults of one run.
class Faults {
 public:
  Faults(World& world, Clients& clients) : world_(world), clients_(clients) {}

  /// `count` faults spread at random over [start, end]; all of them are over some time after it.
  void plan(int count, std::int64_t start_us, std::int64_t end_us);
  /// Ends what still lasts: network whole, disks fine, machines on, daemons running.
  void end_all();
  const Coverage& coverage() const { return coverage_; }

 private:
  void strike(Fault fault);
  void note(Fault fault);
  void partition(std::int64_t duration_us);
  void cut_off(NodeNumber node, std::int64_t duration_us);
  void heal_after(std::int64_t duration_us);
  void crash(Machine& machine);
  void hang(Machine& machine, Daemon daemon);
  Machine& random_machine();
  Machine* dc();
  std::string random_resource();

  World& world_;
  Clients& clients_;
  Coverage coverage_;
  std::uint64_t network_change_ = 0;
};

}  // namespace quorate::sim
