#include "messages/scheduler.h"

#include "messages/codec.h"

namespace quorate::codec {

template <>
struct Form<InFlightAction> {
  static void describe(auto& archive, auto& m) {
    archive("node", m.node);
    archive("resource", m.resource);
    archive("task", m.task);
    archive("interval", m.interval_ms);
    archive("key", m.transition_key);
  }
};

template <>
struct Form<ScheduleRequest> {
  static constexpr std::string_view kName = "schedule";
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("position", m.position);
    archive("now", m.now_seconds);
    archive("graph", m.graph_number, 1);
    archive("dc", m.dc_id);
    archive("quorate", m.quorate);
    archive("had-quorum", m.had_quorum);
    archive("watchdog", m.watchdog);
    archive("in-flight", m.in_flight);
  }
};

template <>
struct Form<ScheduleStandby> {
  static constexpr std::string_view kName = "schedule-standby";
  static void describe(auto& archive, auto& m) { archive("ready", m.ready); }
};

template <>
struct Form<ScheduleReply> {
  static constexpr std::string_view kName = "schedule-reply";
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("position", m.position);
    archive("summary", m.summary);
    archive("source", m.source);
    archive("error", m.error);
    archive("series", m.series);
    archive("series-max", m.series_max);
    archive.raw("graph", m.graph);
    archive.require(!m.graph.empty() || !m.error.empty(), "graph", "missing, and so is 'error'");
  }
};

}  // namespace quorate::codec

namespace quorate {

std::string encode(const ScheduleRequest& request) { return codec::encode(request); }

std::string encode(const ScheduleStandby& standby) { return codec::encode(standby); }

Result<SchedulerMessage> decode_scheduler_message(std::string_view text) {
  return codec::decode<SchedulerMessage>(text, "a request to quorate-scheduler");
}

Result<ScheduleRequest> decode_schedule_request(std::string_view text) {
  return codec::decode<ScheduleRequest>(text, "a request for a plan");
}

std::string encode(const ScheduleReply& reply) { return codec::encode(reply); }

Result<ScheduleReply> decode_schedule_reply(std::string_view text) {
  return codec::decode<ScheduleReply>(text, "an answer of quorate-scheduler",
                                      codec::kMaxBytesWithDocument);
}

}  // namespace quorate
