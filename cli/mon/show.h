#pragma once

#include "common/output.h"
#include "mon/cluster_state.h"
#include "mon/settings.h"

namespace quorate::cli::mon {

/// Shows the status of a cluster in the output's format (spec/13 §6). `updating`: it is one of
/// several looks, which show the latest fencing of each kind only. The state's document may be
/// changed. Fails if the scheduler can't read the CIB.
Result<void> show(Output& output, const Settings& settings, const Shown& shown, ClusterState& state,
                  bool updating);

/// A page with one line in place of a status. Only for HTML.
void show_message_page(Output& output, const Settings& settings, std::string_view line);

}  // namespace quorate::cli::mon
