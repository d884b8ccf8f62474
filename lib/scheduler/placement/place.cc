#include <unordered_map>

#include "scheduler/placement/listing.h"
#include "scheduler/placement/merge_sort.h"
#include "scheduler/placement/node_order.h"
#include "scheduler/placement/placer.h"
#include "scheduler/placement/preference_merge.h"

namespace quorate::scheduler {

using model::Node;
using model::NodeEntry;
using model::NodeTable;
using model::Resource;

namespace {

/// Order in which resources are placed if capacity matters (spec/04 §13).
class ResourceOrder {
 public:
  ResourceOrder(const model::Snapshot& snapshot, MergeBudget& budget) : budget_(budget) {
    NodeTable table;
    for (Node* node : snapshot.nodes_by_name) {
      table.insert({node, node->base_score, node->discovery, 0});
    }
    for (const NodeEntry* entry : sorted_nodes(snapshot.options, table, nullptr)) {
      nodes_.push_back(entry->node);
    }
  }

  int operator()(Resource* a, Resource* b) const {
    if (a->priority != b->priority) return a->priority > b->priority ? -1 : 1;
    const NodeTable& of_a = scores_of(*a);
    const NodeTable& of_b = scores_of(*b);
    const Score now_a = score_on(of_a, model::current_node(*a));
    const Score now_b = score_on(of_b, model::current_node(*b));
    if (now_a != now_b) return now_a > now_b ? -1 : 1;
    for (const Node* node : nodes_) {
      const Score on_a = score_on(of_a, node);
      const Score on_b = score_on(of_b, node);
      if (on_a != on_b) return on_a > on_b ? -1 : 1;
    }
    return 0;
  }

 private:
  static Score score_on(const NodeTable& table, const Node* node) {
    const NodeEntry* entry = node != nullptr ? table.find(*node) : nullptr;
    return entry != nullptr ? entry->score : -kInfinity;
  }
  const NodeTable& scores_of(Resource& resource) const {
    const auto [at, added] = scores_.try_emplace(&resource);
    if (added) at->second = scores_with_primaries(resource, budget_);
    return at->second;
  }

  MergeBudget& budget_;
  std::vector<const Node*> nodes_;
  mutable std::unordered_map<const Resource*, NodeTable> scores_;
};

}  // namespace

Node* place(Placer& placer, Resource& resource, Node* hint, bool final) {
  switch (resource.variant) {
    case model::Variant::kPrimitive:
      return place_primitive(placer, resource, hint, final);
    case model::Variant::kGroup:
      return place_group(placer, resource, hint, final);
    case model::Variant::kClone:
      place_clone(placer, resource, hint, final);
      return nullptr;
    case model::Variant::kBundle:
      place_bundle(placer, resource, hint, final);
      return nullptr;
  }
  return nullptr;
}

void place_resources(Context& context, ScoreListing* listing) {
  model::Snapshot& snapshot = context.snapshot;
  Placer placer{context, listing};
  if (snapshot.options.placement_strategy != model::PlacementStrategy::kDefault) {
    const ResourceOrder order(snapshot, placer.budget);
    merge_sort(snapshot.resources, order);
    for (std::size_t i = 0; i < snapshot.resources.size(); ++i) {
      snapshot.resources[i]->position = static_cast<std::uint32_t>(i);
    }
  }
  list_capacity(placer, "Original");
  const std::vector<Resource*> resources = snapshot.resources;
  for (Resource* resource : resources) {
    if (resource->is_connection()) place(placer, *resource, resource->partial_target, true);
  }
  for (Resource* resource : resources) {
    if (!resource->is_connection()) place(placer, *resource, nullptr, true);
  }
  list_capacity(placer, "Remaining");
  if (!placer.budget.exceeded) return;
  snapshot.report(model::MessageClass::kConfigWarning,
                  "Preferences of colocated resources count for each other in part only, because "
                  "too many resources are colocated with each other");
}

}  // namespace quorate::scheduler
