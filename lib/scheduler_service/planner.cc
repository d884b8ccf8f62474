#include "scheduler_service/planner.h"

#include "base/text.h"
#include "cib/apply.h"
#include "cib/patch.h"
#include "messages/codec.h"
#include "messages/replica.h"

namespace quorate {

template <>
struct codec::Form<PlanOutput> {
  static constexpr std::string_view kName = "plan-output";
  static void describe(auto& archive, auto& m) {
    archive.raw("reply", m.reply);
    archive.raw("input", m.input);
  }
};

std::string encode(const PlanOutput& output) { return codec::encode(output); }

Result<PlanOutput> decode_plan_output(std::string_view text) {
  return codec::decode<PlanOutput>(text, "the output of a plan", codec::kMaxBytesWithDocument);
}

namespace {

using xml::Element;

void set_watchdog(cib::Edit& edit, Element cib, bool watchdog) {
  const std::string_view value = watchdog ? "true" : "false";
  const Element configuration = cib.first_child("configuration");
  if (!configuration) return;
  Element options = configuration.first_child("crm_config");
  if (!options) options = edit.insert_new(configuration, "crm_config");
  bool found = false;
  xml::for_each_descendant(options, [&](Element e) {
    if (e.name() != "nvpair" || e.get_or("name", {}) != "have-watchdog") return;
    edit.set(e, "value", value);
    found = true;
  });
  if (found) return;
  Element set = options.first_child("cluster_property_set");
  if (!set) {
    set = edit.insert_new(options, "cluster_property_set");
    edit.set(set, "id", "cib-bootstrap-options");
  }
  const Element pair = edit.insert_new(set, "nvpair");
  edit.set(pair, "id", "cib-bootstrap-options-have-watchdog");
  edit.set(pair, "name", "have-watchdog");
  edit.set(pair, "value", value);
}

}  // namespace

void prepare_for_planning(cib::Edit& edit, const ScheduleRequest& request) {
  const Element cib = edit.cib().root();
  edit.set(cib, "dc-uuid", to_xml_safe(request.dc_id));
  edit.set(cib, "have-quorum", request.quorate ? "true" : "false");
  if (request.had_quorum && !request.quorate) edit.set(cib, "no-quorum-panic", "1");
  set_watchdog(edit, cib, request.watchdog);
}

Result<std::string> Planner::run(std::string_view task, std::string_view input) {
  if (task == kTakeTask) return take(input);
  if (task == kChangeTask) return change(input);
  if (task == kRepeatTask) return repeat(input);
  if (task == kPlanTask) return encode(plan(input));
  cib_.reset();
  return std::string();
}

std::optional<std::string> Planner::identity(std::string_view task) const {
  if (task != kPlanTask) return std::nullopt;
  return cib_ ? cib::to_text(cib_->version()) : std::string();
}

Result<std::string> Planner::take(std::string_view text) {
  cib_.reset();  // before the new one comes: two long ones are too much
  Result<cib::Cib> copy = cib::Cib::parse(text, "snapshot of the CIB");
  if (!copy) return tl::unexpected(copy.error());
  cib_.emplace(std::move(*copy));
  measured(text.size());
  return std::string();
}

void Planner::measured(std::size_t length) {
  length_ = length;
  elements_ = cib_->index().size();
}

/// Writing a long document takes as long as planning for it: known to be too long it isn't written,
/// unless it has lost half of its elements since.
bool Planner::may_be_saved() const {
  return longest_saved_ > 0 && (length_ <= longest_saved_ || cib_->index().size() < elements_ / 2);
}

Result<std::string> Planner::change(std::string_view text) {
  if (!cib_) return fail(ErrorKind::kInvalid, "there is no copy to be changed");
  const Result<xml::Document> patch = xml::Document::parse(text, "patch");
  if (!patch) {
    cib_.reset();
    return tl::unexpected(patch.error());
  }
  bool applied = false;
  {
    cib::Edit edit(*cib_);
    applied = cib::apply_patch(edit, patch->root(), false) == cib::Code::kOk;
    if (applied) edit.commit();
  }
  if (applied) return std::string();
  cib_.reset();
  return fail(ErrorKind::kInvalid, "it doesn't fit the copy");
}

/// The replica has found that the request can be carried out and what comes of it is valid.
Result<std::string> Planner::repeat(std::string_view text) {
  if (!cib_) return fail(ErrorKind::kInvalid, "there is no copy to be changed");
  const std::size_t end = text.find('\n');
  const bool complete = end != std::string_view::npos;
  const auto message = decode_replica_message(complete ? text.substr(end + 1) : text);
  const auto* request = message ? std::get_if<OrderedRequest>(&*message) : nullptr;
  if (complete && request != nullptr) {
    cib::Context context;
    context.origin = request->node;
    context.client = request->client;
    context.user = request->user;
    context.written = request->written;
    const cib::Outcome outcome = cib::apply(*cib_, request->what, context, nullptr, cib::Keep::kYes,
                                            {cib::PatchExtent::kNothing});
    if (outcome.changed && outcome.code == cib::Code::kOk &&
        outcome.version == cib::version_from(text.substr(0, end))) {
      return std::string();
    }
  }
  cib_.reset();
  return fail(ErrorKind::kInvalid, "it doesn't fit the copy");
}

PlanOutput Planner::plan(std::string_view text) {
  PlanOutput output;
  ScheduleReply reply;
  const Result<ScheduleRequest> request = decode_schedule_request(text);
  if (!request) {
    reply.error = request.error().message;
  } else if (!cib_) {
    reply.id = request->id;
    reply.error = "there is no copy of the CIB to plan for";
  } else {
    reply.id = request->id;
    cib::Edit edit(*cib_);  // undone at the end
    prepare_for_planning(edit, *request);
    Plan made = plan_(cib_->root(), *request);
    reply.series = std::move(made.series);
    reply.series_max = made.series_max;
    reply.graph = std::move(made.graph);
    reply.summary = std::move(made.summary);
    reply.error = std::move(made.error);
    if (reply.graph.empty() && reply.error.empty()) reply.error = "the scheduler made no graph";
    if (may_be_saved()) {
      edit.set(cib_->root(), "execution-date", std::to_string(request->now_seconds));
      output.input = cib_->to_string() + "\n";
      measured(output.input.size());
      if (length_ > longest_saved_) output.input.clear();
    }
  }
  output.reply = encode(reply);
  return output;
}

}  // namespace quorate
