#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "xml/document.h"

namespace quorate::controller {

/// The cluster options the controller reads (spec/09 §1), with their defaults.
struct ClusterOptions {
  std::int64_t dc_deadtime_ms = 20'000;
  std::int64_t join_integration_timeout_ms = 180'000;
  std::int64_t recheck_interval_ms = 900'000;
  std::int64_t transition_delay_ms = 0;
  std::int64_t shutdown_escalation_ms = 1'200'000;
  std::int64_t cluster_delay_ms = 60'000;
  std::int64_t fencing_timeout_ms = 60'000;
  std::int64_t node_pending_timeout_ms = 0;
  int fencing_max_attempts = 10;
  int node_action_limit = 0;
  bool fencing_reaction_panics = false;
  bool shutdown_lock = false;
  bool no_quorum_fences = false;  ///< no-quorum-policy fence or suicide
  bool cluster_name_set = false;
  std::string dc_version;      ///< as the DC wrote it; empty: not there
  std::string infrastructure;  ///< the same
};

/// Reads `crm_config`: `cib-bootstrap-options` first, then by score; the first that sets an option
/// counts. Sets with a rule are passed over. An invalid value gives the default and a line in
/// `log`.
ClusterOptions read_options(xml::Element crm_config, std::vector<LogRecord>& log);

}  // namespace quorate::controller
