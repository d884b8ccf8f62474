#include "scheduler/placement/preference_merge.h"

#include <algorithm>
#include <optional>

#include "scheduler/placement/attribute_view.h"
#include "scheduler/placement/colocation_lists.h"
#include "scheduler/placement/constraints.h"

namespace quorate::scheduler {

using model::Colocation;
using model::Node;
using model::NodeEntry;
using model::NodeTable;
using model::Resource;

namespace {

/// A node that merging would have made negative where that isn't allowed.
constexpr Score kDead = -100'000'000;

/// The highest score of the source among usable nodes that match a node of the target.
class BestScores {
 public:
  BestScores(const Resource& source, const NodeTable& table, const Resource* target,
             std::string_view attribute)
      : table_(table), of_source_(attribute, &source), of_target_(attribute, target) {
    by_node_ = of_source_.is_node_name() && of_target_.is_node_name();
    table.for_each([&](const NodeEntry& entry) {
      if (!entry.node->usable() || (by_node_ && knows_its_name(*entry.node))) return;
      candidates_.push_back({of_source_.of(*entry.node), entry.score});
    });
  }

  Score at(const Node& node) const {
    if (by_node_ && knows_its_name(node)) {
      const NodeEntry* entry = table_.find(node);
      return entry != nullptr && node.usable() ? std::max(entry->score, -kInfinity) : -kInfinity;
    }
    Score best = -kInfinity;
    const AttributeView::Value value = of_target_.of(node);
    for (const Candidate& candidate : candidates_) {
      if (candidate.score > best && same_value(candidate.value, value)) best = candidate.score;
    }
    return best;
  }

 private:
  struct Candidate {
    AttributeView::Value value;
    Score score;
  };
  const NodeTable& table_;
  AttributeView of_source_;
  AttributeView of_target_;
  bool by_node_ = false;
  std::vector<Candidate> candidates_;
};

/// Single precision, rounded half away from zero, at least 1 by the sign of the factor.
Score attenuate(Score score, float factor) {
  const float product = factor * static_cast<float>(score);
  const double rounded = product < 0 ? product - 0.5 : product + 0.5;
  const auto delta = static_cast<Score>(rounded);
  if (delta == 0 && score != 0) return factor > 0.0F ? 1 : -1;
  return delta;
}

bool has_one_place_left(const Resource& resource) {
  int places = 0;
  resource.allowed.for_each([&](const NodeEntry& entry) { places += entry.score >= 0; });
  return places == 1;
}

/// Later members of a group lack its location scores; a copy of the table with them, if `source` is
/// such a member and a dependent by configuration.
std::optional<NodeTable> table_with_group_locations(Resource& source, const Colocation& c) {
  const Resource* group = source.parent;
  if (&source != c.dependent || !c.is_explicit || group == nullptr || !group->is_group() ||
      group->children.front() == &source || group->locations.empty()) {
    return std::nullopt;
  }
  NodeTable table = source.allowed;
  for (const model::Location* location : group->locations) {
    if (location->resource == group) apply_location_plainly(*location, source, table);
  }
  return table;
}

/// Merges one source (spec/04 §12.3).
void merge_source(NodeTable& table, Resource& source, const Resource* target, const Colocation& c,
                  float factor, const MergeOptions& options) {
  const std::optional<NodeTable> scratch = table_with_group_locations(source, c);
  const BestScores scores(source, scratch ? *scratch : source.allowed, target, c.node_attribute);
  std::optional<bool> reverse_bans;  // whether bans count behind a negative factor
  table.for_each([&](NodeEntry& entry) {
    const Score best = scores.at(*entry.node);
    if (factor < 0 && best < 0) {
      if (c.primary->stickiness >= -best) return;
      if (!reverse_bans) reverse_bans = influences(c) && has_one_place_left(*c.dependent);
      if (!*reverse_bans) return;
    }
    if (entry.score == kDead) return;
    const Score merged = add_scores(attenuate(best, factor), entry.score);
    if (options.non_negative && merged < 0) {
      if (entry.score > 0) entry.score = kDead;
      if (entry.score == 0 || entry.score == kDead) return;
    }
    entry.score = merged;
  });
}

struct Visit {
  Resource* target = nullptr;  ///< null: start from the source's own table
  const Colocation* colocation = nullptr;
  float factor = 1.0F;
  MergeOptions options;
  MergeBudget* budget = nullptr;
  int depth = 0;
};

void visit(Resource& source, NodeTable& table, const Visit& by);

/// Merges what the source depends on, or what depends on it, into the table.
void visit_neighbours(Resource& source, NodeTable& table, const Visit& by) {
  Visit next = by;
  next.options.rollback = true;
  ++next.depth;
  const bool primaries = by.options.primaries;
  for (const Colocation* record : primaries ? this_with(source) : with_this(source)) {
    if (!primaries && !influences(*record)) continue;
    const float product = by.factor * static_cast<float>(record->score);
    next.colocation = record;
    next.factor = product / static_cast<float>(kInfinity);
    visit(primaries ? *record->primary : *record->dependent, table, next);
  }
}

void visit(Resource& source, NodeTable& table, const Visit& by) {
  if (source.visited || by.depth >= kMaxChain) return;
  if (by.depth > 0 && !by.budget->spend(table.size())) return;
  source.visited = true;
  if (source.is_group()) {
    if (!source.children.empty()) {
      visit(by.target == nullptr ? *source.children.back() : *source.children.front(), table, by);
    }
    source.visited = false;
    return;
  }
  Visit at = by;
  NodeTable work;
  if (by.target == nullptr) {
    work = source.allowed;
    at.target = &source;
  } else {
    work = table;
    merge_source(work, source, by.target, *by.colocation, by.factor, by.options);
  }
  if (has_available_node(work)) {
    visit_neighbours(source, work, at);
  } else if (by.options.rollback) {
    source.visited = false;
    return;
  }
  if (by.options.non_negative) {
    work.for_each([](NodeEntry& entry) {
      if (entry.score == kDead) entry.score = 1;
    });
  }
  source.visited = false;
  table = std::move(work);
}

}  // namespace

void merge_preferences(Resource& source, Resource& target, NodeTable& table,
                       const Colocation& colocation, float factor, const MergeOptions& options,
                       MergeBudget& budget) {
  budget.visits_left = MergeBudget::kMaxVisits;
  visit(source, table, {&target, &colocation, factor, options, &budget, 0});
}

NodeTable scores_with_primaries(Resource& resource, MergeBudget& budget) {
  NodeTable table;
  Visit start;
  budget.visits_left = MergeBudget::kMaxVisits;
  start.budget = &budget;
  start.options.primaries = true;
  visit(resource, table, start);
  return table;
}

}  // namespace quorate::scheduler
