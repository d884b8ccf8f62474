#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/controller.h"
#include "messages/core.h"
#include "xml/document.h"

namespace quorate::controller {

/// What `expected` of a node_state says (spec/09 §8).
enum class Expected { kUnset, kMember, kDown, kPending, kBanned };
std::string_view expected_text(Expected expected);

/// A cluster node as every controller knows it.
struct KnownClusterNode {
  NodeNumber number = 0;
  std::string name;
  bool configured = false;         ///< in the cluster layer's node list
  bool in_layer = false;           ///< the cluster layer's member
  bool in_group = false;           ///< its controller is in the group
  bool seen = false;               ///< was ever in the layer or the group; see forget_sight()
  std::int64_t layer_since = 0;    ///< wall seconds
  std::int64_t group_since = 0;    ///< wall seconds
  std::uint64_t entered_view = 0;  ///< incarnation: view in which its controller entered
  bool layer_left_by_controller = false;  ///< controller left, node didn't: in_ccm="1"
  Expected expected = Expected::kUnset;
  bool joined = false;         ///< its history is in the CIB
  bool down_ordered = false;   ///< a DC told it to shut down
  bool shutting_down = false;  ///< it asked for its shutdown
};

/// The cluster's nodes, from the cluster layer, the group of controllers and what the DC did.
class NodeTable {
 public:
  /// Takes over the cluster layer's view. Numbers of nodes that left it.
  std::vector<NodeNumber> layer_changed(const NodeMembership& membership, std::int64_t now_seconds);
  void controller_appeared(const Member& member, std::uint64_t view, std::int64_t now_seconds);
  void controller_left(NodeNumber node);
  /// The node has left the layer and no DC here has recorded it: if nothing but the layer has told
  /// of it, it is as if it had never been seen.
  void forget_sight(NodeNumber node);

  KnownClusterNode* find(NodeNumber node);
  const KnownClusterNode* find(NodeNumber node) const;
  KnownClusterNode* find(std::string_view name);
  const KnownClusterNode* find(std::string_view name) const;
  KnownClusterNode& get(NodeNumber node, std::string_view name);
  void forget(NodeNumber node) { nodes_.erase(node); }
  const std::map<NodeNumber, KnownClusterNode>& all() const { return nodes_; }

  /// Every node of the node list is in the cluster layer.
  bool all_configured_present() const;

 private:
  std::map<NodeNumber, KnownClusterNode> nodes_;
};

/// Which attributes of a node_state are written.
struct NodeStateFields {
  bool membership = true;  ///< in_ccm, crmd
  bool join = false;
  bool expected = true;
};
/// Adds a node's node_state to `<status>` (spec/09 §8); nothing for a node never seen. To the
/// scheduler a lost node without `expected` has left in order, and one without a node_state is to
/// be fenced: the former is never written of a node of which nobody knows what it was running.
void add_node_state(xml::Element status, const KnownClusterNode& node,
                    const NodeStateFields& fields);
/// Adds `<node id= uname=/>` to `<nodes>`.
void add_node_entry(xml::Element nodes, const KnownClusterNode& node);

}  // namespace quorate::controller
