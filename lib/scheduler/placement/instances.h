#pragma once

#include <vector>

#include "scheduler/placement/placer.h"

/// Instances of clones and containers of bundles: their order and their distribution over nodes
/// (spec/04 §18).
namespace quorate::scheduler {

/// Number behind the last `:` of an instance's ID, or else behind the last `-`.
int instance_number(const model::Resource& instance);
/// Sorts a clone's instances by number.
void sort_by_instance_number(model::Resource& clone);
/// Notes each child's place among its siblings after they were reordered.
void renumber_children(model::Resource& collective);

/// Compares instances of one collective for placement (spec/04 §18.2). Colocation scores are
/// computed once for each instance in the life of the object.
class InstanceOrder {
 public:
  explicit InstanceOrder(MergeBudget& budget) : budget_(budget) {}
  int operator()(model::Resource* a, model::Resource* b) const;

 private:
  Score colocation_score(model::Resource& instance, model::Node& node) const;

  MergeBudget& budget_;
  mutable std::vector<std::pair<const model::Resource*, Score>> scores_;
};

void sort_instances(Placer& placer, std::vector<model::Resource*>& instances);

/// Gives at most `total` instances a node, at most `per_node` on each (spec/04 §18.3). Counts are
/// kept in the collective's table.
void distribute(Placer& placer, model::Resource& collective,
                const std::vector<model::Resource*>& instances, int total, int per_node);

}  // namespace quorate::scheduler
