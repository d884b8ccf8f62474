#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/agent_result.h"
#include "messages/controller.h"
#include "xml/document.h"

namespace quorate::controller {

using Parameters = std::map<std::string, std::string>;

/// `crm-debug-origin` of entries written from a node's report at its join: no news.
inline constexpr std::string_view kReportOrigin = "history-report";

/// What the agent's metadata adds to an entry (spec/11 §10.5), made by lib/agents.
struct EntryDigests {
  std::string op_digest;
  std::optional<std::string> op_force_restart;
  std::optional<std::string> op_restart_digest;
  std::optional<std::string> op_secure_params;
  std::optional<std::string> op_secure_digest;
};

/// An action's result with all that its history entry shows (spec/09 §17.1).
struct Outcome {
  ResourceIdentity resource;
  std::string task;
  std::int64_t interval_ms = 0;
  std::int64_t call_id = -1;
  AgentResult result;
  std::string transition_key;
  std::string feature_set;
  std::int64_t run_time_s = 0;
  std::int64_t rc_change_time_s = 0;
  std::int64_t exec_time_ms = 0;
  std::int64_t queue_time_ms = 0;
  bool times_known = true;
  std::string migrate_source;
  std::string migrate_target;
  std::string shutdown_lock;  ///< value for lrm_resource; empty: none
  std::optional<EntryDigests> digests;
  Parameters parameters;
};

/// Whether the result counts as failed against the expected exit code (spec/11 §10.7).
bool counts_as_failed(const AgentResult& result, int target_rc);
/// An error status whose code the scheduler should judge becomes Done (spec/11 §2.2).
AgentResult normalised(AgentResult result);
/// Expected exit code as the transition key says; 0 without a readable key.
int target_rc_of(std::string_view transition_key);

/// Ids under which a result is recorded; none for notifications and cancelled ones (spec/09 §17.2).
std::vector<std::string> entry_ids(const Outcome& outcome);
/// Id under which an action is shown as pending (spec/09 §17.3).
std::string pending_entry_id(const Outcome& outcome);

/// Adds an lrm_rsc_op. `recorder`: name of this cluster node.
void add_entry(xml::Element lrm_resource, const Outcome& outcome, std::string_view id,
               std::string_view recorder, std::string_view origin = "quorate-controller");
/// `<status>` with the node's entries of one outcome, to be merged into the CIB. `pending`: the
/// action is only about to run.
std::string status_fragment(const Outcome& outcome, std::string_view node_id,
                            std::string_view node_name, bool remote, bool pending,
                            std::string_view recorder);

/// The same of several outcomes of actions on a cluster node, each of another resource.
std::string status_fragment(const std::vector<Outcome>& outcomes, std::string_view node_id,
                            std::string_view node_name, bool pending);

std::string lrm_resource_xpath(std::string_view node_id, std::string_view resource);
std::string lrm_entry_xpath(std::string_view node_id, std::string_view resource,
                            std::string_view entry_id);

/// What a node remembers about the resources its executor knows (spec/09 §17.4).
class NodeHistory {
 public:
  void record(const Outcome& outcome);
  void forget(std::string_view resource);
  void forget_all();
  /// Forgets the remembered failure, if an action is named only when it is that action's.
  void clear_failure(std::string_view resource, std::string_view task, std::int64_t interval_ms);
  /// A recurring action was cancelled.
  void cancelled(std::string_view resource, std::string_view task, std::int64_t interval_ms);

  /// The last failure is this action's: its entry stays when the action is cancelled.
  bool last_failure_is(std::string_view resource, std::string_view task,
                       std::int64_t interval_ms) const;
  /// Parameters of the last successful start, reload or probe: what a stop uses (spec/11 §10.3).
  const Parameters* start_parameters(std::string_view resource) const;
  const ResourceIdentity* identity(std::string_view resource) const;
  std::vector<std::string> resources() const;
  /// Call id for a result that no executor gave: one above the resource's last. For a resource
  /// without history one above the node's last, so that every real result after it counts as newer
  /// (spec/11 §11 has 999999999, which none ever does: the resource would be recovered for ever).
  std::int64_t next_call_id(std::string_view resource) const;
  /// Resources whose last known state is active, for the message at exit (spec/09 §20.1).
  std::vector<std::string> active() const;

  /// The node's `<lrm>`.
  std::string report(std::string_view node_id, std::string_view recorder) const;

 private:
  struct Remembered {
    ResourceIdentity identity;
    std::optional<Outcome> failure;
    std::optional<Outcome> last;
    std::vector<Outcome> recurring;  ///< oldest first
    std::optional<Parameters> start_parameters;
    std::int64_t last_call_id = 0;
  };
  std::map<std::string, Remembered, std::less<>> resources_;
  std::int64_t last_call_id_ = 0;  ///< of any resource, forgotten ones too
};

}  // namespace quorate::controller
