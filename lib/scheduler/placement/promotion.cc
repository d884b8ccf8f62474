#include "scheduler/placement/promotion.h"

#include <algorithm>

#include "scheduler/placement/colocation_lists.h"
#include "scheduler/placement/constraints.h"
#include "scheduler/placement/instances.h"
#include "scheduler/placement/listing.h"
#include "scheduler/placement/merge_sort.h"
#include "scheduler/placement/preference_merge.h"

namespace quorate::scheduler {

using model::Colocation;
using model::Node;
using model::NodeEntry;
using model::Resource;
using model::Role;

namespace {

/// A running instance of a promotable clone is at least unpromoted.
void replace_started_role(Resource& resource) {
  if (resource.is_primitive() ? resource.role != Role::kStarted
                              : model::role_of(resource) != Role::kStarted) {
    return;
  }
  resource.role = Role::kUnpromoted;
  for (Resource* child : resource.children) replace_started_role(*child);
}

void add_location_scores(Resource& instance, const Node& node,
                         const std::vector<model::Location*>& locations) {
  for (const model::Location* location : locations) {
    if (location->role != Role::kPromoted) continue;
    for (const NodeEntry& entry : location->nodes) {
      if (entry.node != &node) continue;
      instance.priority = add_scores(instance.priority, entry.score);
      break;
    }
  }
}

/// Priority for promotion of one instance (spec/04 §19.3).
void set_promotion_priority(Placer& placer, Resource& clone, Resource& instance) {
  if (model::role_of(instance) == Role::kStarted) replace_started_role(instance);
  const Node* node = model::placed_node(instance);
  if (node == nullptr) return;
  switch (model::next_role_of(instance)) {
    case Role::kUnknown:
    case Role::kStarted:
      instance.priority = promotion_score(placer.context, instance, *node).value_or(-1);
      break;
    case Role::kUnpromoted:
    case Role::kStopped:
      instance.priority = -kInfinity;
      break;
    case Role::kPromoted:
      break;
  }
  add_location_scores(instance, *node, instance.locations);
  add_location_scores(instance, *node, clone.locations);
  for (Colocation* record : this_with(instance)) {
    follow(placer, instance, *record->primary, *record);
  }
  instance.promotion_priority =
      model::next_role_of(instance) == Role::kPromoted ? kInfinity : instance.priority;
}

/// Brings promotion scores and dependents' preferences together in the clone's table.
void merge_into_clone(Placer& placer, Resource& clone) {
  for (const Resource* instance : clone.children) {
    const Node* node = model::placed_node(*instance);
    if (node == nullptr || instance->promotion_priority < 0) continue;
    if (NodeEntry* entry = clone.allowed.find(*node)) {
      entry->score = add_scores(entry->score, instance->promotion_priority);
    }
  }
  for (const Colocation* record : with_this(clone)) {
    if (record->primary_role != Role::kPromoted || !influences(*record)) continue;
    MergeOptions options;
    options.rollback = true;
    options.non_negative = true;
    merge_preferences(*record->dependent, clone, clone.allowed, *record, factor_of(record->score),
                      options, placer.budget);
  }
  for (const model::TicketConstraint* constraint : clone.tickets) {
    if (constraint->role != Role::kPromoted) continue;
    if (constraint->ticket->granted && !constraint->ticket->standby) continue;
    ban_everywhere(placer.context, clone);
  }
}

void set_sort_priority(Resource& clone, Resource& instance) {
  const Node* node = model::placed_node(instance);
  if (!instance.managed && model::next_role_of(instance) == Role::kPromoted) {
    instance.promotion_priority = kInfinity;
  } else if (node == nullptr) {
    instance.promotion_priority = -kInfinity;
  } else if (instance.promotion_priority >= 0) {
    const NodeEntry* entry = clone.allowed.find(*node);
    instance.promotion_priority = entry != nullptr ? entry->score : -kInfinity;
  }
}

/// Sorts the instances, most eligible first (spec/04 §19.4).
void sort_by_promotion(Placer& placer, Resource& clone) {
  if (clone.clone->choosing_roles) return;
  clone.clone->choosing_roles = true;
  clone.visited = true;
  merge_into_clone(placer, clone);
  for (Resource* instance : clone.children) set_sort_priority(clone, *instance);
  const InstanceOrder order(placer.budget);
  merge_sort(clone.children, [&](Resource* a, Resource* b) {
    if (a->promotion_priority != b->promotion_priority) {
      return a->promotion_priority > b->promotion_priority ? -1 : 1;
    }
    const Role role_a = model::role_of(*a);
    const Role role_b = model::role_of(*b);
    if (role_a != role_b) return role_a > role_b ? -1 : 1;
    return order(a, b);
  });
  renumber_children(clone);
  clone.visited = false;
}

/// Usable, and if it is a guest, its launcher has a place.
bool is_usable_with_launcher(const Node& node) {
  return node.usable() &&
         (!node.is_guest_or_bundle() || model::placed_node(*node.connection->launcher) != nullptr);
}

bool can_be_promoted(const Resource& resource) {
  if (!resource.children.empty()) {
    return std::all_of(resource.children.begin(), resource.children.end(),
                       [](const Resource* child) { return can_be_promoted(*child); });
  }
  const Node* node = model::placed_node(resource);
  if (node == nullptr) return false;
  if (!resource.managed) return model::role_of(resource) == Role::kPromoted;
  return resource.priority >= 0 && is_usable_with_launcher(*node);
}

/// The entry of the clone's table that counts promoted instances, if this one may be one.
NodeEntry* place_for_promotion(Resource& clone, const Resource& instance) {
  if (!can_be_promoted(instance)) return nullptr;
  const Node* node = model::placed_node(instance);
  if (node == nullptr) return nullptr;
  NodeEntry* entry = clone.allowed.find(*node);
  if (entry == nullptr) return nullptr;
  const bool has_room = entry->count < clone.clone->promoted_node_max;
  return has_room || !instance.managed ? entry : nullptr;
}

bool is_any_placed(const Resource& resource) {
  if (resource.children.empty()) return resource.assigned.has_value();
  return std::any_of(resource.children.begin(), resource.children.end(),
                     [](const Resource* child) { return is_any_placed(*child); });
}

void set_unpromoted(Resource& resource) {
  resource.next_role = is_any_placed(resource) ? Role::kUnpromoted : Role::kStopped;
  for (Resource* child : resource.children) set_unpromoted(*child);
}

void set_promoted(Resource& resource) {
  if (resource.next_role == Role::kUnknown) resource.next_role = Role::kPromoted;
  for (Resource* child : resource.children) set_promoted(*child);
}

}  // namespace

void add_promotion_scores(Placer& placer, Resource& clone) {
  if (clone.clone->promotion_scores_added) return;
  clone.clone->promotion_scores_added = true;
  for (Resource* instance : clone.children) {
    instance->allowed.for_each([&](NodeEntry& entry) {
      if (!entry.node->usable()) return;
      const Score score = promotion_score(placer.context, *instance, *entry.node).value_or(0);
      if (score > 0) entry.score = add_scores(entry.score, score);
      instance->priority = std::max(instance->priority, score);
    });
    note(placer.context, *instance, {Cause::kPromotion, {}, nullptr});
  }
}

void choose_promoted(Placer& placer, Resource& clone) {
  clone.allowed.for_each([](NodeEntry& entry) { entry.count = 0; });
  for (Resource* instance : clone.children) set_promotion_priority(placer, clone, *instance);
  sort_by_promotion(placer, clone);
  int promoted = 0;
  for (Resource* instance : clone.children) {
    list_promotion_score(placer, *instance);
    const bool candidate = instance->promotion_priority >= 0 &&
                           (promoted < clone.clone->promoted_max || !clone.managed);
    NodeEntry* entry = candidate ? place_for_promotion(clone, *instance) : nullptr;
    const bool frozen = model::role_of(*instance) < Role::kPromoted && !placer.snapshot().quorate &&
                        placer.options().quorum_policy == model::QuorumPolicy::kFreeze;
    if (entry == nullptr || frozen) {
      set_unpromoted(*instance);
      continue;
    }
    ++entry->count;
    set_promoted(*instance);
    ++promoted;
  }
}

}  // namespace quorate::scheduler
