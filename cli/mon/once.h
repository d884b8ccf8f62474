#pragma once

#include "common/output.h"
#include "mon/settings.h"

namespace quorate::cli::mon {

/// Shows the status once: of the file that `--xml-file` or the environment names, else of the
/// running cluster (spec/13 §5). Returns the exit code. No step waits longer than a few seconds.
int show_once(Output& output, const Settings& settings, const Shown& shown);

}  // namespace quorate::cli::mon
