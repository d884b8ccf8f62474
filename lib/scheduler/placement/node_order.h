#pragma once

#include <vector>

#include "scheduler/placement/placer.h"

namespace quorate::scheduler {

/// Negative if a is the better place: score (unusable nodes last), free capacity, number of
/// resources placed, `preferred`, name (spec/04 §14.1).
int compare_nodes(const model::Options& options, const model::NodeEntry& a,
                  const model::NodeEntry& b, const model::Node* preferred);

/// The table's entries, best first (spec/04 §1.6, §14.1).
std::vector<model::NodeEntry*> sorted_nodes(const model::Options& options, model::NodeTable& table,
                                            const model::Node* preferred);

}  // namespace quorate::scheduler
