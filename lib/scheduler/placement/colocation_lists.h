#pragma once

#include <vector>

#include "scheduler/context.h"

/// Which colocations count for a resource, and in what order (spec/04 §10.4-10.6).
namespace quorate::scheduler {

using ColocationList = std::vector<model::Colocation*>;

/// Its colocations with others, gathered from the resource and its relatives.
ColocationList this_with(model::Resource& resource);
/// Others' colocations with it.
ColocationList with_this(model::Resource& resource);

/// Do the dependent's preferences count for that primary or instance of it (spec/04 §11.1)?
bool influences(const model::Colocation& colocation, const model::Resource& primary);
inline bool influences(const model::Colocation& colocation) {
  return influences(colocation, *colocation.primary);
}

/// The bundle replica whose container that is, or null.
const model::BundleReplica* replica_of_container(const model::Resource& resource);
/// A bundle replica's connection ("nesting", spec/04 §1.8).
bool is_nesting(const model::Resource& resource);

}  // namespace quorate::scheduler
