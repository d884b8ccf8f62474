#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "machine.h"

namespace quorate::sim {

/// What a replica holds, as the invariant "equal at the same place of the order" compares it.
struct ReplicaState {
  std::string round;  ///< orders compare only within one history
  std::uint64_t order = 0;
  std::string digest;
  std::uint64_t lineage = 0;
};
/// The highest lineage a replica that starts with this replica.state knows of.
std::uint64_t lineage_on_disk(const std::string& state);
/// Of a quorate-cib core that holds the cluster's copy; nullopt while it is joining.
std::optional<ReplicaState> replica_state(const AnyCore& core);

}  // namespace quorate::sim
