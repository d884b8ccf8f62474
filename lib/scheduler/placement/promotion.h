#pragma once

#include <optional>

#include "scheduler/placement/placer.h"

/// Promotable clones: which instances will be promoted (spec/04 §19).
namespace quorate::scheduler {

/// Adds promotion scores to the instances' tables and priorities, once per clone (§19.1).
void add_promotion_scores(Placer& placer, model::Resource& clone);
/// Computes priorities, sorts the instances by them and chooses roles (§19.3-19.5).
void choose_promoted(Placer& placer, model::Resource& clone);

/// The promotion score of an instance on a node; unset if there is none (§19.2).
std::optional<Score> promotion_score(Context& context, const model::Resource& instance,
                                     const model::Node& node);

}  // namespace quorate::scheduler
