#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/fencer.h"
#include "xml/document.h"

namespace quorate::cli::mon {

/// What the fencer answered when asked for the fencing history.
struct FencingHistory {
  int exit_code = 0;                      ///< of the question; above 0: no answer
  std::vector<fencer::Operation> events;  ///< sorted for display (spec/13 §14)
};

/// Everything a display is made from (spec/13 §5).
struct ClusterState {
  xml::Document cib;                          ///< of a usable schema
  bool live = false;                          ///< of a running cluster, not of a file
  std::optional<std::string> launcher_state;  ///< code of spec/13 §5; absent for files
  std::optional<std::string> local_node;
  std::optional<FencingHistory> fencing;  ///< absent: not asked for
  /// What is wrong with this node's daemons and copies, a line each; for people.
  std::vector<std::string> warnings;
};

}  // namespace quorate::cli::mon
