#pragma once

#include <string_view>

#include "scheduler/placement/placer.h"

/// Lines of the score listing (spec/04 §21). All do nothing without a listing.
namespace quorate::scheduler {

/// The resource's table and those of all beneath it.
void list_scores(Placer& placer, std::string_view label, const model::Resource& resource);
/// Promotion score of one instance.
void list_promotion_score(Placer& placer, const model::Resource& instance);
/// Free capacity of all nodes; `when` is Original or Remaining.
void list_capacity(Placer& placer, std::string_view when);
/// What a resource takes on the node it is assigned to.
void list_utilization(Placer& placer, const model::Resource& resource, const model::Node& node);

}  // namespace quorate::scheduler
