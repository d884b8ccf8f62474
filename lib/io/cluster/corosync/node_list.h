#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "messages/core.h"

namespace quorate::cluster {

/// What corosync's configuration (cmap) says about the cluster.
struct NodeList {
  std::string cluster_name;
  std::int64_t token_timeout_ms = 1000;  ///< as in force for this number of nodes
  NodeNumber local = 0;
  std::vector<Member> nodes;  ///< sorted by number

  /// The node's name; "node5" for number 5 if the list doesn't tell.
  std::string name_of(NodeNumber number) const;
  friend bool operator==(const NodeList&, const NodeList&) = default;
};

/// Keys and values of cmap as text, as NodeList needs them.
struct ConfigurationEntry {
  std::string key;
  std::string value;
};

/// Names by spec/09 §3: `nodelist.node.N.name`, else `ring0_addr` unless that is an address, else
/// `host_name` for the local node.
NodeList node_list_from(const std::vector<ConfigurationEntry>& entries, NodeNumber local,
                        const std::string& host_name);

/// Asks the corosync of this node. Errors: kDisconnected if it doesn't run, kInvalid if the
/// configuration can't be used.
Result<NodeList> read_node_list();
/// The same through a connection that is open; without `local` that is asked for, too.
class Cmap;
Result<NodeList> read_node_list(Cmap& cmap, std::optional<NodeNumber> local = {});

}  // namespace quorate::cluster
