#include "messages/scheduler.h"

#include "messages/xml_form.h"

namespace quorate {
namespace {
constexpr std::size_t kMaxBytes = 256U << 20;  // a graph of a large cluster
}

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
  const xml::Document document = form::begin("schedule-reply");
  xml::Element root = document.root();
  form::put_unsigned(root, "id", reply.id);
  form::put_unsigned(root, "position", reply.position);
  form::put(root, "summary", reply.summary);
  form::put(root, "source", reply.source);
  form::put(root, "error", reply.error);
  form::put_fragment(root, "graph", reply.graph);
  return root.to_string();
}

Result<ScheduleReply> decode_schedule_reply(std::string_view text) {
  const Result<xml::Document> document = form::open(text, {"schedule-reply"}, kMaxBytes);
  if (!document) return tl::unexpected(document.error());
  xml::Element root = document->root();
  ScheduleReply reply;
  reply.id = form::unsigned_number(root, "id");
  reply.position = form::unsigned_number(root, "position");
  reply.summary = form::text(root, "summary");
  reply.source = form::text(root, "source");
  reply.error = form::text(root, "error");
  reply.graph = form::fragment(root, "graph");
  if (reply.graph.empty() && reply.error.empty()) {
    return fail(ErrorKind::kInvalid, "the scheduler's answer holds neither a graph nor an error");
  }
  return reply;
}

}  // namespace quorate
