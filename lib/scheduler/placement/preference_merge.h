#pragma once

#include "scheduler/placement/placer.h"

namespace quorate::scheduler {

/// How scores of colocated resources are merged (spec/04 §12.2).
struct MergeOptions {
  bool primaries = false;     ///< follow what a source depends on instead of what depends on it
  bool non_negative = false;  ///< positive and zero scores don't become negative
  bool rollback = false;      ///< discard a source that leaves no usable node
};

/// Merges the scores of `source`, and of those that depend on it in turn, into a table of `target`
/// with a factor (spec/04 §12): visit() with a table. Beyond the budget the source alone counts.
void merge_preferences(model::Resource& source, model::Resource& target, model::NodeTable& table,
                       const model::Colocation& colocation, float factor,
                       const MergeOptions& options, MergeBudget& budget);

/// A resource's own scores with those of all it depends on merged into them: visit() without a
/// table.
model::NodeTable scores_with_primaries(model::Resource& resource, MergeBudget& budget);

/// Factor of a colocation, in single precision.
inline float factor_of(Score score) {
  return static_cast<float>(score) / static_cast<float>(kInfinity);
}

}  // namespace quorate::scheduler
