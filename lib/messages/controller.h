#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "messages/core.h"

/// What controllers say to each other over their group, in the agreed order, and what tools ask a
/// controller (spec/09). The vocabulary of both is ours; only its effects are specified. Every
/// message is one XML element with the protocol version; decoding checks and bounds everything.
namespace quorate {

/// The feature set this software speaks (spec/01, spec/09 §7.3).
inline constexpr std::string_view kFeatureSet = "3.20.5";
/// The longest message a controller decodes.
inline constexpr std::size_t kMaxControllerMessageBytes = 64U << 20;

// ---- Between controllers ----------------------------------------------------------------------

/// Sent by every member on each view, and again when `eligible` becomes true. Once all members of
/// a view have said hello the DC is decided: among the eligible the lowest feature set, then the
/// longest membership, then the lowest name.
struct ControllerHello {
  std::uint64_t view = 0;          ///< the view it answers; others are ignored
  std::uint64_t entered_view = 0;  ///< view in which this process entered the group
  std::string name;
  std::string uuid;  ///< of this controller process, 36 characters
  std::string feature_set;
  bool eligible = false;       ///< connected to a CIB service that holds the cluster's CIB
  std::uint64_t dc_since = 0;  ///< view since which this node has been DC; 0: it isn't
};

/// Members without a hello at this place in the order are no members for this view.
struct LeaveOut {
  std::uint64_t view = 0;
  std::vector<NodeNumber> nodes;
};

/// The DC's sign of life, each second.
struct DcAlive {
  std::uint64_t view = 0;
};

/// The DC has been silent for 10 s: `dc` can't be DC for the rest of this view.
struct Depose {
  std::uint64_t view = 0;
  NodeNumber dc = 0;
};

/// One action a node's controller is carrying out.
struct RunningAction {
  std::string node;  ///< node the action is on (differs from the sender for remote nodes)
  std::string operation_key;
  std::string transition_key;
};

/// A member's account of itself for a DC: what its executor has run, as `lrm` (spec/09 §17.4), and
/// what is still running.
struct JoinReport {
  std::uint64_t view = 0;
  NodeNumber dc = 0;         ///< the DC it is meant for
  std::uint32_t number = 0;  ///< counts the sender's reports
  std::string lrm;           ///< `<lrm>` element
  bool shutting_down = false;
  std::vector<RunningAction> running;
};

/// The DC asks all members for their accounts again.
struct JoinCall {
  std::uint64_t view = 0;
};

/// The DC has integrated these members: their history is in the CIB. What they did since their
/// report isn't: a member writes it into the CIB when it gets this.
struct JoinConfirm {
  std::uint64_t view = 0;
  std::vector<NodeNumber> nodes;
  std::vector<std::uint32_t> reports;  ///< of each of the nodes, the number of the report used
};

/// Identity of a resource as actions name it (spec/06 §7).
struct ResourceIdentity {
  std::string id;
  std::string long_id;
  std::string standard;
  std::string provider;
  std::string type;
  std::string container;  ///< resource that launches it, for bundles

