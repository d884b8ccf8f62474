#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "messages/replica.h"

namespace quorate::replica {

/// What all members of a round decide alike from their reports (architecture, "Which copy wins",
/// "State transfer").
struct Settlement {
  bool all_equal = false;  ///< one history: nothing is transferred
  NodeNumber configuration_from = 0;
  NodeNumber status_from = 0;
  std::set<NodeNumber> need_configuration;
  std::set<NodeNumber> need_status;
  std::uint64_t order = 0;  ///< where all continue
  std::string chain;
  std::uint64_t lineage = 0;
  std::uint64_t proposed = 0;
  std::uint64_t quorate_order = 0;
};

/// `reports` isn't empty.
Settlement settle(const std::map<NodeNumber, ReplicaReport>& reports);

}  // namespace quorate::replica
