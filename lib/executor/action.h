#pragma once

#include <cstdint>
#include <string>

#include "agents/standard.h"
#include "base/time.h"
#include "messages/core.h"
#include "messages/executor.h"

namespace quorate::executor {

/// Names an action inside the executor, also the timer it waits with. 0: none.
using ActionId = std::uint64_t;

/// One requested action on one resource, recurring or not, from its request to its (last) result.
struct Action {
  enum class Phase {
    kPending,  ///< in the resource's queue, perhaps waiting for its start delay
    kHeld,     ///< a recurring action that is due while another action of the resource runs
    kRunning,
    kWaiting,  ///< a recurring action, for its interval
  };
  ActionId id = 0;
  Phase phase = Phase::kPending;
  std::string resource;
  AgentSpec agent;
  agents::Standard standard{};
  std::string task;
  std::int64_t interval_ms = 0;
  std::int64_t timeout_ms = 0;
  std::int64_t start_delay_ms = 0;
  bool kill_process_only = false;
  Parameters parameters;
  std::string user_data;
  std::int64_t call_id = 0;
  ClientId waiting_client = 0;  ///< gets the result although not subscribed; 0: none

  std::int64_t queued_ms = 0;   ///< monotonic
  std::int64_t ready_ms = 0;    ///< monotonic: not to be started before
  std::int64_t started_ms = 0;  ///< monotonic: start of this run
  std::int64_t run_wall_s = 0;  ///< wall clock: start of this run
  std::int64_t queue_time_ms = 0;
  bool cancelled = false;  ///< its result will be Cancelled
  bool deleted = false;    ///< its resource has been removed
  bool retried = false;    ///< a probe of a unit in transition that is being repeated
  bool reported = false;   ///< a result has been passed on since it was scheduled or merged
  AgentResult last;        ///< result of the last run
  AgentResult last_reported;
  std::int64_t rc_change_wall_s = 0;
  std::int64_t pending_since_ms =
      0;  ///< monotonic: first result Pending of an unbroken row; 0: none

  bool recurring() const { return interval_ms > 0; }
};

/// How one run of an action ended.
struct RunEnd {
  ActionId action = 0;
  AgentResult result;
  std::string output;
};

}  // namespace quorate::executor
