#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "xml/document.h"

namespace quorate::controller {

/// A result as a history entry in the CIB shows it.
struct RecordedResult {
  std::string node_id;   ///< of the node_state it stands in
  std::string resource;  ///< of the lrm_resource
  std::string entry_id;  ///< lrm_rsc_op's id
  std::string operation_key;
  std::string operation;
  std::string transition_key;  ///< empty: not from the cluster
  std::int64_t call_id = 0;
  int rc = 0;
  int status = 0;
  std::int64_t interval_ms = 0;
  std::int64_t last_rc_change = 0;
  std::string on_node;
  std::string exit_reason;
  bool refreshed = false;  ///< from a node's report at its join, not new
};

/// What one change of a patch means to the DC (spec/09 §14.1).
struct Finding {
  enum class Kind {
    kAbort,            ///< `text` says why
    kAbortUnlessDown,  ///< the same, unless the node `node_id` is being taken down by the graph
    kResult,           ///< `result` is to be evaluated
    kRemovedResult,  ///< history entry `result.entry_id` of `result.resource` removed: may confirm
                     ///< a cancellation, else aborts with `text`
    kRefresh,        ///< many results at once: abort `History refresh` if no action is pending,
                     ///< else the results that follow
    kUnknown,        ///< nothing we know; for the log
  };
  Kind kind = Kind::kAbort;
  std::string text;
  std::string cause;  ///< for the log: what changed
  std::string node_id;
  RecordedResult result;
};

/// Reads a patch (spec/08 §10) in order; what follows a change of the configuration, tickets or
/// transient attributes isn't looked at (spec/09 §14.1). `diff` is the patch's root.
std::vector<Finding> read_patch(xml::Element diff);

/// Whether a patch touches the options of the cluster or alerts, so that they are to be read again.
bool touches_options(xml::Element diff);
/// Whether a patch touches the sections `nodes` or `status`.
bool touches_nodes_or_status(xml::Element diff);
/// Whether a patch changes what the DC says of the cluster: attributes of node states, quorum, its
/// own name.
bool touches_membership(xml::Element diff);
/// Ids of the nodes whose whole history a patch removes.
std::vector<std::string> histories_removed(xml::Element diff);

/// Whether one of these sections is among those a long change is about (CibChange::sections).
bool names_one_of(const std::vector<std::string>& sections,
                  std::initializer_list<std::string_view> wanted);

/// The id in the last `name[@id='...']` step of a path; empty if the step isn't there.
std::string id_in_path(std::string_view path, std::string_view name);

/// Reads a history entry.
RecordedResult read_result(xml::Element lrm_rsc_op);

}  // namespace quorate::controller
