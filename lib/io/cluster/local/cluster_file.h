#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "messages/core.h"

namespace quorate::cluster {

/// One node of a local cluster's node list.
struct ConfiguredNode {
  NodeNumber number = 0;
  std::string name;
  std::uint32_t votes = 1;
};

/// What `FOLDER/cluster.json` of a local cluster says:
///
///     {"cluster_name": "demo", "detection_ms": 100, "two_node": false,
///      "nodes": [{"name": "node1", "number": 1, "votes": 1}, ...]}
///
/// Only `nodes` with their names is needed; numbers default to the place in the list.
struct ClusterFile {
  std::string cluster_name = "quorate";
  std::int64_t detection_ms = 100;  ///< from the end of a node's last process to its loss
  bool two_node = false;            ///< with two nodes, one vote is enough once both were seen
  std::vector<ConfiguredNode> nodes;

  const ConfiguredNode* find(std::string_view name) const;
  const ConfiguredNode* find(NodeNumber number) const;
  std::uint64_t total_votes() const;
};

/// Errors name the source, the entry and what to do.
Result<ClusterFile> parse_cluster_file(std::string_view text, std::string_view source);
Result<ClusterFile> read_cluster_file(const std::string& folder);

/// Where the hub of a local cluster listens.
std::string hub_path(const std::string& folder);

}  // namespace quorate::cluster
