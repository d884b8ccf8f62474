#include "scheduler_service/plan_task.h"

#include "messages/envelope.h"
#include "messages/xml_form.h"

namespace quorate {
namespace {

using xml::Element;

void set_watchdog(Element cib, bool watchdog) {
  const std::string_view value = watchdog ? "true" : "false";
  Element configuration = cib.first_child("configuration");
  if (!configuration) return;
  Element options = configuration.first_child("crm_config");
  if (!options) options = configuration.add("crm_config");
  bool found = false;
  xml::for_each_descendant(options, [&](Element e) {
    if (e.name() != "nvpair" || e.get_or("name", {}) != "have-watchdog") return;
    e.set("value", value);
    found = true;
  });
  if (found) return;
  Element set = options.first_child("cluster_property_set");
  if (!set) {
    set = options.add("cluster_property_set");
    set.set("id", "cib-bootstrap-options");
  }
  Element pair = set.add("nvpair");
  pair.set("id", "cib-bootstrap-options-have-watchdog");
  pair.set("name", "have-watchdog");
  pair.set("value", value);
}

ScheduleReply plan_reply(std::string_view input, const PlanFunction& plan) {
  ScheduleReply reply;
  const Result<Envelope> envelope = Envelope::open(input);
  if (!envelope) {
    reply.error = envelope.error().message;
    return reply;
  }
  reply.position = envelope->unsigned_number("position");
  const Result<ScheduleRequest> request = decode_schedule_request(envelope->text("request"));
  if (!request) {
    reply.error = request.error().message;
    return reply;
  }
  reply.id = request->id;
  const Result<xml::Document> cib = xml::Document::parse(envelope->body(), "the copy of the CIB");
  if (!cib) {
    reply.error = cib.error().message;
    return reply;
  }
  prepare_for_planning(cib->root(), *request);
  Plan made = plan(cib->root(), *request);
  reply.graph = std::move(made.graph);
  reply.summary = std::move(made.summary);
  reply.error = std::move(made.error);
  if (reply.graph.empty() && reply.error.empty()) reply.error = "the scheduler made no graph";
  return reply;
}

}  // namespace

void prepare_for_planning(Element cib, const ScheduleRequest& request) {
  cib.set("dc-uuid", form::printable(request.dc_id));
  cib.set("have-quorum", request.quorate ? "true" : "false");
  if (request.had_quorum && !request.quorate) cib.set("no-quorum-panic", "1");
  set_watchdog(cib, request.watchdog);
}

std::string plan_task_input(const ScheduleRequest& request, std::uint64_t position,
                            std::string_view cib) {
  return EnvelopeWriter("plan")
      .put_unsigned("position", position)
      .put("request", encode(request))
      .finish(cib);
}

std::string run_plan_task(std::string_view input, const PlanFunction& plan) {
  return encode(plan_reply(input, plan));
}

}  // namespace quorate
