#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/score.h"
#include "model/name_values.h"
#include "model/role.h"

namespace quorate::graph {
struct Action;
}

namespace quorate::model {

struct Resource;

using NodeId = DenseId<struct NodeTag>;  ///< order of creation, dense; not the order of names

enum class NodeKind : std::uint8_t { kCluster, kRemote };

/// One node: its configuration, its state as read, and the marks placement makes (spec/03 §4,
/// spec/04 §1.3). Addresses are stable for the life of the Snapshot.
struct Node {
  NodeId index;
  std::string_view id;    ///< as in the document (a number for corosync nodes, a name for remotes)
  std::string_view name;  ///< uname
  NodeKind kind = NodeKind::kCluster;
  Resource* connection = nullptr;  ///< remote kinds: the connection resource, if there is one

  // State (spec/03 §4.1).
  bool online = false;
  bool unclean = false;
  bool pending = false;
  bool standby = false;
  bool standby_on_failure = false;
  bool maintenance = false;
  bool shutdown = false;
  bool seen = false;
  bool expected_up = false;
  bool probes_allowed = true;
  bool needs_reset = false;
  bool was_fenced = false;
  bool was_in_maintenance = false;
  bool history_read = false;
  bool is_dc = false;

  Score base_score = 0;
  Discovery discovery = Discovery::kAlways;
  Score priority = 0;  ///< sum over what runs there (spec/03 §14.5)

  NameValues attributes;
  NameValues utilization;          ///< as configured, text
  std::vector<Resource*> running;  ///< active primitives in the order found
  int placed = 0;                  ///< primitives this run has placed here
  graph::Action* fence_action = nullptr;

  bool is_remote_kind() const { return kind == NodeKind::kRemote; }
  bool is_guest_or_bundle() const;  ///< has a connection, and that has a launcher
  bool is_remote() const { return is_remote_kind() && !is_guest_or_bundle(); }
  bool is_bundle() const;  ///< guest whose connection is part of a bundle
  /// Online, not shutting down, unclean, standby or in maintenance (spec/04 §1.4).
  bool usable() const { return online && !shutdown && !unclean && !standby && !maintenance; }
};

/// One cell of a resource's node table (spec/04 §1.3).
struct NodeEntry {
  Node* node = nullptr;
  Score score = 0;
  Discovery discovery = Discovery::kAlways;
  int count = 0;
};

/// Node table of a resource: which nodes it may run on, with score. Dense by NodeId, so look-up is
/// an index; a row of the cluster's score matrix.
class NodeTable {
 public:
  NodeEntry* find(NodeId node) {
    return node.index < cells_.size() && cells_[node.index].node ? &cells_[node.index] : nullptr;
  }
  const NodeEntry* find(NodeId node) const { return const_cast<NodeTable*>(this)->find(node); }
  NodeEntry* find(const Node& node) { return find(node.index); }
  const NodeEntry* find(const Node& node) const { return find(node.index); }
  /// Inserts a copy (replacing a present cell for the node). References to other cells are invalid
  /// if the table grows.
  NodeEntry& insert(const NodeEntry& entry) {
    const std::uint32_t i = entry.node->index.index;
    if (i >= cells_.size()) cells_.resize(i + 1);
    if (!cells_[i].node) order_.push_back(entry.node->index);
    cells_[i] = entry;
    return cells_[i];
  }
  bool erase(NodeId node) {
    if (find(node) == nullptr) return false;
    cells_[node.index] = {};
    std::erase(order_, node);
    return true;
  }
  void clear() {
    cells_.clear();
    order_.clear();
  }
  bool empty() const { return order_.empty(); }
  std::size_t size() const { return order_.size(); }
  /// Nodes in the order they were inserted; placement derives "table order" (spec/04 §25) from it.
  const std::vector<NodeId>& inserted() const { return order_; }

  /// Visits the cells that exist, by NodeId.
  template <class Visitor>
  void for_each(Visitor&& visit) {
    for (NodeEntry& cell : cells_) {
      if (cell.node) visit(cell);
    }
  }
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const NodeEntry& cell : cells_) {
      if (cell.node) visit(cell);
    }
  }

 private:
  std::vector<NodeEntry> cells_;
  std::vector<NodeId> order_;
};

}  // namespace quorate::model
