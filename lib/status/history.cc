#include "status/history.h"

#include <fmt/format.h>

#include "base/agent_result.h"
#include "base/text.h"
#include "scheduler/state/state.h"
#include "status/node.h"
#include "status/time_text.h"

namespace quorate::status {
namespace {

using model::Node;
using model::Resource;

/// What is said of one resource's history on one node.
struct ResourceHistory {
  xml::Element history;  ///< the lrm_resource
  Resource* resource = nullptr;
  scheduler::FailCount failures;
  std::vector<xml::Element> operations;  ///< listable ones, oldest first
};

bool is_listable(xml::Element entry) {
  const std::string_view task = entry.get_or("operation", {});
  if (task == "notify") return false;
  const bool probe =
      task == "monitor" && to_integer(entry.get_or("interval", "0")).value_or(0) == 0;
  return !(probe && to_integer(entry.get_or("rc-code", {})) == ocf::kNotRunning);
}

/// The filter must name the resource, or the group it belongs to (spec/13 §12).
bool is_wanted(const Resource& resource, const Show& show) {
  if (!show.resources) return true;
  const Resource& top = model::outermost_of(resource);
  return show.names(resource) || (top.is_group() ? show.names(top) : passes(show, resource, true));
}

std::vector<ResourceHistory> histories_on(scheduler::Context& context, Node& node,
                                          xml::Element node_state, const Show& show,
                                          const HistoryOptions& options) {
  std::vector<ResourceHistory> list;
  const xml::Element lrm = node_state.first_child("lrm");
  for (xml::Element history : xml::children(lrm.first_child("lrm_resources"), "lrm_resource")) {
    Resource* resource = context.snapshot.find_resource(history.id());
    if (resource == nullptr || resource->removed || !is_wanted(*resource, show)) continue;
    ResourceHistory entry;
    entry.history = history;
    entry.resource = resource;
    entry.failures = scheduler::fail_count(context, *resource, node, {});
    if (options.operations) {
      const scheduler::SortedHistory sorted = scheduler::sorted_history(context, history);
      for (const xml::Element operation : sorted.entries) {
        if (is_listable(operation)) entry.operations.push_back(operation);
      }
      if (!entry.operations.empty()) list.push_back(std::move(entry));
    } else if (entry.failures.count > 0) {
      list.push_back(std::move(entry));
    }
  }
  return list;
}

/// Calls visit(node, histories) for each online node with a state, in document order.
template <class Visitor>
void for_each_node(scheduler::Context& context, const Show& show, const HistoryOptions& options,
                   const Visitor& visit) {
  for (xml::Element state : xml::children(context.snapshot.sections.status, "node_state")) {
    Node* node = context.snapshot.find_node(state.id(), state.get_or("uname", {}));
    if (node == nullptr || !node->online || !show.wants_node(node->name)) continue;
    visit(*node, histories_on(context, *node, state, show, options));
  }
}

std::string history_title(const ResourceHistory& entry, std::string_view name, bool operations,
                          const Show& show) {
  std::string title =
      fmt::format("{}: migration-threshold={}", name, entry.resource->migration_threshold);
  if (entry.failures.count > 0 || !operations) {
    title += fmt::format(" fail-count={}", entry.failures.count);
  }
  if (entry.failures.last_failure > 0) {
    title += fmt::format(" last-failure='{}'", ctime_text(entry.failures.last_failure, show.zone));
  }
  return title;
}

std::string task_text(xml::Element entry) {
  const std::string_view task = entry.get_or("operation", {});
  const bool probe =
      task == "monitor" && to_integer(entry.get_or("interval", "0")).value_or(0) == 0;
  return std::string(probe ? "probe" : task);
}

std::optional<std::string> change_text(xml::Element entry, UtcOffset zone) {
  const auto when = to_integer(entry.get_or("last-rc-change", {}));
  if (!when || *when <= 0) return std::nullopt;
  return ctime_text(*when, zone);
}

std::string operation_line(xml::Element entry, bool timing, UtcOffset zone) {
  std::string line = fmt::format("({}) {}", entry.get_or("call-id", {}), task_text(entry));
  const auto interval = to_integer(entry.get_or("interval", "0")).value_or(0);
  if (interval == 0 && !timing) return line;
  line += ':';
  if (interval != 0) line += fmt::format(" interval=\"{}ms\"", interval);
  if (!timing) return line;
  if (const auto changed = change_text(entry, zone)) {
    line += fmt::format(" last-rc-change=\"{}\"", *changed);
  }
  if (const auto exec = entry.get("exec-time")) line += fmt::format(" exec-time=\"{}ms\"", *exec);
  if (const auto queue = entry.get("queue-time")) {
    line += fmt::format(" queue-time=\"{}ms\"", *queue);
  }
  const int code = static_cast<int>(to_integer(entry.get_or("rc-code", {})).value_or(-1));
  return line + fmt::format(" rc={} ({})", code, exit_code_text(code));
}

void write_operation(xml::Writer& out, xml::Element entry, UtcOffset zone) {
  const int code = static_cast<int>(to_integer(entry.get_or("rc-code", {})).value_or(-1));
  const auto interval = to_integer(entry.get_or("interval", "0")).value_or(0);
  const auto milliseconds = [&](std::string_view name) {
    if (const auto value = entry.get(name)) out.attribute(name, fmt::format("{}ms", *value));
  };
  out.open("operation_history");
  out.attribute("call", entry.get_or("call-id", {}));
  out.attribute("task", task_text(entry));
  out.attribute("rc", code);
  out.attribute("rc_text", exit_code_text(code));
  if (interval != 0) out.attribute("interval", fmt::format("{}ms", interval));
  if (const auto changed = change_text(entry, zone)) out.attribute("last-rc-change", *changed);
  milliseconds("exec-time");
  milliseconds("queue-time");
  out.close();
}

}  // namespace

bool write_node_history(ListWriter& out, scheduler::Context& context, const Show& show,
                        const HistoryOptions& options) {
  bool headed = false;
  for_each_node(context, show, options, [&](const Node& node, const auto& histories) {
    if (!headed) out.begin_list(options.operations ? "Operations" : "Migration Summary");
    headed = true;
    if (histories.empty()) return;
    out.begin_list("Node: " + display_name(node, show.detail));
    for (const ResourceHistory& entry : histories) {
      if (!options.operations) {
        out.item(history_title(entry, entry.history.id(), false, show));
        continue;
      }
      out.begin_list(history_title(entry, entry.resource->printable_id(), true, show));
      for (xml::Element operation : entry.operations) {
        out.item(operation_line(operation, options.timing, show.zone));
      }
      out.end_list();
    }
    out.end_list();
  });
  if (headed) out.end_list();
  return headed;
}

bool write_node_history(xml::Writer& out, scheduler::Context& context, const Show& show,
                        const HistoryOptions& options) {
  bool headed = false;
  for_each_node(context, show, options, [&](const Node& node, const auto& histories) {
    if (!headed) out.open("node_history");
    headed = true;
    if (histories.empty()) return;
    out.open("node");
    out.attribute("name", node.name);
    for (const ResourceHistory& entry : histories) {
      out.open("resource_history");
      out.attribute("id", options.operations ? entry.resource->printable_id() : entry.history.id());
      out.attribute("orphan", false);
      out.attribute("removed", false);
      out.attribute("migration-threshold", entry.resource->migration_threshold);
      if (entry.failures.count > 0 || !options.operations) {
        out.attribute("fail-count", entry.failures.count);
      }
      if (entry.failures.last_failure > 0) {
        out.attribute("last-failure", ctime_text(entry.failures.last_failure, show.zone));
      }
      for (xml::Element operation : entry.operations) write_operation(out, operation, show.zone);
      out.close();
    }
    out.close();
  });
  if (headed) out.close();
  return headed;
}

}  // namespace quorate::status
