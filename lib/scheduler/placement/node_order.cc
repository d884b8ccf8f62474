#include "scheduler/placement/node_order.h"

#include <algorithm>

#include "scheduler/placement/merge_sort.h"
#include "scheduler/placement/table_order.h"
#include "scheduler/placement/utilization.h"

namespace quorate::scheduler {

using model::Node;
using model::NodeEntry;
using model::PlacementStrategy;

int compare_nodes(const model::Options& options, const NodeEntry& a, const NodeEntry& b,
                  const Node* preferred) {
  const Score of_a = a.node->usable() ? a.score : -kInfinity;
  const Score of_b = b.node->usable() ? b.score : -kInfinity;
  if (of_a != of_b) return of_a > of_b ? -1 : 1;
  if (options.placement_strategy != PlacementStrategy::kMinimal) {
    if (options.placement_strategy == PlacementStrategy::kBalanced) {
      if (const int capacity = compare_capacity(*a.node, *b.node)) return capacity;
    }
    if (a.node->placed != b.node->placed) return a.node->placed < b.node->placed ? -1 : 1;
    if (preferred != nullptr && a.node != b.node) {
      if (a.node == preferred) return -1;
      if (b.node == preferred) return 1;
    }
  }
  return a.node->name.compare(b.node->name);
}

std::vector<NodeEntry*> sorted_nodes(const model::Options& options, model::NodeTable& table,
                                     const Node* preferred) {
  const auto compare = [&](const NodeEntry* a, const NodeEntry* b) {
    return compare_nodes(options, *a, *b, preferred);
  };
  if (options.placement_strategy == PlacementStrategy::kBalanced) {
    std::vector<NodeEntry*> entries = in_table_order(table);
    std::reverse(entries.begin(), entries.end());
    merge_sort(entries, compare);
    return entries;
  }
  // Without the vote over capacities the comparison is a total order: the start doesn't show.
  std::vector<NodeEntry*> entries;
  entries.reserve(table.size());
  table.for_each([&](NodeEntry& entry) { entries.push_back(&entry); });
  std::sort(entries.begin(), entries.end(),
            [&](const NodeEntry* a, const NodeEntry* b) { return compare(a, b) < 0; });
  return entries;
}

std::vector<const NodeEntry*> nodes_in_placement_order(Context& context,
                                                       const model::Resource& resource) {
  auto& table = const_cast<model::Resource&>(resource).allowed;
  const auto entries = sorted_nodes(context.snapshot.options, table, nullptr);
  return {entries.begin(), entries.end()};
}

bool has_available_node(const model::NodeTable& table) {
  bool found = false;
  table.for_each([&](const NodeEntry& entry) { found = found || is_available(entry); });
  return found;
}

}  // namespace quorate::scheduler
