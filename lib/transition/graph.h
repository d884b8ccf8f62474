#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "xml/document.h"

/// The transition graph as values (spec/06 §3-9): what the scheduler wrote, as the DC and the
/// simulator carry it out.
namespace quorate::transition {

enum class ActionKind : std::uint8_t {
  kResource,  ///< rsc_op: an executor runs it
  kPseudo,    ///< pseudo_event: done as soon as it is reached
  kCluster,   ///< crm_event: fencing, shutdown, history and fail count clean-up
};

/// One action of the graph. Texts are views into the document the Graph owns.
struct Action {
  int id = 0;
  ActionKind kind = ActionKind::kPseudo;
  std::size_t synapse = 0;  ///< position of its synapse in Graph::synapses
  std::string_view task;
  std::string_view key;           ///< operation_key
  std::string_view internal_key;  ///< internal_operation_key, empty if absent
  std::string_view mode;          ///< `cib` for lrm_delete
  std::string_view node;          ///< on_node, empty if absent
  std::string_view node_id;       ///< on_node_uuid
  std::string_view router_node;   ///< empty if absent (spec/06 §6.4)
  std::string_view shutdown_lock;
  xml::Element resource;    ///< the primitive child (spec/06 §7), null without a resource
  xml::Element attributes;  ///< parameters and CRM_meta_* (spec/06 §8), null only if malformed
  xml::Element xml;         ///< the whole action element

  std::int64_t timeout_ms = 0;   ///< CRM_meta_timeout + CRM_meta_start_delay, 0 if neither
  std::int64_t interval_ms = 0;  ///< CRM_meta_interval
  int target_rc = 0;             ///< CRM_meta_op_target_rc

  /// A parameter or CRM_meta_ attribute by its full name.
  std::optional<std::string_view> parameter(std::string_view name) const {
    return attributes.get(name);
  }
  /// `meta("on_fail")` is the value of CRM_meta_on_fail, empty if absent.
  std::string_view meta(std::string_view name) const;
  bool is_fencing() const { return task == "stonith"; }
  bool is_migration() const { return task == "migrate_to" || task == "migrate_from"; }
  /// Node whose controller gets the action: router_node, else on_node.
  std::string_view executing_node() const { return router_node.empty() ? node : router_node; }
  /// Ids of the nodes this action is expected to take down (spec/06 §9.1).
  std::vector<std::string_view> downed() const;
  /// (node id, value) pairs of a maintenance_nodes action (spec/06 §9.2).
  std::vector<std::pair<std::string_view, bool>> maintenance() const;
};

/// Actions that start together once all inputs have completed.
struct Synapse {
  int id = 0;
  int priority = 0;
  std::vector<std::size_t> actions;  ///< positions in Graph::actions
  std::vector<int> inputs;           ///< action ids, as listed
};

/// Owns the document and everything parsed from it. Movable; views stay valid when moved.
struct Graph {
  xml::Document document;
  int transition_id = 0;
  std::int64_t cluster_delay_ms = 0;    ///< `cluster-delay`
  std::int64_t fencing_timeout_ms = 0;  ///< `fencing-timeout`, else the cluster delay
  int batch_limit = 0;                  ///< 0 unlimited but may be throttled, -1 unlimited
  int migration_limit = -1;             ///< -1 unlimited
  std::string_view failed_stop_offset;
  std::string_view failed_start_offset;
  std::int64_t recheck_by = 0;  ///< seconds since the epoch, 0 if absent
  std::vector<Synapse> synapses;
  std::vector<Action> actions;
  std::unordered_map<int, std::size_t> by_id;  ///< action id to position in `actions`

  const Action* find(int id) const {
    const auto it = by_id.find(id);
    return it == by_id.end() ? nullptr : &actions[it->second];
  }
};

/// Reads a graph (spec/06 §16.1). Error if it isn't a transition_graph, if transition_id (at least
/// 1) or cluster-delay are missing or unreadable, or if an action id occurs twice. Action elements
/// without id or of an unknown name are left out, as the specification says.
Result<Graph> parse_graph(std::string_view text);
Result<Graph> parse_graph(xml::Document document);

}  // namespace quorate::transition
