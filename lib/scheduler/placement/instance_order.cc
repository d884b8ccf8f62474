#include <algorithm>

#include "base/text.h"
#include "scheduler/placement/colocation_lists.h"
#include "scheduler/placement/instances.h"
#include "scheduler/placement/merge_sort.h"
#include "scheduler/placement/preference_merge.h"

namespace quorate::scheduler {

using model::Colocation;
using model::Node;
using model::NodeEntry;
using model::NodeTable;
using model::Resource;

namespace {

/// What decides about one instance.
struct Standing {
  Node* node = nullptr;  ///< where it is, if it may be there
  bool disallowed = false;
};

Standing standing_of(const Resource& instance) {
  Standing standing;
  standing.node = model::current_node(instance);
  if (standing.node == nullptr) return standing;
  const NodeEntry* entry = instance.allowed.find(*standing.node);
  if (entry == nullptr || entry->score < 0) {
    standing.node = nullptr;
    standing.disallowed = true;
  }
  return standing;
}

bool has_failed(const Resource& resource) {
  return resource.failed || std::any_of(resource.children.begin(), resource.children.end(),
                                        [](const Resource* child) { return has_failed(*child); });
}

int prefer(bool a, bool b) { return a == b ? 0 : a ? -1 : 1; }

/// Steps 6 and 7: the nodes in the table of the collective. Unset if they don't decide.
std::optional<int> compare_in_parent(const Resource& a, const Node& of_a, const Resource& b,
                                     const Node& of_b) {
  const NodeEntry* entry_a = a.parent->allowed.find(of_a);
  const NodeEntry* entry_b = b.parent->allowed.find(of_b);
  if (entry_a == nullptr || entry_b == nullptr) {
    return prefer(entry_a != nullptr, entry_b != nullptr);
  }
  if (entry_a->count != entry_b->count) return entry_a->count < entry_b->count ? -1 : 1;
  return std::nullopt;
}

}  // namespace

int instance_number(const Resource& instance) {
  const std::string_view id = instance.id;
  std::size_t at = id.rfind(':');
  if (at == std::string_view::npos) at = id.rfind('-');
  if (at == std::string_view::npos) return -1;
  return static_cast<int>(
      std::clamp<std::int64_t>(to_integer(id.substr(at + 1)).value_or(-1), -1, 1 << 30));
}

void renumber_children(Resource& collective) {
  std::uint32_t position = 0;
  for (Resource* child : collective.children) child->position = position++;
}

void sort_by_instance_number(Resource& clone) {
  merge_sort(clone.children, [](const Resource* a, const Resource* b) {
    return instance_number(*a) - instance_number(*b);
  });
  renumber_children(clone);
}

Score InstanceOrder::colocation_score(Resource& instance, Node& node) const {
  for (const auto& [known, score] : scores_) {
    if (known == &instance) return score;
  }
  NodeTable table;
  table.insert({&node, node.base_score, node.discovery, 0});
  for (const Colocation* record : this_with(instance)) {
    merge_preferences(*record->primary, instance, table, *record, factor_of(record->score), {},
                      budget_);
  }
  MergeOptions options;
  options.non_negative = true;
  for (const Colocation* record : with_this(instance)) {
    if (!influences(*record, instance)) continue;
    merge_preferences(*record->dependent, instance, table, *record, factor_of(record->score),
                      options, budget_);
  }
  const Score score = table.find(node)->score;
  scores_.emplace_back(&instance, score);
  return score;
}

int InstanceOrder::operator()(Resource* a, Resource* b) const {
  const std::size_t active_a = a->active.size();
  const std::size_t active_b = b->active.size();
  if (active_a > 0 && active_b > 0 && active_a != active_b) return active_a < active_b ? -1 : 1;
  const Standing of_a = standing_of(*a);
  const Standing of_b = standing_of(*b);
  if (const int allowed = prefer(!of_a.disallowed, !of_b.disallowed)) return allowed;
  if (a->priority != b->priority) return a->priority > b->priority ? -1 : 1;
  if (of_a.node == nullptr || of_b.node == nullptr) {
    return prefer(of_a.node != nullptr, of_b.node != nullptr);
  }
  if (const int usable = prefer(of_a.node->usable(), of_b.node->usable())) return usable;
  if (const auto in_parent = compare_in_parent(*a, *of_a.node, *b, *of_b.node)) return *in_parent;
  if (const int failed = prefer(!has_failed(*a), !has_failed(*b))) return failed;
  const Score score_a = colocation_score(*a, *of_a.node);
  const Score score_b = colocation_score(*b, *of_b.node);
  if (score_a != score_b) return score_a > score_b ? -1 : 1;
  return instance_number(*a) - instance_number(*b);
}

void sort_instances(Placer& placer, std::vector<Resource*>& instances) {
  const InstanceOrder order(placer.budget);
  merge_sort(instances, order);
}

}  // namespace quorate::scheduler
