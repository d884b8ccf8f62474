#pragma once

#include <string>

#include "common/output.h"
#include "model/snapshot.h"
#include "simulate/cluster.h"
#include "simulate/settings.h"

namespace quorate::cli::simulate {

/// Performs the requested modifications and says so (spec/07 §12). `snapshot` is the state before;
/// the document under it changes, so it isn't to be used afterwards. Error for a node nobody knows.
Result<void> inject(Output& output, Cluster& cluster, const Settings& settings,
                    model::Snapshot& snapshot);

/// Raises a fail count and tells of the attributes written (spec/07 §12.2).
void raise_fail_count(Output& output, Cluster& cluster, xml::Element node_state,
                      std::string_view resource, std::string_view task, std::int64_t interval_ms,
                      bool to_infinity);

}  // namespace quorate::cli::simulate
