#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "messages/core.h"

namespace quorate::runtime {

/// What a daemon takes from its environment (spec/14 §4.6), read once at its start. Everything a
/// node writes or listens on is below `run_dir` and `state_dir`, so that several nodes run on one
/// host without root.
struct Settings {
  std::string run_dir = "/run/quorate";          ///< QUORATE_RUN_DIR: sockets, locks
  std::string state_dir = "/var/lib/pacemaker";  ///< QUORATE_STATE_DIR
  std::string program_dir;                       ///< QUORATE_PROGRAM_DIR; empty: the launcher's own
  std::string cluster_layer;                     ///< QUORATE_CLUSTER_LAYER; empty: corosync
  std::string node_name;                         ///< QUORATE_NODE; default: the host's name
  std::string group = "haclient";                ///< QUORATE_GROUP: who may connect
  std::string log_facility = "daemon";           ///< PCMK_logfacility; "none": no syslog
  std::vector<std::string> log_files;            ///< PCMK_logfile and --logfile
  LogLevel log_level = LogLevel::kInfo;          ///< of files; kDebug with PCMK_debug
  LogLevel syslog_level = LogLevel::kNotice;     ///< PCMK_logpriority
  bool log_to_stderr = false;                    ///< PCMK_stderr
  bool fail_fast = false;                        ///< PCMK_fail_fast
  std::string panic_action = "reboot";           ///< PCMK_panic_action

  /// Folder of a daemon's WriteFile effects: `cib` and `pengine` where front ends look for them
  /// (spec/14 §4.7), the daemon's short name otherwise.
  std::string state_folder(Daemon daemon) const;
};

/// Reads them through `get` (getenv in programs); `PCMK_x` falls back to `HA_x`. `daemon` decides
/// PCMK_debug and PCMK_stderr where these list daemons.
Settings read_settings(const std::function<std::optional<std::string>(const std::string&)>& get,
                       Daemon daemon);
/// From this process' environment.
Settings settings_from_environment(Daemon daemon);

/// "cib", "attributes", ...
std::string_view short_name(Daemon daemon);

}  // namespace quorate::runtime
