#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "scheduler/context.h"

/// Stage 1: from the CIB to nodes, resources and their known state (spec/03).
namespace quorate::scheduler {

/// Reads everything of spec/03 §2 steps 1-14 from `context.snapshot.cib`; the input fields of the
/// snapshot are set by the caller. Error only for a feature set greater than ours; everything else
/// wrong in the document becomes a message of the snapshot.
Result<void> read_state(Context& context);

/// Node health as location records, in node and resource order (spec/03 §17.1).
void apply_node_health(Context& context);
/// A node's health score, from its attributes and the strategy's base (spec/03 §17.1).
Score node_health(Context& context, const model::Node& node);
/// Shutdown locks (spec/03 §17.2).
void apply_shutdown_locks(Context& context);
/// Failure threshold of one resource on one node, recursively (spec/03 §17.3).
void apply_failure_threshold(Context& context, model::Resource& resource, model::Node& node);

/// Instance attributes of a resource for a node (null: for no node), cached (spec/03 §5.11).
const model::NameValues& parameters_of(Context& context, model::Resource& resource,
                                       const model::Node* node);

/// Requests fencing of a node and marks it (spec/03 §8.1).
void request_fencing(Context& context, model::Node& node, std::string_view reason,
                     bool priority_delay = false);
/// Whether a node can be fenced (spec/03 §8.2).
bool can_fence(const model::Snapshot& snapshot, const model::Node& node);
/// Gets or creates the fence action of a node (spec/03 §8.1 last part). `required` is honoured only
/// if the node can be fenced. An empty action name means the option fencing-action.
graph::Action& fence_action(Context& context, model::Node& node, std::string_view action,
                            bool required, std::string_view reason, bool priority_delay);

/// How a fail count is read (spec/03 §15.1).
struct FailCountQuery {
  bool effective = true;       ///< expired failures don't count
  bool with_launched = false;  ///< add those of resources it launches
  xml::Element entry;          ///< limits the on-fail check to this history entry
};
struct FailCount {
  Score count = 0;
  std::int64_t last_failure = 0;
};
FailCount fail_count(Context& context, model::Resource& resource, const model::Node& node,
                     const FailCountQuery& query);
/// The failure threshold is reached there (spec/03 §17.3 steps 1-3). No message.
bool threshold_reached(Context& context, model::Resource& resource, const model::Node& node,
                       int* failures_left = nullptr);

/// History entries of one lrm_resource in the order of spec/03 §10.5, oldest first, with the
/// positions of §10.6, -1 if none.
struct SortedHistory {
  std::vector<xml::Element> entries;
  int start = -1;  ///< A
  int stop = -1;   ///< S
};
SortedHistory sorted_history(Context& context, xml::Element lrm_resource);

/// Adds a resource as active on a node (spec/03 §14.4).
void add_active(Context& context, model::Resource& resource, model::Node& node, bool as_failed);

/// Parameter digests (spec/03 §16).
enum class DigestResult : std::uint8_t { kMatch, kMismatch, kRestart, kUnknown };
struct DigestComparison {
  DigestResult result = DigestResult::kMatch;
  bool only_private_changed = false;  ///< spec/03 §16.5 check 2
};
DigestComparison compare_digests(Context& context, model::Resource& resource,
                                 const model::Node& node, std::string_view task,
                                 std::int64_t interval_ms, xml::Element entry);
/// A digest of what an operation would run with, and of which parameters (spec/14 §6.17).
struct NamedDigest {
  std::string type;  ///< all, nonprivate, nonreloadable
  std::string hash;
  std::map<std::string, std::string> parameters;
};
/// Every digest there is for an operation, with some parameters overridden (`CRM_meta_NAME` for
/// meta-attributes). `entry` is the history entry it is to be compared with, or null.
std::vector<NamedDigest> operation_digests(Context& context, model::Resource& resource,
                                           const model::Node& node, std::string_view task,
                                           std::int64_t interval_ms, xml::Element entry,
                                           const std::map<std::string, std::string>& overrides);
/// Unfencing digests of a node (spec/03 §16.6), as stored in the fence action's meta.
struct UnfencingDigests {
  std::string all;
  std::string secure;
  bool changed = false;  ///< some device's definition differs from the node's attributes
};
UnfencingDigests unfencing_digests(Context& context, const model::Node& node);

}  // namespace quorate::scheduler
