#include <algorithm>
#include <utility>

#include "attributes/attributes.h"
#include "attributes/cib_form.h"
#include "messages/cib.h"
#include "messages/cib_steps.h"

/// Writing attributes into the CIB: only the writer does, one transaction per attribute (spec/10
/// §9).
namespace quorate {

using attributes::Attribute;
using attributes::CibForm;
using attributes::Touched;

namespace {

constexpr std::int64_t kRetryMs = 2'000;
constexpr std::string_view kClient = "quorate-attributes";

/// Programs whose changes of nodes and status don't call for writing everything again (spec/09
/// §9.5).
bool is_safe_client(std::string_view client) {
  constexpr std::string_view kTools[] = {"attrd_updater", "crm_attribute", "crm_node",
                                         "crm_resource", "crm_ticket"};
  return client.starts_with("quorate-") || client.starts_with("pacemaker-") ||
         std::find(std::begin(kTools), std::end(kTools), client) != std::end(kTools);
}

bool touches_nodes_or_status(const CibChange& change) {
  if (!change.sections.empty()) {
    return std::find(change.sections.begin(), change.sections.end(), "nodes") !=
           change.sections.end();
  }
  const std::string_view patch = change.patch;
  return patch.find("/cib/configuration/nodes") != std::string_view::npos ||
         patch.find("/cib/status") != std::string_view::npos;
}

}  // namespace

void Attributes::became_or_stopped_writer() {
  const bool writer = is_writer();
  const bool is_new = writer && !was_writer_;
  was_writer_ = writer;
  if (!writer) return;
  // First what is gone, then what is there: a node may have left and come back.
  const std::set<std::string> absent = std::exchange(absent_ids_, {});
  for (const std::string& id : absent) erase_node(id);
  if (!is_new) return;
  log(LogLevel::kNotice, "Recorded local node as attribute writer");
  write_all();
}

void Attributes::erase_node(std::string_view node_id) {
  CibRequest request;
  request.id = ++last_request_;
  request.client = kClient;
  std::vector<CibStep> steps = {CibStep::remove(attributes::transient_attributes_xpath(node_id))};
  // It may be back: what it has now replaces what it had, in one step.
  for (const auto& [name, attribute] : table_.attributes()) {
    if (attribute.traits.is_private) continue;
    Attribute own{attribute.traits, attribute.values};
    std::erase_if(own.values, [&](const auto& entry) { return entry.second.id != node_id; });
    const CibForm form = attributes::cib_form(name, own);
    if (!form.status.empty()) steps.push_back(CibStep::merge("status", form.status));
  }
  request.what = combine(steps);
  send_to_cib(encode(request));
}

void Attributes::send_to_cib(const std::string& payload) {
  if (cib_up_) effects_->push_back(SendSibling{Daemon::kCib, payload});
}

void Attributes::changed(const Touched& touched) {
  if (!touched.value_changed && !touched.dampening_changed) return;
  const Attribute* attribute = table_.find(touched.name);
  if (attribute == nullptr || attribute->traits.is_private || !is_writer()) return;
  if (touched.dampening_changed || attribute->traits.dampening_ms == 0) return write(touched.name);
  Writing& writing = writing_[touched.name];
  if (writing.timer == 0) {
    writing.timer = ++last_timer_;
    timer_names_[writing.timer] = touched.name;
  }
  writing.timer_runs = true;
  set_timer(writing.timer, attribute->traits.dampening_ms);
}

void Attributes::write_all() {
  for (const auto& [name, attribute] : table_.attributes()) write(name);
}

void Attributes::write(const std::string& name) {
  const Attribute* attribute = table_.find(name);
  if (attribute == nullptr || attribute->traits.is_private || !cib_up_) return;
  Writing& writing = writing_[name];
  if (writing.timer_runs) effects_->push_back(CancelTimer{writing.timer});
  writing.timer_runs = false;
  if (writing.request != 0) {
    writing.changed = true;
    return;
  }
  const CibForm form = attributes::cib_form(name, *attribute);
  for (const std::string& node : form.unknown_ids) {
    log(LogLevel::kInfo, "Cannot write " + name + "[" + node +
                             "] to CIB because node's XML ID is unknown (will retry if learned)");
  }
  std::vector<CibStep> steps;
  if (!form.status.empty()) steps.push_back(CibStep::merge("status", form.status));
  for (const std::string& xpath : form.deletions) steps.push_back(CibStep::remove(xpath));
  if (steps.empty()) return;
  CibRequest request;
  request.id = ++last_request_;
  request.client = kClient;
  request.user = attribute->traits.user;
  request.what = combine(steps);
  writing.request = request.id;
  writing.changed = false;
  write_requests_[request.id] = name;
  send_to_cib(encode(request));
}

void Attributes::write_ended(std::uint64_t request, bool ok, const std::string& message) {
  const auto found = write_requests_.find(request);
  if (found == write_requests_.end()) return;
  const std::string name = found->second;
  write_requests_.erase(found);
  Writing& writing = writing_[name];
  writing.request = 0;
  if (ok) {
    if (writing.changed && is_writer()) write(name);
    return;
  }
  log(LogLevel::kError, "CIB update " + std::to_string(request) + " result for " + name + ": " +
                            message + " (will be tried again)");
  if (!is_writer()) return;
  const Attribute* attribute = table_.find(name);
  const std::int64_t dampening = attribute == nullptr ? 0 : attribute->traits.dampening_ms;
  if (writing.timer == 0) {
    writing.timer = ++last_timer_;
    timer_names_[writing.timer] = name;
  }
  writing.timer_runs = true;
  set_timer(writing.timer, dampening > 0 ? dampening : kRetryMs);
}

void Attributes::on(const SiblingMessage& event) {
  if (event.daemon != Daemon::kCib) return;
  const Result<CibServerMessage> message = decode_cib_server_message(event.payload);
  if (!message)
    return log(LogLevel::kWarning, "Answer of the CIB service ignored: " + message.error().message);
  if (const auto* reply = std::get_if<CibReply>(&*message)) {
    return write_ended(reply->id, reply->code == cib::Code::kOk, reply->message);
  }
  if (const auto* resync = std::get_if<CibResync>(&*message)) {
    (void)resync;
    subscribe();
    if (is_writer()) write_all();
    return;
  }
  const auto* change = std::get_if<CibChange>(&*message);
  if (change == nullptr) return;
  if (change->position >= seen_position_ + 50 || is_long(*change)) {
    seen_position_ = change->position;
    send_to_cib(encode(CibSeen{change->position}));
  }
  if (is_writer() && !is_safe_client(change->client) && touches_nodes_or_status(*change)) {
    log(LogLevel::kInfo, "Updating all attributes after " + change->operation +
                             " event triggered by " + change->client);
    write_all();
  }
}

void Attributes::subscribe() {
  CibSubscribe subscribe;
  subscribe.client = kClient;
  subscribe.part = CibPart::kNothing;
  subscribe.long_changes = LongChanges::kBeginning;
  subscribe.without_results = true;
  send_to_cib(encode(subscribe));
}

}  // namespace quorate
