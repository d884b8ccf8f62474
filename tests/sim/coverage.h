#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  kSlowWork,       ///< planning and state transfer take seconds
  kLauncherCrash,  ///< it is started again and finds its daemons running
  kLauncherHang,
};
inline constexpr int kFaultCount = 19;
std::string_view fault_name(Fault fault);
std::optional<Fault> fault_named(std::string_view name);

/// What the cluster was busy with when a fault struck.
enum class Phase { kJoin, kTransfer, kChangeUnacknowledged, kPlanning, kFencing, kStart, kIdle };
inline constexpr int kPhaseCount = 7;
std::string_view phase_name(Phase phase);
std::optional<Phase> phase_named(std::string_view name);

/// How often each fault met each phase, over all runs of a program. A fault meets the phases the
/// cluster is in when it strikes, and one that only shows later (an agent that will fail) those in
/// which it shows as well.
struct Coverage {
  std::array<std::array<std::uint64_t, kPhaseCount>, kFaultCount> met{};
  void add(const Coverage& other);
  std::string to_table() const;
  /// The counts as text, one fault a line, and back: parts of a range of seeds run in programs of
  /// their own. False if the text isn't such counts.
  std::string to_text() const;
  bool add_text(const std::string& text);
  /// Names of pairs that never met.
  std::vector<std::string> never() const;
};

}  // namespace quorate::sim
