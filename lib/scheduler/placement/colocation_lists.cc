#include "scheduler/placement/colocation_lists.h"

#include <algorithm>

#include "scheduler/actions/ordering.h"
#include "scheduler/placement/constraints.h"
#include "scheduler/placement/placement.h"
#include "scheduler/placement/references.h"

namespace quorate::scheduler {

using model::Colocation;
using model::Resource;

namespace {

/// Order of the other resources in a list (spec/04 §10.4).
int compare(const Resource& a, const Resource& b) {
  if (&a == &b) return 0;
  if (a.priority != b.priority) return a.priority > b.priority ? -1 : 1;
  if (a.variant != b.variant) return a.variant > b.variant ? -1 : 1;
  if (a.is_clone() && a.promotable != b.promotable) return a.promotable ? -1 : 1;
  return a.id.compare(b.id);
}

/// One of the two directions: whose records, and by whom they are ordered.
struct Direction {
  ColocationList Resource::*own;
  Resource* Colocation::*other;
};
constexpr Direction kThisWith{&Resource::this_with, &Colocation::primary};
constexpr Direction kWithThis{&Resource::with_this, &Colocation::dependent};

/// Before the first that isn't better, in a list that is in order; so of equals the newest is
/// first.
void insert_in_order(ColocationList& list, Colocation& record, const Direction& direction) {
  const Resource& key = *(record.*direction.other);
  const auto place = std::partition_point(list.begin(), list.end(), [&](const Colocation* at) {
    return compare(key, *(at->*direction.other)) > 0;
  });
  list.insert(place, &record);
}

/// The same in a list that the quirk below, or a change of priorities, may have left in disorder.
void insert_sorted(ColocationList& list, Colocation& record, const Direction& direction) {
  const Resource& key = *(record.*direction.other);
  const auto place = std::find_if(list.begin(), list.end(), [&](const Colocation* at) {
    return compare(key, *(at->*direction.other)) <= 0;
  });
  list.insert(place, &record);
}

/// Quirk of spec/04 §10.5: a list that isn't empty gets the first record of the other once for
/// each record of the other, and nothing else.
void append_all(ColocationList& list, const ColocationList& more, const Direction& direction) {
  if (more.empty()) return;
  if (list.empty()) {
    list = more;
    return;
  }
  Colocation& first = *more.front();
  const Resource& key = *(first.*direction.other);
  const auto place = std::find_if(list.begin(), list.end(), [&](const Colocation* at) {
    return compare(key, *(at->*direction.other)) <= 0;
  });
  list.insert(place, more.size(), &first);
}

void gather(Resource& resource, const Resource& on_behalf_of, ColocationList& list,
            const Direction& direction);

void gather_group(Resource& group, const Resource& on_behalf_of, ColocationList& list,
                  const Direction& direction) {
  if (group.children.empty()) return;
  const bool is_this_with = direction.own == kThisWith.own;
  const Resource* end = is_this_with ? group.children.front() : group.children.back();
  const ColocationList& own = group.*direction.own;
  if (&on_behalf_of == &group || &on_behalf_of == end) {
    append_all(list, own, direction);
    if (group.parent != nullptr) gather(*group.parent, on_behalf_of, list, direction);
    if (!group.group.collocated) return;
    for (Resource* member : group.children) {
      if (member != &on_behalf_of) gather(*member, on_behalf_of, list, direction);
    }
    return;
  }
  if (!is_this_with) return;
  // A later member follows the first one, unless one before it is unmanaged and may be elsewhere.
  for (const Resource* member : group.children) {
    if (member == &on_behalf_of) return;
    if (member->managed) continue;
    for (Colocation* record : own) {
      if (record->score >= kInfinity) insert_sorted(list, *record, direction);
    }
    return;
  }
}

void gather_bundle(Resource& bundle, const Resource& on_behalf_of, ColocationList& list,
                   const Direction& direction) {
  const ColocationList& own = bundle.*direction.own;
  if (&on_behalf_of == &bundle || replica_of_container(on_behalf_of) != nullptr) {
    append_all(list, own, direction);
    return;
  }
  const Resource* inner = bundle.bundle->inner_clone;
  if (inner == nullptr || !inner->promotable || &model::top_of(on_behalf_of) != inner) return;
  const bool counts = &on_behalf_of == inner ? inner->clone->choosing_roles : !on_behalf_of.open;
  if (counts) append_all(list, own, direction);
}

void gather(Resource& resource, const Resource& on_behalf_of, ColocationList& list,
            const Direction& direction) {
  const ColocationList& own = resource.*direction.own;
  switch (resource.variant) {
    case model::Variant::kPrimitive:
      if (&resource == &on_behalf_of) {
        append_all(list, own, direction);
        if (resource.parent != nullptr) gather(*resource.parent, on_behalf_of, list, direction);
        return;
      }
      for (Colocation* record : own) {
        if (record->is_explicit) insert_sorted(list, *record, direction);
      }
      return;
    case model::Variant::kGroup:
      return gather_group(resource, on_behalf_of, list, direction);
    case model::Variant::kClone:
      append_all(list, own, direction);
      if (resource.parent != nullptr) gather(*resource.parent, on_behalf_of, list, direction);
      return;
    case model::Variant::kBundle:
      return gather_bundle(resource, on_behalf_of, list, direction);
  }
}

}  // namespace

const model::BundleReplica* replica_of_container(const Resource& resource) {
  if (resource.parent == nullptr || !resource.parent->is_bundle()) return nullptr;
  for (const model::BundleReplica& replica : resource.parent->bundle->replica_list) {
    if (replica.container == &resource) return &replica;
  }
  return nullptr;
}

bool is_nesting(const Resource& resource) {
  return resource.is_connection() && resource.parent != nullptr && resource.parent->is_bundle();
}

ColocationList this_with(Resource& resource) {
  ColocationList list;
  gather(resource, resource, list, kThisWith);
  return list;
}

ColocationList with_this(Resource& resource) {
  ColocationList list;
  gather(resource, resource, list, kWithThis);
  return list;
}

bool influences(const Colocation& colocation, const Resource& primary) {
  if (is_nesting(*colocation.dependent) && !primary.failed && primary.active.size() == 1) {
    return false;
  }
  return colocation.influence || primary.active.empty();
}

void add_colocation(Context& context, const Colocation& colocation) {
  if (colocation.dependent == nullptr || colocation.primary == nullptr) {
    report_error(context, text_of("Ignoring colocation '", colocation.id,
                                  "' because resource does not exist"));
    return;
  }
  if (colocation.score == 0) return;
  Colocation& record = context.snapshot.colocations.emplace_back(colocation);
  insert_in_order(record.dependent->this_with, record, kThisWith);
  insert_in_order(record.primary->with_this, record, kWithThis);
  if (record.score <= -kInfinity) order_anti_colocation(context, record);
}

void add_implicit_colocation(Context& context, std::string_view id, Resource& dependent,
                             Resource& primary, Score score, bool influence) {
  Colocation colocation;
  colocation.id = id;
  colocation.dependent = &dependent;
  colocation.primary = &primary;
  colocation.score = score;
  colocation.influence = influence;
  colocation.is_explicit = false;
  add_colocation(context, colocation);
}

ColocationList colocations_of(Resource& resource) { return this_with(resource); }

ColocationList colocations_with(Resource& resource) {
  ColocationList list = with_this(resource);
  std::erase_if(list, [](const Colocation* record) { return record->score < kInfinity; });
  return list;
}

}  // namespace quorate::scheduler
