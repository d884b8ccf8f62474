#pragma once

#include "common/options.h"
#include "common/output.h"
#include "mon/settings.h"

namespace quorate::cli::mon {

/// How long crm_mon runs.
enum class Run {
  kOnce,    ///< shows the status and ends
  kUpdate,  ///< in the foreground, until it is told to end
  kDaemon   ///< the same in the background
};

/// Format and execution mode (spec/13 §4.3).
struct Mode {
  Format format = Format::kText;
  bool console = false;  ///< text on a terminal that is redrawn
  Run run = Run::kOnce;
};

/// What the caller's surroundings say.
struct Surroundings {
  bool cib_file = false;  ///< a file or shadow copy takes the running cluster's place
  bool terminal = false;  ///< standard input and output are one
};

/// Works out the mode. A console without a terminal becomes text, shown once. Errors: kNotFound for
/// an unknown format (the message is complete), kUsage for a daemon without a use.
Result<Mode> choose_mode(const Settings& settings, const CommonOptions& common,
                         const Surroundings& surroundings);

}  // namespace quorate::cli::mon
