#include "messages/scheduler.h"

#include "messages/envelope.h"
#include "messages/xml_form.h"

namespace quorate {
namespace {
constexpr std::size_t kMaxBytes = 16U << 20;
constexpr std::string_view kStandby = "schedule-standby";
constexpr std::string_view kReply = "schedule-reply";
}  // namespace

std::string encode(const ScheduleRequest& request) {
  const xml::Document document = form::begin("schedule");
  xml::Element root = document.root();
  form::put_unsigned(root, "id", request.id);
  form::put_unsigned(root, "position", request.position);
  form::put_number(root, "now", request.now_seconds);
  form::put_number(root, "graph", request.graph_number);
  form::put(root, "dc", request.dc_id);
  form::put_flag(root, "quorate", request.quorate);
  form::put_flag(root, "had-quorum", request.had_quorum);
  form::put_flag(root, "watchdog", request.watchdog);
  for (const InFlightAction& action : request.in_flight) {
    xml::Element child = root.add("in-flight");
    form::put(child, "node", action.node);
    form::put(child, "resource", action.resource);
    form::put(child, "task", action.task);
    form::put_number(child, "interval", action.interval_ms);
    form::put(child, "key", action.transition_key);
  }
  return root.to_string();
}

std::string encode(const ScheduleStandby& standby) {
  return EnvelopeWriter(kStandby).put_flag("ready", standby.ready).finish();
}

Result<SchedulerMessage> decode_scheduler_message(std::string_view text) {
  if (message_name(text) == kStandby) {
    const Result<Envelope> envelope = Envelope::open(text);
    if (!envelope) return tl::unexpected(envelope.error());
    return ScheduleStandby{envelope->flag("ready")};
  }
  Result<ScheduleRequest> request = decode_schedule_request(text);
  if (!request) return tl::unexpected(request.error());
  return std::move(*request);
}

Result<ScheduleRequest> decode_schedule_request(std::string_view text) {
  const Result<xml::Document> document = form::open(text, {"schedule"}, kMaxBytes);
  if (!document) return tl::unexpected(document.error());
  xml::Element root = document->root();
  ScheduleRequest request;
  request.id = form::unsigned_number(root, "id");
  request.position = form::unsigned_number(root, "position");
  request.now_seconds = form::number(root, "now");
  request.graph_number = static_cast<int>(form::number(root, "graph", 1));
  request.dc_id = form::text(root, "dc");
  request.quorate = form::flag(root, "quorate");
  request.had_quorum = form::flag(root, "had-quorum");
  request.watchdog = form::flag(root, "watchdog");
  for (const xml::Element child : xml::children(root, "in-flight")) {
    request.in_flight.push_back({form::text(child, "node"), form::text(child, "resource"),
                                 form::text(child, "task"), form::number(child, "interval"),
                                 form::text(child, "key")});
  }
  return request;
}

std::string encode(const ScheduleReply& reply) {
  return EnvelopeWriter(kReply)
      .put_unsigned("id", reply.id)
      .put_unsigned("position", reply.position)
      .put("summary", reply.summary)
      .put("source", reply.source)
      .put("error", reply.error)
      .put("series", reply.series)
      .put_number("series-max", reply.series_max)
      .finish(reply.graph);
}

Result<ScheduleReply> decode_schedule_reply(std::string_view text) {
  const Result<Envelope> envelope = Envelope::open(text);
  if (!envelope) return tl::unexpected(envelope.error());
  if (envelope->name() != kReply) {
    return fail(ErrorKind::kInvalid,
                "message of unknown kind '" + std::string(envelope->name()) + "' refused");
  }
  ScheduleReply reply;
  reply.id = envelope->unsigned_number("id");
  reply.position = envelope->unsigned_number("position");
  reply.summary = envelope->text("summary");
  reply.source = envelope->text("source");
  reply.error = envelope->text("error");
  reply.series = envelope->text("series");
  reply.series_max = envelope->number("series-max");
  reply.graph = std::string(envelope->body());
  if (reply.graph.empty() && reply.error.empty()) {
    return fail(ErrorKind::kInvalid, "the scheduler's answer holds neither a graph nor an error");
  }
  return reply;
}

}  // namespace quorate
