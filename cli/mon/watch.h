#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mon/mode.h"
#include "mon/settings.h"

namespace quorate::cli::mon {

struct WatchOptions {
  Settings settings;
  Shown shown;
  Mode mode;
  std::optional<std::string> file;     ///< that is rewritten each time; absent: none
  std::vector<std::string> arguments;  ///< the command line
};

/// Shows the status of the running cluster whenever it changes, on the console or in a file, and
/// runs the external agent, until SIGINT or SIGTERM (spec/13 §18). While there is no cluster it
/// says so and tries again. Returns the exit code.
int watch(WatchOptions options);

}  // namespace quorate::cli::mon
