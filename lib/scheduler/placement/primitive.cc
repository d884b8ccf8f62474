#include <algorithm>

#include "scheduler/placement/colocation_lists.h"
#include "scheduler/placement/constraints.h"
#include "scheduler/placement/listing.h"
#include "scheduler/placement/node_order.h"
#include "scheduler/placement/preference_merge.h"
#include "scheduler/placement/utilization.h"

namespace quorate::scheduler {

using model::Colocation;
using model::Node;
using model::NodeEntry;
using model::NodeTable;
using model::Resource;
using model::Role;

namespace {

/// Applies a colocation of the resource with another, which is placed first (spec/04 §16).
void go_with(Placer& placer, Resource& resource, Colocation& colocation) {
  std::optional<NodeTable> saved;
  if (colocation.dependent_role == Role::kPromoted ||
      (colocation.score < 0 && !colocation.mandatory())) {
    saved = resource.allowed;
  }
  if (colocation.primary->open) place(placer, *colocation.primary, nullptr, true);
  follow(placer, resource, *colocation.primary, colocation);
  if (saved && !has_available_node(resource.allowed)) resource.allowed = std::move(*saved);
  note(placer.context, resource, {Cause::kColocation, colocation.id, colocation.primary});
}

/// Takes over the preferences of a dependent (spec/04 §12.4).
void absorb(Placer& placer, Resource& resource, const Colocation& colocation) {
  if (!influences(colocation)) return;
  MergeOptions options;
  options.rollback = true;
  merge_preferences(*colocation.dependent, resource, resource.allowed, colocation,
                    factor_of(colocation.score), options, placer.budget);
  note(placer.context, resource, {Cause::kDependent, colocation.id, colocation.dependent});
}

void apply_colocations(Placer& placer, Resource& resource) {
  const ColocationList with_others = this_with(resource);
  const ColocationList of_others = with_this(resource);
  for (const bool mandatory : {true, false}) {
    for (Colocation* record : with_others) {
      if (record->mandatory() == mandatory) go_with(placer, resource, *record);
    }
    for (const Colocation* record : of_others) {
      if (record->mandatory() == mandatory) absorb(placer, resource, *record);
    }
  }
}

void apply_planned_role(Placer& placer, Resource& resource) {
  const model::Snapshot& snapshot = placer.snapshot();
  if (resource.next_role == Role::kStopped) {
    ban_everywhere(placer.context, resource);
    note(placer.context, resource, {Cause::kPlannedRole, {}, nullptr});
  } else if (resource.next_role > resource.role && !snapshot.quorate &&
             snapshot.options.quorum_policy == model::QuorumPolicy::kFreeze) {
    resource.next_role = resource.role;
  }
}

/// Keeps how the nodes compared, for explain.
void record_choice(Placer& placer, Resource& resource, const Node* hint, const NodeEntry* chosen) {
  Choice choice;
  choice.chosen = chosen != nullptr ? chosen->node : nullptr;
  choice.current = model::current_node(resource);
  choice.hint = hint;
  for (const NodeEntry* entry : sorted_nodes(placer.options(), resource.allowed, choice.current)) {
    choice.candidates.push_back(
        {entry->node, entry->score, entry->node->placed, entry->node->usable()});
  }
  placer.context.recorder->choose(resource, std::move(choice));
}

/// The hint, if it is as good as the best; then the best, or where the resource is now if that is
/// as good (spec/04 §14.2). Null if the table is empty.
NodeEntry* choose(Placer& placer, Resource& resource, const Node* hint) {
  const Node* current = model::current_node(resource);
  const std::vector<NodeEntry*> nodes = sorted_nodes(placer.options(), resource.allowed, current);
  if (nodes.empty()) return nullptr;
  NodeEntry* best = nodes.front();
  if (hint != nullptr) {
    NodeEntry* hinted = resource.allowed.find(*hint);
    if (hinted != nullptr && hinted->score >= best->score && is_available(*hinted)) return hinted;
  }
  const Resource* parent = resource.parent;
  const bool in_unique_clone = parent != nullptr && parent->is_clone() && parent->unique;
  if (in_unique_clone || best->score <= 0 || !best->node->usable()) return best;
  if (current == nullptr || !current->usable() || current->base_score < 0) return best;
  for (NodeEntry* entry : nodes) {
    if (entry->score != best->score) break;
    if (entry->node == current) return entry;
  }
  return best;
}

void choose_and_commit(Placer& placer, Resource& resource, Node* hint, bool final) {
  Node* most_free = apply_capacity(placer, resource);
  note(placer.context, resource, {Cause::kCapacity, {}, nullptr});
  if (!resource.open) return;
  NodeEntry* chosen = choose(placer, resource, hint != nullptr ? hint : most_free);
  if (placer.context.recorder != nullptr) [[unlikely]] {
    record_choice(placer, resource, hint != nullptr ? hint : most_free, chosen);
  }
  commit(placer, resource, chosen, false, final);
}

/// A connection that is placed makes the node of its name usable; one that isn't makes it go away.
/// By name, as a guest can have two connection resources: one generated, one left in the document.
void update_connected_node(Placer& placer, const Resource& connection) {
  Node* node = placer.snapshot().find_node_by_name(connection.id);
  if (node == nullptr || !node->is_remote_kind()) return;
  if (connection.assigned && connection.next_role != Role::kStopped) {
    node->online = true;
    if (!node->seen) node->unclean = false;
  } else {
    node->shutdown = true;
  }
}

/// Leaves an unmanaged resource where it is: with the node's base score, not that of its table.
void stay(Placer& placer, Resource& resource, bool final) {
  resource.next_role = resource.role;
  Node* node = model::current_node(resource);
  NodeEntry base;
  if (node != nullptr) base = {node, node->base_score, node->discovery, 0};
  commit(placer, resource, node != nullptr ? &base : nullptr, true, final);
}

}  // namespace

Node* place_primitive(Placer& placer, Resource& resource, Node* hint, bool final) {
  if (resource.parent != nullptr && !resource.parent->busy) {
    place(placer, *resource.parent, hint, final);
  }
  const auto result = [&] { return resource.assigned ? resource.assigned->node : nullptr; };
  if (!resource.open) return result();
  if (resource.busy || placer.depth >= kMaxChain) return nullptr;
  resource.busy = true;
  ++placer.depth;
  apply_colocations(placer, resource);
  --placer.depth;
  apply_planned_role(placer, resource);
  list_scores(placer, "pcmk__primitive_assign", resource);
  if (placer.options().fencing_enabled && !placer.snapshot().fence_devices_exist) {
    resource.managed = false;
  }
  if (!resource.managed) {
    stay(placer, resource, final);
  } else if (placer.options().stop_all_resources) {
    commit(placer, resource, nullptr, true, final);
  } else {
    choose_and_commit(placer, resource, hint, final);
  }
  resource.busy = false;
  if (resource.is_connection()) update_connected_node(placer, resource);
  return result();
}

}  // namespace quorate::scheduler