  /// The name under which executor and history know it: `id` (spec/11 §3).
  friend bool operator==(const ResourceIdentity&, const ResourceIdentity&) = default;
};

/// A DC's order to one node's controller: an action of its graph. Refused at its place in the order
/// if the sender isn't DC there.
struct ActionOrder {
  NodeNumber to = 0;
  std::string kind;            ///< rsc_op or crm_event
  std::string transition_key;  ///< spec/09 §15.1
  std::string task;
  std::string operation_key;
  std::string on_node;
  std::string on_node_id;
  std::string router_node;
  std::string mode;           ///< of lrm_delete: cib
  std::string shutdown_lock;  ///< seconds since 1970, if the action carries one
  bool no_wait = false;
  std::optional<ResourceIdentity> resource;
  std::vector<std::pair<std::string, std::string>> parameters;
};

/// The answer to an order whose result isn't found in the CIB: notifications, cancellations,
/// refusals, cluster actions.
struct ActionAnswer {
  NodeNumber to = 0;  ///< the DC that gave the order
  std::string transition_key;
  std::string operation_key;
  std::string node;
  std::string resource;
  int rc = 0;
  int status = 0;  ///< op-status numbers of spec/11 §2.2
  std::string reason;
};

/// A node asks to be shut down: its resources are to move away (spec/09 §20).
struct ShutdownWish {
  std::string name;
};

/// How much work a node wants (spec/09 §13).
struct JobLimit {
  int level = 0;  ///< 0 none, 1 low, 2 medium, 3 high, 4 extreme
  int max_jobs = 0;
};

/// Maintenance states of remote nodes that changed, told to all (spec/06 §9.2).
struct MaintenanceNodes {
  std::vector<std::pair<std::string, bool>> nodes;
};

/// What a user wants done with a resource's history (spec/09 §18).
struct HistoryWish {
  enum class Kind { kRefresh, kRefreshCib, kClearFailures, kFail, kReprobe };
  Kind kind = Kind::kRefresh;
  std::string node;      ///< empty: every node (kReprobe, kClearFailures)
  std::string resource;  ///< empty: all resources (kReprobe, kClearFailures)
  ResourceIdentity identity;
  std::string operation;  ///< kClearFailures: only failures of this action
  std::int64_t interval_ms = 0;
  std::string user;  ///< whose rights count
  bool privileged = false;
};

/// A tool's wish passed to the node that can fulfil it; answered with a RelayedAnswer.
struct RelayedWish {
  NodeNumber to = 0;
  std::uint64_t request = 0;  ///< of the sender
  HistoryWish wish;
};
struct RelayedAnswer {
  NodeNumber to = 0;
  std::uint64_t request = 0;
  int rc = 0;  ///< OCF exit code: 0 done, 4 not allowed
  std::string reason;
};

/// A question about another controller's state, or the wish to hear when the DC is idle.
struct RelayedQuery {
  NodeNumber to = 0;
  std::uint64_t request = 0;
  bool when_idle = false;
};
struct RelayedState {
  NodeNumber to = 0;
  std::uint64_t request = 0;
  std::string state;
};

/// Every controller forgets this inactive node (spec/09 §9.6).
struct ForgetNode {
  std::string name;
  std::string id;
};

using ControllerMessage =
    std::variant<ControllerHello, LeaveOut, DcAlive, Depose, JoinReport, JoinCall, JoinConfirm,
                 ActionOrder, ActionAnswer, ShutdownWish, JobLimit, MaintenanceNodes, RelayedWish,
                 RelayedAnswer, RelayedQuery, RelayedState, ForgetNode>;

std::string encode(const ControllerMessage& message);
/// kInvalid if the text is no such message, kUnsupported for a later protocol.
Result<ControllerMessage> decode_controller_message(std::string_view text);

// ---- Tools to a controller (spec/09 §24) --------------------------------------------------------

struct ControllerRequest {
  enum class Kind {
    kStatus,      ///< state of the controller of `node` (empty: this one)
    kDcLookup,    ///< name of the DC
    kNodes,       ///< known nodes
    kNodeInfo,    ///< one node, by `node` (name) or `node_id`; neither: this node
    kForgetNode,  ///< `node` or `node_id`
    kWaitIdle,    ///< answered when the DC is idle and nothing is left to do
    kHistory,     ///< `wish`
  };
  std::uint64_t id = 0;  ///< chosen by the client, comes back in the reply
  Kind kind = Kind::kStatus;
  std::string client;  ///< the tool's name, for the log
  std::string node;
  std::string node_id;
  HistoryWish wish;
};

struct KnownNode {
  std::string id;
  std::string name;
  std::string state;  ///< member or lost; empty: never seen
  bool remote = false;
};

struct ControllerReply {
  std::uint64_t id = 0;
  bool ok = true;
  ErrorKind error = ErrorKind::kInternal;  ///< if not ok
  std::string message;                     ///< if not ok: what is wrong and what to do
  int rc = 0;                              ///< kHistory: OCF exit code
  std::string state;                       ///< kStatus: S_IDLE and so on; kWaitIdle
  std::string node;                        ///< kStatus, kDcLookup: whose answer it is, the DC
  bool quorate = false;                    ///< kNodeInfo
  std::vector<KnownNode> nodes;            ///< kNodes; kNodeInfo: one
};

std::string encode(const ControllerRequest& request);
Result<ControllerRequest> decode_controller_request(std::string_view text);
std::string encode(const ControllerReply& reply);
Result<ControllerReply> decode_controller_reply(std::string_view text);

}  // namespace quorate
