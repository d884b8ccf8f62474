// --list-operations, --list-all-operations (spec/14 §6.4).

#include <fmt/format.h>

#include "base/agent_result.h"
#include "base/text.h"
#include "common/exit_code.h"
#include "common/local_time.h"
#include "crm_resource/session.h"
#include "scheduler/state/state.h"
#include "status/primitive.h"
#include "status/time_text.h"

namespace quorate::crm_resource {

namespace {

using Entries = std::vector<xml::Element>;

/// Where what is of interest of a resource's history begins: -1 if nothing is.
std::ptrdiff_t first_of_interest(const Entries& entries) {
  std::ptrdiff_t stop = -1;
  std::ptrdiff_t start = -1;
  std::ptrdiff_t promotion = -1;
  std::ptrdiff_t monitor = -1;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    const std::string_view task = entries[i].get_or("operation", {});
    const std::string_view rc = entries[i].get_or("rc-code", {});
    if (task == "stop" && entries[i].get("op-status") == "0") {
      stop = at;
    } else if (task == "start" || task == "migrate_from") {
      start = at;
    } else if (task == "promote" || task == "demote") {
      promotion = at;
    } else if (task == "monitor" && (rc == "0" || rc == "8") && monitor <= stop) {
      monitor = at;
    }
  }
  if (start < 0) start = promotion;
  if (start < 0) start = monitor;
  if (start < 0 && stop < 0) return 0;
  return start < stop ? -1 : start;
}

class OperationWriter {
 public:
  explicit OperationWriter(Session& session) : session_(session) {}

  void node(xml::Element state, bool all) {
    const xml::Element resources = state.first_child("lrm").first_child("lrm_resources");
    for (const xml::Element history : xml::children(resources, "lrm_resource")) {
      if (session_.settings.resource && history.id() != session_.requested()) continue;
      scheduler::Context context{session_.snapshot(), *session_.picture->schedule.actions};
      const Entries entries = scheduler::sorted_history(context, history).entries;
      const std::ptrdiff_t first = all ? 0 : first_of_interest(entries);
      if (first < 0) continue;
      for (std::size_t i = static_cast<std::size_t>(first); i < entries.size(); ++i) {
        entry(state, history, entries[i]);
      }
    }
  }

 private:
  void entry(xml::Element state, xml::Element history, xml::Element entry) {
    const auto changed = to_integer(entry.get_or("last-rc-change", {}));
    const std::string_view key = entry.get_or("operation_key", entry.id());
    const std::string_view node = state.get_or("uname", state.id());
    const std::string_view call = entry.get_or("call-id", "");
    const std::string_view rc = entry.get_or("rc-code", "");
    const auto status = to_integer(entry.get_or("op-status", "-1")).value_or(-1);
    const std::string_view status_text =
        execution_status_text(static_cast<ExecutionStatus>(status));
    const std::string when =
        changed ? status::ctime_text(*changed, cli::local_utc_offset) : std::string();
    const std::string details = changed ? fmt::format(", last-rc-change='{}', exec={}ms", when,
                                                      entry.get_or("exec-time", "0"))
                                        : std::string();
    session_.output.text().line(fmt::format("{}: {} (node={}, call={}, rc={}{}): {}",
                                            resource_text(history), key, node, call, rc, details,
                                            status_text));
    xml::Writer& xml = session_.output.xml();
    xml.open("operation");
    xml.attribute("op", key);
    xml.attribute("node", node);
    xml.attribute("call", call);
    xml.attribute("rc", rc);
    xml.attribute("status", status_text);
    if (resource_ != nullptr) {
      xml.attribute("rsc", resource_->id);
      xml.attribute("agent", fmt::format("{}:{}:{}", resource_->standard, resource_->provider,
                                         resource_->type));
    }
    if (changed) {
      xml.attribute("last-rc-change", when);
      xml.attribute("exec-time", entry.get_or("exec-time", "0"));
    }
    xml.close();
  }

  std::string resource_text(xml::Element history) {
    resource_ = find_resource(session_.snapshot(), history.id(), Lookup::kBase);
    if (resource_ == nullptr) return fmt::format("Unknown resource {}", history.id());
    status::Show show;
    show.resource_only = true;
    return status::primitive_line(session_.snapshot(), *resource_, show);
  }

  Session& session_;
  const model::Resource* resource_ = nullptr;
};

}  // namespace

int list_operations(Session& session, bool all) {
  model::Snapshot& snapshot = session.snapshot();
  OperationWriter writer(session);
  session.output.xml().open("operations");
  for (const xml::Element state : xml::children(snapshot.sections.status, "node_state")) {
    const model::Node* node = snapshot.find_node(state.id(), state.get_or("uname", {}));
    if (node == nullptr || (session.node != nullptr && node != session.node)) continue;
    if (node->online || snapshot.options.fencing_enabled) writer.node(state, all);
  }
  session.output.xml().close();
  return cli::exit_code::kOk;
}

}  // namespace quorate::crm_resource
