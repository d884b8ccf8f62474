#pragma once

#include <cstdint>
#include <string_view>

#include "base/score.h"

namespace quorate::model {

enum class QuorumPolicy : std::uint8_t { kStop, kFreeze, kIgnore, kDemote, kFence };
enum class PlacementStrategy : std::uint8_t { kDefault, kUtilization, kMinimal, kBalanced };
enum class HealthStrategy : std::uint8_t {
  kNone,
  kMigrateOnRed,
  kOnlyGreen,
  kProgressive,
  kCustom
};

/// Cluster options the scheduler uses, parsed, with defaults applied (spec/03 §3).
struct Options {
  std::string_view cluster_name;
  bool have_cluster_name = false;
  bool startup_probes = true;
  bool have_watchdog = false;
  std::int64_t fencing_timeout_ms = 60'000;
  bool fencing_enabled = true;
  std::string_view fencing_action = "reboot";
  bool concurrent_fencing = true;
  std::int64_t priority_fencing_delay_ms = 0;
  bool stop_all_resources = false;
  bool symmetric_cluster = true;
  QuorumPolicy quorum_policy = QuorumPolicy::kStop;
  bool stop_removed_resources = true;
  bool cancel_removed_actions = true;
  bool maintenance_mode = false;
  bool start_failure_is_fatal = true;
  bool startup_fencing = true;
  PlacementStrategy placement_strategy = PlacementStrategy::kDefault;
  bool shutdown_lock = false;
  std::int64_t shutdown_lock_limit_ms = 0;
  std::int64_t node_pending_timeout_ms = 0;
  bool fence_remote_without_quorum = false;

  HealthStrategy health_strategy = HealthStrategy::kNone;
  std::string_view health_strategy_text = "none";
  Score health_base = 0;
  Score health_red = 0;
  Score health_yellow = 0;
  Score health_green = 0;

  // As they appear in the transition graph, unparsed.
  std::string_view cluster_delay = "60s";
  std::string_view fencing_timeout_text = "60s";
  std::string_view batch_limit = "0";
  std::string_view migration_limit = "-1";
};

}  // namespace quorate::model
