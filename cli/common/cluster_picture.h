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

/// Reads the CIB, upgrades it in memory and reads its state; with `plan` also the constraints and
/// the whole plan. Errors name what failed: `Could not obtain the current CIB: ...`.
Result<std::unique_ptr<ClusterPicture>> read_cluster(CibAccess& cib, bool plan = false);

}  // namespace quorate::cli
