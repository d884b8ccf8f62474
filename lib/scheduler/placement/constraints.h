#pragma once

#include <optional>
#include <string_view>

#include "scheduler/context.h"

/// Constraints of the configuration and the records they become (spec/04 §6, §7, §10).
namespace quorate::scheduler {

void unpack_location(Context& context, xml::Element constraint);
void unpack_colocation(Context& context, xml::Element constraint);
void unpack_ticket(Context& context, xml::Element constraint);

/// Makes a colocation record and inserts it into the lists of both resources (spec/04 §10.1); a
/// score of 0 makes none. -INFINITY orders the two resources' starts and stops as well.
void add_colocation(Context& context, const model::Colocation& colocation);
/// The same for one that isn't from the configuration: without roles, by node.
void add_implicit_colocation(Context& context, std::string_view id, model::Resource& dependent,
                             model::Resource& primary, Score score, bool influence = true);

/// Applies a location record to a resource of any kind (spec/04 §6.6).
void apply_location(model::Location& location, model::Resource& resource);
/// Applies it to one resource's table only ("plainly", spec/04 §6.5).
void apply_location_plainly(const model::Location& location, model::Resource& resource,
                            model::NodeTable& table, bool zero_scores = false);

/// Adds -INFINITY on every node of the cluster, children first (spec/04 §3.4).
void ban_everywhere(Context& context, model::Resource& resource);

}  // namespace quorate::scheduler
