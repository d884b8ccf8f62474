#pragma once

#include <string>
#include <vector>

#include "scheduler/context.h"

/// Stage 2: constraints become records, scores are added up, every resource gets a node and a role
/// (spec/04).
namespace quorate::scheduler {

/// Unpacks location, colocation and ticket constraints in document order together with orderings
/// (spec/04 §4-7, §10); calls unpack_order() of actions/ordering.h for rsc_order.
void unpack_constraints(Context& context);
/// Node criteria in the exact order of spec/04 §8.
void apply_node_criteria(Context& context);
/// Implicit placement constraints of one top-level resource, recursively (spec/04 §9). Orderings of
/// the same phase are created by create_implicit_orderings() (actions/ordering.h), resource by
/// resource.
void create_implicit_colocations(Context& context, model::Resource& resource);

/// The score listing, one line each as spec/04 §21 says; null records nothing.
struct ScoreListing {
  std::vector<std::string> lines;
  bool scores = false;
  bool utilization = false;
};

/// Places everything (spec/04 §13-20).
void place_resources(Context& context, ScoreListing* listing);

/// commit(R, none, forced, final) after placement, used by ordering (spec/04 §2 "in exactly one
/// way", spec/05 §7.8). True if the assignment changed.
bool assign_nowhere(Context& context, model::Resource& resource);

/// Mandatory colocations with this resource as primary, in list order (spec/05 §18.4).
std::vector<model::Colocation*> colocations_with(model::Resource& resource);
/// Colocations of this resource with others, in list order (spec/04 §10.6).
std::vector<model::Colocation*> colocations_of(model::Resource& resource);

/// An instance of `collective` compatible with `resource` (spec/05 §19.7, spec/04 §11.8): located
/// at its node, or at one of its allowed nodes in placement order. Null if none.
model::Resource* compatible_instance(Context& context, const model::Resource& resource,
                                     model::Resource& collective, model::Role role, bool current);

/// A resource's allowed nodes in "placement order": sorted by spec/04 §14.1.
std::vector<const model::NodeEntry*> nodes_in_placement_order(Context& context,
                                                              const model::Resource& resource);

/// Resources an element of a constraint names: a resource, or the members of a tag or template
/// (spec/04 §4.3). Empty if unknown.
std::vector<model::Resource*> resolve_reference(Context& context, std::string_view id);

}  // namespace quorate::scheduler
