#include "scheduler_service/plan_task.h"

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
  constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
  const Result<xml::Document> document = form::open(input, {"plan"}, kMaxBytes);
  if (!document) {
    reply.error = document.error().message;
    return reply;
  }
  reply.position = form::unsigned_number(document->root(), "position");
  const Result<ScheduleRequest> request =
      decode_schedule_request(document->root().first_child("schedule").to_string());
  if (!request) {
    reply.error = request.error().message;
    return reply;
  }
  reply.id = request->id;
  const Element cib = document->root().first_child("cib");
  if (!cib) {
    reply.error = "the copy of the CIB is empty";
    return reply;
  }
  const xml::Document copy = xml::Document::copy_of(cib);
  prepare_for_planning(copy.root(), *request);
  Plan made = plan(copy.root(), *request);
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
  // Put together as text: the copy isn't parsed here.
  return "<plan protocol=\"1\" position=\"" + std::to_string(position) + "\">" + encode(request) +
         std::string(cib) + "</plan>";
}

std::string run_plan_task(std::string_view input, const PlanFunction& plan) {
  return encode(plan_reply(input, plan));
}

}  // namespace quorate
