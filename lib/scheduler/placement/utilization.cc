#include "scheduler/placement/utilization.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "base/text.h"
#include "scheduler/placement/colocation_lists.h"
#include "scheduler/placement/table_order.h"

namespace quorate::scheduler {

using model::Colocation;
using model::NameValues;
using model::Node;
using model::NodeEntry;
using model::Resource;

namespace {

using Limits = std::numeric_limits<std::int32_t>;

std::int32_t clip(std::int64_t number) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(number, Limits::min(), Limits::max()));
}

std::int32_t number_of(const NameValues& table, std::string_view name) {
  const auto text = table.get(name);
  return text ? utilization_number(*text) : 0;
}

void change_capacity(model::Snapshot& snapshot, Node& node, const Resource& resource, int sign) {
  for (const auto& [name, text] : resource.utilization) {
    const std::int64_t amount = utilization_number(text);
    const std::int32_t left = clip(number_of(node.utilization, name) + sign * amount);
    node.utilization.set(name, snapshot.intern(std::to_string(left)));
  }
}

/// Amounts needed, by attribute, in the order met.
using Need = std::vector<std::pair<std::string_view, std::int32_t>>;

void add_need(Need& need, const Resource& resource) {
  for (const auto& [name, text] : resource.utilization) {
    const std::int32_t amount = utilization_number(text);
    const std::string_view wanted = name;
    const auto found =
        std::find_if(need.begin(), need.end(), [&](const auto& n) { return n.first == wanted; });
    if (found == need.end()) {
      need.emplace_back(name, amount);
    } else {
      found->second = clip(std::int64_t{found->second} + amount);
    }
  }
}

bool satisfies(const Node& node, const Need& need) {
  return std::all_of(need.begin(), need.end(), [&](const auto& n) {
    return number_of(node.utilization, n.first) >= n.second;
  });
}

/// The resources that have to be together with one that is about to be placed.
class TiedSet {
 public:
  explicit TiedSet(Resource& origin) : origin_(origin) { add(origin); }

  Need need() const {
    Need need;
    for (const Resource* resource : members_) {
      if (resource->open) add_member(need, *resource);
    }
    return need;
  }

 private:
  bool contains(const Resource& resource) const { return index_.count(&resource) > 0; }
  void insert(Resource& resource) {
    if (index_.insert(&resource).second) members_.push_back(&resource);
  }

  static bool is_tied_group(const Resource& resource) {
    return resource.is_group() && (resource.group.collocated ||
                                   (resource.parent != nullptr && resource.parent->is_clone()));
  }

  void add(Resource& resource) {
    if (contains(resource) || depth_ >= kMaxChain) return;
    insert(resource);
    ++depth_;
    add_related(resource);
    --depth_;
  }

  void add_related(Resource& resource) {
    if (is_tied_group(resource)) {
      for (Resource* member : resource.children) add(*member);
      return;
    }
    const auto is_tied = [](const Colocation& record, const Resource& d, const Resource& p) {
      return record.score >= kInfinity && effect_of(d, p, record, true) == Effect::kLocation;
    };
    for (Colocation* record : this_with(resource)) {
      Resource& primary = *record->primary;
      if (&primary != &origin_ && is_tied(*record, resource, primary)) add(primary);
    }
    for (Colocation* record : with_this(resource)) {
      Resource& dependent = *record->dependent;
      if (&dependent == &origin_ || (resource.is_clone() && !dependent.is_clone())) continue;
      if (is_tied(*record, dependent, resource)) add(dependent);
    }
  }

  void add_member(Need& need, const Resource& resource) const {
    switch (resource.variant) {
      case model::Variant::kPrimitive:
        return add_need(need, resource);
      case model::Variant::kGroup:
        return add_group(need, resource);
      case model::Variant::kClone:
        return add_clone(need, resource);
      case model::Variant::kBundle:
        if (!resource.bundle->replica_list.empty()) {
          const Resource* container = resource.bundle->replica_list.front().container;
          if (container != nullptr) add_member(need, *container);
        }
        return;
    }
  }

  void add_group(Need& need, const Resource& group) const {
    for (const Resource* member : group.children) {
      if (member->open && !contains(*member)) add_need(need, *member);
      if (!is_tied_group(group)) return;
    }
  }

  void add_clone(Need& need, const Resource& clone) const {
    bool present = false;
    for (const Resource* child : clone.children) {
      if (contains(*child)) {
        present = true;
        continue;
      }
      const bool has_member =
          child->is_group() && std::any_of(child->children.begin(), child->children.end(),
                                           [&](const Resource* m) { return contains(*m); });
      if (!has_member) continue;
      present = true;
      add_member(need, *child);
    }
    if (!present && !clone.children.empty()) add_member(need, *clone.children.front());
  }

  Resource& origin_;
  int depth_ = 0;
  std::vector<Resource*> members_;
  std::unordered_set<const Resource*> index_;
};

}  // namespace

std::int32_t utilization_number(std::string_view text) {
  const ParsedInteger parsed = parse_integer(text);
  return parsed.has_digits ? clip(parsed.value) : Limits::min();
}

void take_capacity(model::Snapshot& snapshot, Node& node, const Resource& resource) {
  change_capacity(snapshot, node, resource, -1);
}
void give_back_capacity(model::Snapshot& snapshot, Node& node, const Resource& resource) {
  change_capacity(snapshot, node, resource, 1);
}

int compare_capacity(const Node& a, const Node& b) {
  int result = 0;
  for (const auto& [name, text] : a.utilization) {
    const std::int32_t of_a = utilization_number(text);
    const std::int32_t of_b = number_of(b.utilization, name);
    result += (of_a < of_b) - (of_a > of_b);
  }
  for (const auto& [name, text] : b.utilization) {
    if (a.utilization.has(name)) continue;
    const std::int32_t of_b = utilization_number(text);
    result += (0 < of_b) - (0 > of_b);
  }
  return result;
}

Node* apply_capacity(Placer& placer, Resource& resource) {
  if (placer.options().placement_strategy == model::PlacementStrategy::kDefault) return nullptr;
  const Need need = TiedSet(resource).need();
  Need own;
  add_need(own, resource);

  Node* most_free = nullptr;
  bool any_sufficient = false;
  for (const NodeEntry* entry : in_table_order(resource.allowed)) {
    if (!is_available(*entry)) continue;
    if (satisfies(*entry->node, need)) any_sufficient = true;
    if (most_free == nullptr || compare_capacity(*entry->node, *most_free) < 0) {
      most_free = entry->node;
    }
  }
  const Need& wanted = any_sufficient ? need : own;
  resource.allowed.for_each([&](NodeEntry& entry) {
    if (is_available(entry) && !satisfies(*entry.node, wanted)) entry.score = -kInfinity;
  });
  return any_sufficient ? nullptr : most_free;
}

}  // namespace quorate::scheduler
