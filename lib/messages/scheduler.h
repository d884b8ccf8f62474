#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

/// Controller to scheduler daemon (architecture: "Plans are for a known state"). The scheduler
/// keeps a copy of the CIB as a subscriber of the same order and answers from a copy at or after
/// the position asked for.
namespace quorate {

/// An action sent and not answered when a plan is asked for.
struct InFlightAction {
  std::string node;
  std::string resource;
  std::string task;
  std::int64_t interval_ms = 0;
  std::string transition_key;
};

struct ScheduleRequest {
  std::uint64_t id = 0;
  std::uint64_t position = 0;    ///< the copy used must hold the change of this position
  std::int64_t now_seconds = 0;  ///< since the epoch
  int graph_number = 1;          ///< transition_id of the graph to be made
  std::string dc_id;             ///< node id of the DC, for `dc-uuid`
  bool quorate = false;
  bool had_quorum = false;  ///< this partition once had quorum: `no-quorum-panic` if lost
  bool watchdog = false;
  std::vector<InFlightAction> in_flight;
};

/// From a controller: it may soon ask for plans (it is DC, or next in line), so that a copy is to
/// be kept ready; or it won't, and the copy can go. A request alone fetches one, too, but waits for
/// it.
struct ScheduleStandby {
  bool ready = false;
};

struct ScheduleReply {
  std::uint64_t id = 0;
  std::uint64_t position = 0;   ///< of the copy used
  std::string graph;            ///< transition graph XML (spec/06); empty on error
  std::string summary;          ///< one line for the log
  std::string source;           ///< where the input was saved, for `Source=`
  std::string error;            ///< why there is no plan; empty if there is one
  std::string series;           ///< what its input is filed under: input, warn or error
  std::int64_t series_max = 0;  ///< files kept of it; -1: all
};

using SchedulerMessage = std::variant<ScheduleRequest, ScheduleStandby>;

std::string encode(const ScheduleRequest& request);
std::string encode(const ScheduleStandby& standby);
Result<ScheduleRequest> decode_schedule_request(std::string_view text);
Result<SchedulerMessage> decode_scheduler_message(std::string_view text);
std::string encode(const ScheduleReply& reply);
Result<ScheduleReply> decode_schedule_reply(std::string_view text);

}  // namespace quorate
