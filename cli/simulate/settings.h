#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/options.h"

namespace quorate::cli::simulate {

/// What the command line of crm_simulate asks for (spec/07 §2).
struct Settings {
  bool run = false;
  bool simulate = false;
  bool in_place = false;
  bool show_attributes = false;
  bool show_fail_counts = false;
  bool show_scores = false;
  bool show_utilization = false;
  bool all_actions = false;
  bool pending = false;
  bool quiet = false;
  std::optional<std::string> profile;
  int repeat = 1;

  std::vector<std::string> nodes_up, nodes_down, nodes_fail;
  std::vector<std::string> tickets_grant, tickets_revoke, tickets_standby, tickets_activate;
  std::vector<std::string> inject, fail;
  std::optional<std::string> date;
  std::optional<std::string> quorum;
  std::optional<std::string> watchdog;

  std::optional<std::string> save_input, save_output, save_graph, save_dot;

  bool live = false;       ///< -L was the last source
  std::string file = "-";  ///< `-`: standard input

  bool runs_scheduler() const {
    return run || simulate || in_place || show_scores || show_utilization || !fail.empty() ||
           save_graph || save_dot;
  }
  bool executes() const { return simulate || in_place || !fail.empty(); }
  /// Events other than `-q` (spec/07 §4 step 5).
  bool injects() const {
    return !nodes_up.empty() || !nodes_down.empty() || !nodes_fail.empty() ||
           !tickets_grant.empty() || !tickets_revoke.empty() || !tickets_standby.empty() ||
           !tickets_activate.empty() || !inject.empty() || watchdog;
  }
};

Program program();
std::vector<OptionGroup> option_groups(Settings& settings);

}  // namespace quorate::cli::simulate
