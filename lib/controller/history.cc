#include "controller/history.h"

#include <algorithm>

#include "base/text.h"
#include "controller/element_fields.h"
#include "controller/transition_key.h"
#include "xml/xpath.h"

namespace quorate::controller {
namespace {

using xml::Element;

constexpr std::string_view kOrigin = "quorate-controller";

std::string recorded_operation(const Outcome& outcome) {
  if (outcome.task != "reload" && outcome.task != "reload-agent") return outcome.task;
  return outcome.result.status == ExecutionStatus::kDone ? "start" : "monitor";
}

bool is_migration(std::string_view task) { return task == "migrate_to" || task == "migrate_from"; }

void add_digests(Element op, const EntryDigests& digests) {
  op.set("op-digest", digests.op_digest);
  const auto put = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) field::put_always(op, name, *value);
  };
  put("op-force-restart", digests.op_force_restart);
  put("op-restart-digest", digests.op_restart_digest);
  put("op-secure-params", digests.op_secure_params);
  put("op-secure-digest", digests.op_secure_digest);
}

void add_times(Element op, const Outcome& outcome) {
  if (!outcome.times_known) return;
  const std::int64_t changed = outcome.interval_ms > 0 && outcome.rc_change_time_s > 0
                                   ? outcome.rc_change_time_s
                                   : outcome.run_time_s;
  if (changed == 0 && outcome.exec_time_ms == 0 && outcome.queue_time_ms == 0) return;
  op.set("last-rc-change", std::to_string(changed));
  op.set("exec-time", std::to_string(outcome.exec_time_ms));
  op.set("queue-time", std::to_string(outcome.queue_time_ms));
}

Element add_resource(Element parent, const Outcome& outcome) {
  Element resource = parent.add("lrm_resource");
  field::put_always(resource, "id", outcome.resource.id);
  field::put(resource, "class", outcome.resource.standard);
  field::put(resource, "provider", outcome.resource.provider);
  field::put(resource, "type", outcome.resource.type);
  field::put(resource, "container", outcome.resource.container);
  return resource;
}

}  // namespace

AgentResult normalised(AgentResult result) {
  const bool judged = result.exit_code == ocf::kNotRunning || result.exit_code == ocf::kPromoted ||
                      result.exit_code == ocf::kDegraded ||
                      result.exit_code == ocf::kDegradedPromoted;
  if (result.status == ExecutionStatus::kError && judged) result.status = ExecutionStatus::kDone;
  return result;
}

bool counts_as_failed(const AgentResult& raw, int target_rc) {
  const AgentResult result = normalised(raw);
  switch (result.status) {
    case ExecutionStatus::kUnknown:
    case ExecutionStatus::kPending:
    case ExecutionStatus::kCancelled:
      return false;
    case ExecutionStatus::kDone:
    case ExecutionStatus::kHardError:
    case ExecutionStatus::kFatalError:
    case ExecutionStatus::kNotInstalled:
      return result.exit_code != target_rc;
    default:
      return true;
  }
}

int target_rc_of(std::string_view transition_key) {
  const auto key = parse_key(transition_key);
  return key ? key->target_rc : 0;
}

std::string pending_entry_id(const Outcome& outcome) {
  const std::string& id = outcome.resource.id;
  if (is_migration(outcome.task)) return id + "_" + outcome.task + "_0";
  if (outcome.interval_ms > 0) {
    return format_operation_key(id, recorded_operation(outcome), outcome.interval_ms);
  }
  return id + "_last_0";
}

std::vector<std::string> entry_ids(const Outcome& outcome) {
  if (outcome.task == "notify" || outcome.result.status == ExecutionStatus::kCancelled) return {};
  const std::string& id = outcome.resource.id;
  if (is_migration(outcome.task) ||
      !counts_as_failed(outcome.result, target_rc_of(outcome.transition_key))) {
    return {pending_entry_id(outcome)};
  }
  if (outcome.interval_ms > 0) return {id + "_last_failure_0"};
  return {id + "_last_failure_0", id + "_last_0"};
}

