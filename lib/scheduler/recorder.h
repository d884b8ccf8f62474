#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/score.h"
#include "model/node.h"

namespace quorate::model {
class Snapshot;
struct Resource;
}  // namespace quorate::model

namespace quorate::graph {
struct Action;
struct Relation;
}  // namespace quorate::graph

namespace quorate::scheduler {

/// What made a score, a role or whether a resource is managed what it is.
enum class Cause : std::uint8_t {
  kBase,            ///< the node's own score
  kLocation,        ///< id: constraint or rule
  kHealth,          ///< id: node-health-strategy
  kTicket,          ///< id: constraint
  kStickiness,      ///< meta-attribute of the resource
  kFailureLimit,    ///< migration-threshold reached
  kFailure,         ///< id: history entry
  kOnFail,          ///< id: word of the policy
  kMultiplyActive,  ///< active on several nodes
  kDiscovery,       ///< resource-discovery=exclusive elsewhere
  kShutdownLock,    ///< stays with a node that shut down
  kConnection,      ///< what may not run on, or only inside, a remote or guest node
  kPromotion,       ///< id empty; promotion score of the agent
  kColocation,      ///< id: constraint; other: the resource it is placed with
  kDependent,       ///< id: constraint; other: a resource that is to be placed with it
  kPlannedRole,     ///< it is to be stopped
  kInstanceLimit,   ///< clone-max, clone-node-max and the collective's own scores
  kReplica,         ///< inside a bundle: only on its replica's node
  kCapacity,        ///< utilization
  kUnmanaged,       ///< stays where it is
  kNoCounterpart,   ///< id: order; other: the collective of which no instance is on its node
};

/// One cause, with what names it. Texts and resources belong to the snapshot.
struct Reason {
  Cause cause = Cause::kBase;
  std::string_view id;
  const model::Resource* other = nullptr;
};

/// One change of a score.
struct ScoreChange {
  Reason reason;
  const model::Node* node = nullptr;
  Score before = 0;
  Score after = 0;
  bool removed = false;  ///< the node was taken out of the table
};

/// A node as it stood when a resource was given one.
struct Candidate {
  const model::Node* node = nullptr;
  Score score = 0;
  int placed = 0;  ///< primitives placed there before
  bool usable = false;
};

/// How the choice among nodes was made.
struct Choice {
  std::vector<Candidate> candidates;  ///< best first
  const model::Node* chosen = nullptr;
  const model::Node* current = nullptr;
  const model::Node* hint = nullptr;  ///< taken if as good as the best
};

/// Why an edge is there: the relation it was made from.
struct EdgeKey {
  const graph::Action* first = nullptr;
  const graph::Action* then = nullptr;
  friend bool operator==(const EdgeKey&, const EdgeKey&) = default;
};
struct EdgeKeyHash {
  std::size_t operator()(const EdgeKey& key) const {
    const std::hash<const void*> hash;
    return hash(key.first) * 31 + hash(key.then);
  }
};

/// Keeps the reasons of one run for explain. Stages call note() behind a test for null (below);
/// what a change was is found by comparison with the table as it was last seen, so a stage says
/// only why. Runs without a recorder pay that test.
class Recorder {
 public:
  /// The tables are as configured: what comes is a change.
  void begin(const model::Snapshot& snapshot);
  /// The resource's table, or one beneath it, may have changed for this reason.
  void note(const model::Resource& resource, const Reason& reason);
  /// The tables of the resource and all beneath it are put back to what they were at `mark`.
  void restored(const model::Resource& resource, std::size_t mark);
  std::size_t mark() const { return clock_; }
  /// The reason it is to be stopped, isn't managed, or is blocked.
  void note_state(const model::Resource& resource, const Reason& reason);
  void choose(const model::Resource& resource, Choice choice);
  void note_edge(const graph::Action& first, const graph::Action& then,
                 const graph::Relation& relation);

  /// In the order they happened; null if there are none.
  const std::vector<ScoreChange>* changes_of(const model::Resource& resource) const;
  const std::vector<Reason>* states_of(const model::Resource& resource) const;
  const Choice* choice_of(const model::Resource& resource) const;
  const graph::Relation* relation_of(const graph::Action& first, const graph::Action& then) const;

 private:
  struct Record {
    std::vector<ScoreChange> changes;
    std::vector<std::size_t> times;  ///< of each change
    model::NodeTable last;
    bool known = false;
    std::vector<Reason> states;
    Choice choice;
    bool has_choice = false;
  };
  void compare(const model::Resource& resource, const Reason& reason);

  std::size_t clock_ = 0;
  std::unordered_map<const model::Resource*, Record> records_;
  std::unordered_map<EdgeKey, const graph::Relation*, EdgeKeyHash> edges_;
};

}  // namespace quorate::scheduler
