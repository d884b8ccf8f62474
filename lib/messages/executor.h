#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/agent_result.h"
#include "base/result.h"

/// What clients (the controller above all) and quorate-executor say to each other. A client sends
/// Requests, the executor answers every one with a Reply that repeats the request's number; results
/// of actions come as ActionEnded to everyone subscribed (spec/11 §3 to §9).
namespace quorate::executor {

using Parameters = std::map<std::string, std::string>;

/// Names an agent: `ocf:pacemaker:Dummy`. Provider only for ocf (spec/11 §1).
struct AgentSpec {
  std::string standard;
  std::string provider;
  std::string type;
  friend bool operator==(const AgentSpec&, const AgentSpec&) = default;
};

// ---- Requests ---------------------------------------------------------------------------------

/// From now on this client gets ActionEnded of all actions (not answered).
struct Subscribe {};

/// Makes a resource known (spec/11 §3.1-3.3). Answered by Done. Optional: RunAction registers too.
struct Register {
  std::uint64_t request = 0;
  std::string resource;  ///< anonymous clones: without `:N`
  AgentSpec agent;
};
/// Forgets a resource and cancels its recurring actions (spec/11 §3.5). Answered by Done, which is
/// ok also if it was unknown; `in_progress` if an action is still running, whose ActionEnded will
/// have `deleted` set.
struct Unregister {
  std::uint64_t request = 0;
  std::string resource;
};
/// Queues an action (spec/11 §4, §5). Answered by Done with the call id given to it, at once;
/// later ActionEnded, for a recurring action whenever its result changes. With an `agent` that has
/// a type the resource is registered first; without, an unknown resource is kNotFound.
struct RunAction {
  std::uint64_t request = 0;
  std::string resource;
  AgentSpec agent;
  std::string task;  ///< start, stop, monitor, ... or any other name
  std::int64_t interval_ms = 0;
  std::int64_t timeout_ms = 0;  ///< 0: the interval; both 0: no limit
  std::int64_t start_delay_ms = 0;
  bool kill_process_only = false;  ///< on-fail=block (spec/11 §4.4)
  bool wait = false;               ///< send ActionEnded to this client although not subscribed
  Parameters parameters;           ///< under their own names, meta ones as CRM_meta_NAME
  std::string user_data;           ///< returned with the result, such as the transition key
};
/// Cancels a pending or recurring action (spec/11 §7). Done: ok if there was one (then ActionEnded
/// with status Cancelled follows or came before), kUnsupported if not, kNotFound without resource.
struct CancelAction {
  std::uint64_t request = 0;
  std::string resource;
  std::string task;
  std::int64_t interval_ms = 0;
};
/// What is registered, queued, running and recurring: for a controller that has restarted.
/// Answered by State.
struct ListState {
  std::uint64_t request = 0;
  std::string resource;  ///< empty: all
};
/// The agent's metadata. Answered by Done with `output`, or kNotFound.
struct GetMetadata {
  std::uint64_t request = 0;
  AgentSpec agent;
  std::int64_t timeout_ms = 20'000;
};
/// Standards, OCF providers or agents (spec/11 §21). Answered by Done with `names`.
struct ListAgents {
  enum class What { kStandards, kProviders, kAgents };
  std::uint64_t request = 0;
  What what = What::kStandards;
  std::string standard;  ///< of agents
  std::string provider;  ///< of agents; empty: all
  std::string type;      ///< of providers: only those that have this agent; empty: all
};

using Request = std::variant<Subscribe, Register, Unregister, RunAction, CancelAction, ListState,
                             GetMetadata, ListAgents>;

// ---- Replies and events -----------------------------------------------------------------------

struct Done {
  std::uint64_t request = 0;
  bool ok = true;
  ErrorKind error = ErrorKind::kInternal;  ///< if not ok
  std::string message;                     ///< if not ok, for the user
  bool in_progress = false;                ///< Unregister
  std::int64_t call_id = 0;                ///< RunAction
  std::string output;                      ///< GetMetadata
  std::vector<std::string> names;          ///< ListAgents
};

/// An action as ListState shows it.
struct ActionState {
  enum class Phase { kPending, kRunning, kWaiting };  ///< waiting: for its interval
  Phase phase = Phase::kPending;
  std::string task;
  std::int64_t interval_ms = 0;
  std::int64_t timeout_ms = 0;
  std::int64_t call_id = 0;
  std::string user_data;
  AgentResult last;  ///< of a recurring action that has run; else status kUnknown
};
struct ResourceState {
  std::string resource;
  AgentSpec agent;
  std::vector<ActionState> actions;
};
struct State {
  std::uint64_t request = 0;
  std::int64_t last_call_id = 0;
  std::vector<ResourceState> resources;
};

/// The result of an action, with everything its history entry needs (spec/11 §9).
struct ActionEnded {
  std::string resource;
  AgentSpec agent;
  std::string task;
  std::int64_t interval_ms = 0;
  std::int64_t timeout_ms = 0;
  std::int64_t start_delay_ms = 0;
  std::int64_t call_id = 0;
  AgentResult result;
  std::string output;                 ///< standard error, else standard output; at most 64 KiB
  std::int64_t run_time_s = 0;        ///< wall clock, 0 if unknown
  std::int64_t rc_change_time_s = 0;  ///< wall clock, 0 if unset
  std::int64_t exec_time_ms = 0;
  std::int64_t queue_time_ms = 0;
  bool deleted = false;   ///< the resource was removed meanwhile: don't record
  Parameters parameters;  ///< with which it ran
  std::string user_data;
};

using Answer = std::variant<Done, State, ActionEnded>;

/// To and from XML: one root element, named after the struct (`executor-run-action`). Decoding
/// takes any bytes; what isn't one of these messages is an Error.
std::string encode(const Request& request);
Result<Request> decode_request(std::string_view payload);
std::string encode(const Answer& answer);
Result<Answer> decode_answer(std::string_view payload);

}  // namespace quorate::executor
