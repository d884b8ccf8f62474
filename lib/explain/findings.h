#pragma once

#include <vector>

#include "explain/explain.h"
#include "explain/subject.h"

/// What speaks for and against a node, from what a run recorded and concluded.
namespace quorate::explain {

enum class Why {
  kNodeState,     ///< offline, unclean, standby, ...: detail says which
  kTargetRole,    ///< it is to be stopped
  kFailureState,  ///< stopped or blocked by a failure
  kUnmanaged,     ///< detail: maintenance-mode, maintenance, is-managed, node, ...
  kStopAll,       ///< stop-all-resources
  kNoFencing,     ///< fencing is enabled without devices
  kNoQuorum,
  kScore,       ///< cause says what changed the score
  kNotAllowed,  ///< the node isn't in the table at all
  kOutranked,   ///< another node was better
  kOrder,       ///< an action it waits for can't run
  kLimit,       ///< no instance is left for the node
  kChosen,      ///< for the node it gets: how the choice was made
  kRemoved,     ///< no longer in the configuration
};

struct Finding {
  Why why = Why::kScore;
  Reason reason;
  scheduler::Reason cause;                    ///< of kScore
  const model::Resource* resource = nullptr;  ///< whose it is
  const model::Node* node = nullptr;
  std::string_view detail;
};

/// What concerns a resource on all nodes.
std::vector<Finding> state_findings(const Run& run, const model::Resource& leaf);

/// Why it isn't on the node, those that decide first. `depth` bounds how far what it is colocated
/// with is looked at.
std::vector<Finding> findings_against(const Run& run, const Subject& subject,
                                      const model::Node& node, int depth = 2);

/// Why it is on the node.
std::vector<Finding> findings_for(const Run& run, const Subject& subject, const model::Node& node);

/// The instance that is on the node, or else the one that could best be.
const model::Resource* leaf_for(const Run& run, const Subject& subject, const model::Node& node);

/// Its score there in the end.
std::optional<Score> final_score(const model::Resource& leaf, const model::Node& node);

}  // namespace quorate::explain
