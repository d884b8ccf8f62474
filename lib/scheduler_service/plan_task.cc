#include "scheduler_service/plan_task.h"

#include "base/text.h"
#include "messages/codec.h"

namespace quorate {
namespace {

/// What the task is asked. Its texts are views of what it is made or read from.
struct PlanInput {
  std::uint64_t position = 0;
  std::string_view request;
  std::string_view cib;
};

}  // namespace

template <>
struct codec::Form<PlanInput> {
  static constexpr std::string_view kName = "plan";
  static void describe(auto& archive, auto& m) {
    archive("position", m.position);
    archive.raw("request", m.request);
    archive.raw("cib", m.cib);
  }
};

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

struct Question {
  std::uint64_t position = 0;
  ScheduleRequest request;
  std::string_view cib;
};

Result<Question> question_in(std::string_view input) {
  const auto read =
      codec::decode<PlanInput>(input, "a question for a plan", codec::kMaxBytesWithDocument);
  if (!read) return tl::unexpected(read.error());
  Result<ScheduleRequest> request = decode_schedule_request(read->request);
  if (!request) return tl::unexpected(request.error());
  return Question{read->position, std::move(*request), read->cib};
}

Result<xml::Document> prepared_cib(const Question& question) {
  Result<xml::Document> cib = xml::Document::parse(question.cib, "the copy of the CIB");
  if (cib) prepare_for_planning(cib->root(), question.request);
  return cib;
}

ScheduleReply plan_reply(std::string_view input, const PlanFunction& plan) {
  ScheduleReply reply;
  const Result<Question> question = question_in(input);
  if (!question) {
    reply.error = question.error().message;
    return reply;
  }
  reply.position = question->position;
  reply.id = question->request.id;
  const Result<xml::Document> cib = prepared_cib(*question);
  if (!cib) {
    reply.error = cib.error().message;
    return reply;
  }
  Plan made = plan(cib->root(), question->request);
  reply.series = std::move(made.series);
  reply.series_max = made.series_max;
  reply.graph = std::move(made.graph);
  reply.summary = std::move(made.summary);
  reply.error = std::move(made.error);
  if (reply.graph.empty() && reply.error.empty()) reply.error = "the scheduler made no graph";
  return reply;
}

}  // namespace

void prepare_for_planning(Element cib, const ScheduleRequest& request) {
  cib.set("dc-uuid", to_xml_safe(request.dc_id));
  cib.set("have-quorum", request.quorate ? "true" : "false");
  if (request.had_quorum && !request.quorate) cib.set("no-quorum-panic", "1");
  set_watchdog(cib, request.watchdog);
}

std::string plan_task_input(const ScheduleRequest& request, std::uint64_t position,
                            std::string_view cib) {
  const std::string question = encode(request);
  return codec::encode(PlanInput{position, question, cib});
}

Result<std::string> saved_input(std::string_view input) {
  const Result<Question> question = question_in(input);
  if (!question) return tl::unexpected(question.error());
  const Result<xml::Document> cib = prepared_cib(*question);
  if (!cib) return tl::unexpected(cib.error());
  cib->root().set("execution-date", std::to_string(question->request.now_seconds));
  return cib->root().to_string() + "\n";
}

std::string run_plan_task(std::string_view input, const PlanFunction& plan) {
  return encode(plan_reply(input, plan));
}

}  // namespace quorate
