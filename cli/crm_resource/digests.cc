// --digests: what parameters an operation would run with, in short form (spec/14 §6.17).

#include <fmt/format.h>

#include "base/duration.h"
#include "base/text.h"
#include "common/exit_code.h"
#include "crm_resource/session.h"
#include "scheduler/state/state.h"
#include "xml/xpath.h"

namespace quorate::crm_resource {

namespace {

/// The operation whose parameters count.
struct Operation {
  std::string task = "start";
  std::int64_t interval_ms = 0;
  xml::Element entry;  ///< in the history; null if there is none
};

/// Entries of the resource on the node, oldest first.
std::vector<xml::Element> history_of(Session& session) {
  const model::Resource& resource = *session.resource;
  const std::string name(resource.history_id.empty()
                             ? resource.unique ? resource.id : model::base_name(resource.id)
                             : resource.history_id);
  const auto found = xml::find_all(
      session.snapshot().cib,
      fmt::format("/cib/status/node_state[@id={}]/lrm/lrm_resources/lrm_resource[@id={}]",
                  xml::xpath_literal(session.node->id), xml::xpath_literal(name)));
  if (!found || found->empty()) return {};
  scheduler::Context context{session.snapshot(), *session.picture->schedule.actions};
  return scheduler::sorted_history(context, found->front()).entries;
}

/// The latest successful start, else the latest check that found it active; with an interval asked
/// for, the recurring action of that interval.
Operation choose(Session& session, std::optional<std::int64_t> interval_ms) {
  Operation chosen;
  if (interval_ms.value_or(0) > 0) chosen = {"monitor", *interval_ms, {}};
  for (const xml::Element entry : history_of(session)) {
    const std::string_view task = entry.get_or("operation", {});
    const std::int64_t own = to_integer(entry.get_or("interval", "0")).value_or(0);
    const std::string_view rc = entry.get_or("rc-code", {});
    if (rc != "0" && rc != "8") continue;
    if (chosen.interval_ms > 0) {
      if (task == chosen.task && own == chosen.interval_ms) chosen.entry = entry;
    } else if (task == "start" || task == "migrate_from") {
      chosen = {std::string(task), 0, entry};
    } else if (task == "monitor" && own == 0 && !chosen.entry) {
      chosen = {std::string(task), 0, entry};
    }
  }
  return chosen;
}

std::string_view words_of(std::string_view type) {
  if (type == "all") return "all parameters";
  return type == "nonprivate" ? "non-private parameters" : "non-reloadable parameters";
}

}  // namespace

int show_digests(Session& session) {
  model::Resource& resource = *session.resource;
  if (!resource.is_primitive()) return cli::exit_code::kUnimplemented;
  std::map<std::string, std::string> overrides;
  for (const auto& [name, value] : session.overrides) overrides[name] = value;
  std::optional<std::int64_t> interval_ms;
  if (const auto found = overrides.find("CRM_meta_interval"); found != overrides.end()) {
    interval_ms = to_integer(found->second);
  }
  const Operation operation = choose(session, interval_ms);
  scheduler::Context context{session.snapshot(), *session.picture->schedule.actions};
  const auto digests =
      scheduler::operation_digests(context, resource, *session.node, operation.task,
                                   operation.interval_ms, operation.entry, overrides);
  session.output.text().set_fancy(false);
  xml::Writer& xml = session.output.xml();
  xml.open("digests");
  xml.attribute("resource", resource.id);
  xml.attribute("node", session.node->name);
  xml.attribute("task", operation.task);
  xml.attribute("interval", fmt::format("{}ms", operation.interval_ms));
  for (const scheduler::NamedDigest& digest : digests) {
    session.output.text().line(fmt::format("{} ({})", digest.hash, words_of(digest.type)));
    xml.open("digest");
    xml.attribute("type", digest.type);
    xml.attribute("hash", digest.hash);
    xml.open("parameters");
    for (const auto& [name, value] : digest.parameters) xml.attribute(name, value);
    xml.close();
    xml.close();
  }
  xml.close();
  return cli::exit_code::kOk;
}

}  // namespace quorate::crm_resource
