#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/agent_result.h"
#include "base/result.h"

/// What clients (controller, executor, stonith_admin) and quorate-fencer say to each other. Every
/// request is answered by one Reply with the request's number; Notifications go to those who
/// subscribed, on every node (spec/12 §9, §20, §21). The fencers' own messages are in
/// messages/fencer_peer.h.
namespace quorate::fencer {

using Parameters = std::map<std::string, std::string>;

// ---- Requests ---------------------------------------------------------------------------------

/// From now on this client gets Notifications (not answered).
struct Subscribe {};

/// Fences (or unfences) a node. Answered when the operation has ended; Replies with
/// `more_to_come` may come before, with the total timeout (spec/12 §12.5).
struct Fence {
  std::uint64_t request = 0;
  std::string target;
  std::string action;            ///< reboot, off, on
  std::int64_t timeout_s = 120;  ///< base timeout
  std::int64_t delay_s = 0;      ///< requested delay; -1: no delays at all
  std::int64_t tolerance_s = 0;  ///< a success of this age or younger will do
  bool allow_self_fencing = true;
  std::string client;  ///< name for log and history; the fencer adds `.PID`
  /// The target's incarnation (the view in which it entered) that is to be fenced; 0 if unknown.
  /// It comes back in the Notification, so that a success never counts for a later incarnation.
  std::uint64_t incarnation = 0;
};
/// Manual confirmation that a node is down (spec/12 §15). Answered when all fencers know.
struct Confirm {
  std::uint64_t request = 0;
  std::string target;
  std::string client;
  std::uint64_t incarnation = 0;
};
/// Runs an action of one device here: monitor, list, status (spec/12 §4). The Reply has the
/// agent's output; for list also `names`.
struct RunDevice {
  std::uint64_t request = 0;
  std::string device;
  std::string action;
  std::string target;  ///< for status
  std::int64_t timeout_s = 20;
};
/// Devices registered here, or those that can fence `target` with off. Reply: `names`.
struct ListDevices {
  std::uint64_t request = 0;
  std::string target;  ///< empty: all
};
/// A device by request (flag "API", spec/12 §4); privileged.
struct AddDevice {
  std::uint64_t request = 0;
  std::string device;
  std::string agent;
  Parameters parameters;
  bool unfencing = false;  ///< provides=unfencing
};
struct RemoveDevice {
  std::uint64_t request = 0;
  std::string device;
};
/// Topology by request (spec/12 §10.1); privileged. Devices are appended.
struct AddLevel {
  std::uint64_t request = 0;
  std::string target;  ///< NAME, @PATTERN or ATTRIBUTE=VALUE
  std::int64_t index = 0;
  std::vector<std::string> devices;
};
/// Index 0: all levels of the target.
struct RemoveLevel {
  std::uint64_t request = 0;
  std::string target;
  std::int64_t index = 0;
};
/// An agent's metadata, or its validate-all with parameters. Reply: `output`.
struct GetMetadata {
  std::uint64_t request = 0;
  std::string agent;
  std::int64_t timeout_s = 20;
};
struct Validate {
  std::uint64_t request = 0;
  std::string device;
  std::string agent;
  Parameters parameters;
  std::int64_t timeout_s = 120;
};
/// Fence agents installed here. Reply: `names`.
struct ListAgents {
  std::uint64_t request = 0;
};
/// Operations known, of one target (exact name) or all if empty. Reply: `history`. With
/// `synchronise` the fencers exchange their histories first (spec/12 §20.4).
struct GetHistory {
  std::uint64_t request = 0;
  std::string target;
  bool synchronise = false;
};
/// Removes ended operations on all nodes (spec/12 §20.3).
struct CleanHistory {
  std::uint64_t request = 0;
  std::string target;  ///< empty: all
};

using Request = std::variant<Subscribe, Fence, Confirm, RunDevice, ListDevices, AddDevice,
                             RemoveDevice, AddLevel, RemoveLevel, GetMetadata, Validate, ListAgents,
                             GetHistory, CleanHistory>;

// ---- Replies and notifications ----------------------------------------------------------------

/// States of an operation, with the numbers users see (spec/12 §9).
enum class OperationState : int {
  kQuerying = 0,
  kExecuting = 1,
  kCompleted = 2,
  kDuplicate = 3,
  kFailed = 4
};
bool is_pending(OperationState state);

/// A fencing operation: entry of the history, and content of a notification.
struct Operation {
  std::string id;
  std::string target;
  std::string action;
  std::string client;    ///< `NAME.PID`
  std::string origin;    ///< node of the originator
  std::string delegate;  ///< executioner; empty if unknown
  OperationState state = OperationState::kQuerying;
  AgentResult result;             ///< once ended
  std::int64_t completed_ms = 0;  ///< wall clock, once ended
  std::uint64_t incarnation = 0;  ///< of the target, as requested; 0 if unknown
  bool merged = false;            ///< got the result of an identical operation
};

struct Reply {
  std::uint64_t request = 0;
  /// Not the answer yet: the operation goes on for up to `wait_s` in all.
  bool more_to_come = false;
  std::int64_t wait_s = 0;
  AgentResult result;
  std::string output;
  std::vector<std::string> names;
  std::vector<Operation> history;
};

struct Notification {
  enum class What { kFenced, kDeviceAdded, kDeviceRemoved, kHistoryChanged, kHistorySynchronised };
  What what = What::kFenced;
  Operation operation;  ///< kFenced: one that has ended, successful or not
  std::string device;   ///< kDeviceAdded, kDeviceRemoved
};

using Answer = std::variant<Reply, Notification>;

/// To and from XML: one root element (`fencer-fence`). Decoding takes any bytes; what isn't one of
/// these messages is an Error.
std::string encode(const Request& request);
Result<Request> decode_request(std::string_view payload);
std::string encode(const Answer& answer);
Result<Answer> decode_answer(std::string_view payload);

}  // namespace quorate::fencer