void add_entry(Element lrm_resource, const Outcome& outcome, std::string_view id,
               std::string_view recorder, std::string_view origin) {
  const AgentResult result = normalised(outcome.result);
  const bool failed = counts_as_failed(result, target_rc_of(outcome.transition_key));
  const std::string operation = recorded_operation(outcome);
  Element op = lrm_resource.add("lrm_rsc_op");
  field::put_always(op, "id", id);
  field::put_always(op, "operation_key",
                    format_operation_key(outcome.resource.id, operation, outcome.interval_ms));
  field::put_always(op, "operation", operation);
  op.set("crm-debug-origin", origin);
  field::put_always(op, "crm_feature_set",
                    outcome.feature_set.empty() ? kFeatureSet : outcome.feature_set);
  field::put_always(op, "transition-key", outcome.transition_key);
  const std::string status = std::to_string(static_cast<int>(result.status));
  const std::string code = std::to_string(result.exit_code);
  field::put_always(op, "transition-magic", status + ":" + code + ";" + outcome.transition_key);
  field::put_always(op, "exit-reason", failed ? std::string_view(result.reason) : "");
  field::put_always(op, "on_node", recorder);
  op.set("call-id", std::to_string(outcome.call_id));
  op.set("rc-code", code);
  op.set("op-status", status);
  op.set("interval", std::to_string(outcome.interval_ms));
  add_times(op, outcome);
  if (is_migration(outcome.task)) {
    field::put_always(op, "migrate_source", outcome.migrate_source);
    field::put_always(op, "migrate_target", outcome.migrate_target);
  }
  if (outcome.digests) add_digests(op, *outcome.digests);
}

namespace {

/// The `lrm_resources` of a new node_state.
Element add_resources(xml::Document& document, std::string_view node_id, std::string_view node_name,
                      bool remote) {
  Element state = document.root().add("node_state");
  field::put_always(state, "id", node_id);
  field::put_always(state, "uname", node_name);
  if (remote) state.set("remote_node", "true");
  state.set("crm-debug-origin", kOrigin);
  Element lrm = state.add("lrm");
  field::put_always(lrm, "id", node_id);
  return lrm.add("lrm_resources");
}

void add_outcome(Element resources, const Outcome& outcome, bool pending,
                 std::string_view recorder) {
  Element resource = add_resource(resources, outcome);
  if (!outcome.shutdown_lock.empty()) {
    field::put_always(resource, "shutdown-lock", outcome.shutdown_lock);
  }
  if (pending) return add_entry(resource, outcome, pending_entry_id(outcome), recorder);
  const std::vector<std::string> ids = entry_ids(outcome);
  for (const std::string& id : ids) {
    // Of the two entries of a failed one-shot only the second gets the lists of parameters.
    Outcome shown = outcome;
    if (ids.size() > 1 && id == ids.front() && shown.digests) {
      shown.digests = EntryDigests{outcome.digests->op_digest, {}, {}, {}, {}};
    }
    add_entry(resource, shown, id, recorder);
  }
}

}  // namespace

std::string status_fragment(const Outcome& outcome, std::string_view node_id,
                            std::string_view node_name, bool remote, bool pending,
                            std::string_view recorder) {
  xml::Document document = xml::Document::with_root("status");
  add_outcome(add_resources(document, node_id, node_name, remote), outcome, pending, recorder);
  return document.root().to_string();
}

std::string status_fragment(const std::vector<Outcome>& outcomes, std::string_view node_id,
                            std::string_view node_name, bool pending) {
  xml::Document document = xml::Document::with_root("status");
  const Element resources = add_resources(document, node_id, node_name, false);
  for (const Outcome& outcome : outcomes) add_outcome(resources, outcome, pending, node_name);
  return document.root().to_string();
}

std::string lrm_resource_xpath(std::string_view node_id, std::string_view resource) {
  return "/cib/status/node_state[@id=" + xml::xpath_literal(node_id) +
         "]/lrm/lrm_resources/lrm_resource[@id=" + xml::xpath_literal(resource) + "]";
}

std::string lrm_entry_xpath(std::string_view node_id, std::string_view resource,
                            std::string_view entry_id) {
  return lrm_resource_xpath(node_id, resource) + "/lrm_rsc_op[@id=" + xml::xpath_literal(entry_id) +
         "]";
}

// ---- What a node remembers ----------------------------------------------------------------------

