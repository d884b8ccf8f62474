#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "scheduler/placement/placer.h"

/// Capacity of nodes and what resources need of it (spec/04 §15).
namespace quorate::scheduler {

/// Leading integer clipped to 32 bits; without one the least number (spec/04 §15.1).
std::int32_t utilization_number(std::string_view text);

/// Takes a resource's utilization from a node's free capacity, or gives it back.
void take_capacity(model::Snapshot& snapshot, model::Node& node, const model::Resource& resource);
void give_back_capacity(model::Snapshot& snapshot, model::Node& node,
                        const model::Resource& resource);

/// Negative if a has more free than b: a vote over the attributes (spec/04 §15.2).
int compare_capacity(const model::Node& a, const model::Node& b);

/// Bans nodes that lack capacity from the resource's table; returns the node to take if it is as
/// good as the best, or null (spec/04 §15.3). Nothing with strategy default.
model::Node* apply_capacity(Placer& placer, model::Resource& resource);

}  // namespace quorate::scheduler
