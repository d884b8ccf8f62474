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
/// What a replica of this machine would start with.
struct ReplicaOnDisk {
  std::string document;
  std::uint64_t lineage = 0;  ///< the highest it knows of
};
ReplicaOnDisk replica_on_disk(const Machine& machine);
/// Of a quorate-cib core that holds the cluster's copy; nullopt while it is joining.
std::optional<ReplicaState> replica_state(const AnyCore& core);

}  // namespace quorate::sim