void NodeHistory::record(const Outcome& outcome) {
  if (entry_ids(outcome).empty()) return;
  Remembered& memory = resources_[outcome.resource.id];
  memory.identity = outcome.resource;
  memory.last_call_id = std::max(memory.last_call_id, outcome.call_id);
  last_call_id_ = std::max(last_call_id_, outcome.call_id);
  const bool failed = counts_as_failed(outcome.result, target_rc_of(outcome.transition_key));
  const int code = outcome.result.exit_code;
  const bool running = code == ocf::kOk || code == ocf::kPromoted || code == ocf::kDegraded ||
                       code == ocf::kDegradedPromoted;
  if (outcome.interval_ms == 0 && outcome.task != "monitor") memory.recurring.clear();
  if (failed) {
    memory.failure = outcome;
    return;
  }
  if (outcome.interval_ms > 0) {
    std::erase_if(memory.recurring, [&](const Outcome& other) {
      return other.task == outcome.task && other.interval_ms == outcome.interval_ms;
    });
    memory.recurring.push_back(outcome);
    return;
  }
  memory.last = outcome;
  const bool starts = outcome.task == "start" || outcome.task == "reload" ||
                      outcome.task == "reload-agent" || outcome.task == "monitor";
  if (starts && running) memory.start_parameters = outcome.parameters;
}

void NodeHistory::forget(std::string_view resource) {
  const auto found = resources_.find(resource);
  if (found != resources_.end()) resources_.erase(found);
}

void NodeHistory::forget_all() { resources_.clear(); }

void NodeHistory::clear_failure(std::string_view resource, std::string_view task,
                                std::int64_t interval_ms) {
  const auto found = resources_.find(resource);
  if (found == resources_.end()) return;
  if (task.empty() || last_failure_is(resource, task, interval_ms)) found->second.failure.reset();
}

void NodeHistory::cancelled(std::string_view resource, std::string_view task,
                            std::int64_t interval_ms) {
  const auto found = resources_.find(resource);
  if (found == resources_.end()) return;
  std::erase_if(found->second.recurring, [&](const Outcome& other) {
    return other.task == task && other.interval_ms == interval_ms;
  });
}

bool NodeHistory::last_failure_is(std::string_view resource, std::string_view task,
                                  std::int64_t interval_ms) const {
  const auto found = resources_.find(resource);
  return found != resources_.end() && found->second.failure &&
         found->second.failure->task == task && found->second.failure->interval_ms == interval_ms;
}

const Parameters* NodeHistory::start_parameters(std::string_view resource) const {
  const auto found = resources_.find(resource);
  return found != resources_.end() && found->second.start_parameters
             ? &*found->second.start_parameters
             : nullptr;
}

const ResourceIdentity* NodeHistory::identity(std::string_view resource) const {
  const auto found = resources_.find(resource);
  return found == resources_.end() ? nullptr : &found->second.identity;
}

std::vector<std::string> NodeHistory::resources() const {
  std::vector<std::string> names;
  for (const auto& [name, memory] : resources_) names.push_back(name);
  return names;
}

std::int64_t NodeHistory::next_call_id(std::string_view resource) const {
  const auto found = resources_.find(resource);
  const bool known = found != resources_.end() && found->second.last_call_id != 0;
  return (known ? found->second.last_call_id : last_call_id_) + 1;
}

std::vector<std::string> NodeHistory::active() const {
  std::vector<std::string> names;
  for (const auto& [name, memory] : resources_) {
    if (!memory.last) continue;
    const Outcome& last = *memory.last;
    const bool stopped = last.task == "stop" || last.task == "migrate_to" ||
                         (last.task == "monitor" && last.result.exit_code == ocf::kNotRunning);
    if (!stopped) names.push_back(name);
  }
  return names;
}

std::string NodeHistory::report(std::string_view node_id, std::string_view recorder) const {
  xml::Document document = xml::Document::with_root("lrm");
  field::put_always(document.root(), "id", node_id);
  Element resources = document.root().add("lrm_resources");
  for (const auto& [name, memory] : resources_) {
    Outcome shown;
    shown.resource = memory.identity;
    Element resource = add_resource(resources, shown);
    if (memory.failure) {
      add_entry(resource, *memory.failure, name + "_last_failure_0", recorder, kReportOrigin);
      const bool one_shot = memory.failure->interval_ms == 0;
      if (!memory.last && one_shot)
        add_entry(resource, *memory.failure, name + "_last_0", recorder, kReportOrigin);
    }
    if (memory.last)
      add_entry(resource, *memory.last, pending_entry_id(*memory.last), recorder, kReportOrigin);
    for (auto it = memory.recurring.rbegin(); it != memory.recurring.rend(); ++it) {
      add_entry(resource, *it, pending_entry_id(*it), recorder, kReportOrigin);
    }
  }
  return document.root().to_string();
}

}  // namespace quorate::controller
