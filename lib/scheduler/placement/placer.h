#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "scheduler/context.h"
#include "scheduler/placement/placement.h"

/// What the steps of placement share (spec/04 §13-20). For lib/scheduler/placement only.
namespace quorate::scheduler {

/// How long a chain of colocations is followed at once. Behind it a resource counts as one that
/// isn't placed yet, as in a loop. Far above what occurs; it bounds the stack.
inline constexpr int kMaxChain = 1000;

/// What following the preferences of dependents may cost. Where everything is colocated with
/// everything, there is a way through the colocations for each subset of the resources: 2^n. The
/// limits are far above what occurs otherwise.
struct MergeBudget {
  static constexpr int kMaxVisits = 1 << 15;  ///< of resources, for one colocation
  std::int64_t entries_left = 1 << 25;        ///< of tables, in the whole run
  int visits_left = 0;                        ///< of the merging that is under way
  bool exceeded = false;

  /// May one more resource be visited for the sake of another one's preferences?
  bool spend(std::size_t entries) {
    if (visits_left > 0 && entries_left > 0) {
      --visits_left;
      entries_left -= static_cast<std::int64_t>(entries);
      return true;
    }
    exceeded = true;
    return false;
  }
};

/// One placement run.
struct Placer {
  Context& context;
  ScoreListing* listing = nullptr;
  MergeBudget budget = {};
  int depth = 0;  ///< primitives being placed, each for the sake of the one before

  model::Snapshot& snapshot() const { return context.snapshot; }
  const model::Options& options() const { return context.snapshot.options; }
};

/// Places one resource of any kind (spec/04 §16-20). `hint` is a node to take if it is as good as
/// the best; `final` is off for attempts that may be undone. Returns the node it got, or null: for
/// a collective one of its nodes or null, as spec/04 says for each kind.
model::Node* place(Placer& placer, model::Resource& resource, model::Node* hint, bool final);
model::Node* place_primitive(Placer& placer, model::Resource& resource, model::Node* hint,
                             bool final);
model::Node* place_group(Placer& placer, model::Resource& group, model::Node* hint, bool final);
void place_clone(Placer& placer, model::Resource& clone, model::Node* hint, bool final);
void place_bundle(Placer& placer, model::Resource& bundle, model::Node* hint, bool final);

/// Assigns a resource, and all its children, to the node of an entry of its table or to none
/// (spec/04 §14.3); undoes that (§14.4).
void commit(Placer& placer, model::Resource& resource, model::NodeEntry* entry, bool forced,
            bool final);
void undo(Placer& placer, model::Resource& resource);

/// Applies a colocation to its dependent, or an instance or member of that, on account of the
/// primary or one of its instances (spec/04 §11.3). Returns what was added to a priority.
Score follow(Placer& placer, model::Resource& dependent, model::Resource& primary,
             model::Colocation& colocation);

/// What a colocation affects at this moment (spec/04 §11.2).
enum class Effect { kNothing, kRole, kLocation };
Effect effect_of(const model::Resource& dependent, const model::Resource& primary,
                 const model::Colocation& colocation, bool preview);

/// Is it, or anything in it, blocked?
bool is_blocked(const model::Resource& resource);
/// Is some entry's node usable and its score not negative (spec/04 §1.4)?
bool has_available_node(const model::NodeTable& table);
inline bool is_available(const model::NodeEntry& entry) {
  return entry.score >= 0 && entry.node->usable();
}

}  // namespace quorate::scheduler
