#pragma once

#include <optional>
#include <string_view>

#include "scheduler/context.h"

/// Which instance of a clone or bundle another instance goes with (spec/04 §11.8, §11.9).
namespace quorate::scheduler {

/// An instance whose planned role is `role` (kUnknown: any), on the resource's node or one of its
/// allowed nodes; compared by a node attribute if given. Null if none.
model::Resource* find_compatible(Context& context, const model::Resource& resource,
                                 model::Resource& collective, model::Role role,
                                 std::optional<std::string_view> attribute);
/// The same for a bundle's containers, by node; bundle nodes count as their hosts.
model::Resource* find_container(Context& context, const model::Resource& resource,
                                model::Resource& bundle);

/// Score of the entry a placed resource has been assigned to; of a collective, of the first
/// descendant that is placed.
Score assigned_score(const model::Resource& resource);

}  // namespace quorate::scheduler
