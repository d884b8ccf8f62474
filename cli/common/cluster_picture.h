#pragma once

#include <memory>
#include <string>

#include "common/cib_access.h"
#include "scheduler/schedule.h"

namespace quorate::cli {

/// The CIB as the scheduler understands it, for tools that look resources and nodes up.
struct ClusterPicture {
  xml::Document document;  ///< upgraded; the rest points into it
  scheduler::Schedule schedule;
  model::Snapshot& snapshot() const { return *schedule.snapshot; }
};

/// How far the CIB is to be understood; each includes what stands before it.
enum class Depth { kState, kConstraints, kPlan };

/// Reads the CIB, upgrades it in memory and understands it. Errors name what failed: `Could not
/// obtain the current CIB: ...`.
Result<std::unique_ptr<ClusterPicture>> read_cluster(CibAccess& cib, Depth depth = Depth::kState);
/// The same for a document at hand.
Result<std::unique_ptr<ClusterPicture>> understand(xml::Document document, Depth depth);

}  // namespace quorate::cli
