#include "scheduler/state/history.h"

#include <algorithm>

#include "base/duration.h"
#include "base/text.h"
#include "scheduler/actions/create.h"

/// The histories of one node, resource by resource (spec/03 §10).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::Resource;
using model::Role;

namespace {

/// §10.4: a lock of a cleanly stopped node, or its end.
void read_shutdown_lock(Context& context, Resource& resource, Node& node, xml::Element history) {
  const std::int64_t time = to_integer(history.get_or("shutdown-lock", {})).value_or(0);
  if (time == 0) return;
  const model::Options& options = context.snapshot.options;
  if (options.shutdown_lock_limit_ms > 0 &&
      context.snapshot.now_seconds > time + ms_to_seconds(options.shutdown_lock_limit_ms)) {
    delete_history(context, resource, node, false);
    return;
  }
  resource.lock_node = &node;
  resource.lock_time = time;
}

/// §10.6: recurring operations that are in effect.
void create_recurring_actions(ResourceHistory& history) {
  if (!history.node.online) return;
  const auto& entries = history.entries;
  if (std::none_of(entries.begin(), entries.end(),
                   [](const HistoryEntry& entry) { return entry.is_recurring(); })) {
    return;
  }
  const EntryMarks marks = entry_marks(entries);
  for (int i = 0; i < static_cast<int>(entries.size()); ++i) {
    const HistoryEntry& entry = entries[static_cast<std::size_t>(i)];
    if ((marks.start < marks.stop && i <= marks.stop) || i < marks.start) continue;
    if (!entry.is_recurring() || entry.status_text == "-1" || entry.task.empty()) continue;
    recurring_action(history.context, history.resource, entry.task, entry.interval_ms,
                     &history.node, true);
  }
}

void read_resource_history(Context& context, Node& node, xml::Element element,
                           bool& launched_removed) {
  const std::string_view id = element.id();
  if (id.empty()) {
    context.snapshot.report(MessageClass::kConfigError,
                            "Ignoring invalid lrm_resource entry: No id");
    return;
  }
  const bool has_entries = static_cast<bool>(element.first_child("lrm_rsc_op"));
  const bool locks = context.snapshot.options.shutdown_lock;
  if (!has_entries && !locks) return;
  Resource* resource = resource_of_history(context, node, element, has_entries);
  if (resource == nullptr) return;
  launched_removed = launched_removed || resource->removed_launched;
  if (locks) read_shutdown_lock(context, *resource, node, element);
  const Role saved = resource->role;
  resource->role = Role::kUnknown;
  ResourceHistory history{context, node, *resource, sorted_entries(context, element)};
  for (const HistoryEntry& entry : history.entries) process_entry(history, entry);
  create_recurring_actions(history);
  apply_history(history);
  if (const auto role = target_role(context, *resource)) {
    if (resource->next_role == Role::kUnknown || *role < resource->next_role) {
      resource->next_role = *role;
    }
  }
  resource->role = std::max(resource->role, saved);
}

/// Links removed resources with what launched them.
void link_removed_launched(Context& context, xml::Element resources) {
  for (xml::Element element : xml::children(resources, "lrm_resource")) {
    const auto container = element.get("container");
    if (!container || element.id().empty()) continue;
    Resource* launcher = context.snapshot.find_resource(*container);
    Resource* resource = context.snapshot.find_resource(element.id());
    if (launcher == nullptr || resource == nullptr || resource->launcher != nullptr ||
        !resource->removed_launched) {
      continue;
    }
    resource->launcher = launcher;
    launcher->launched.push_back(resource);
  }
}

}  // namespace

void read_node_history(Context& context, Node& node, xml::Element node_state) {
  const xml::Element resources = node_state.first_child("lrm").first_child("lrm_resources");
  bool launched_removed = false;
  for (xml::Element element : xml::children(resources, "lrm_resource")) {
    read_resource_history(context, node, element, launched_removed);
  }
  if (launched_removed) link_removed_launched(context, resources);
}

SortedHistory sorted_history(Context& context, xml::Element lrm_resource) {
  const std::vector<HistoryEntry> entries = sorted_entries(context, lrm_resource);
  const EntryMarks marks = entry_marks(entries);
  SortedHistory history{{}, marks.start, marks.stop};
  for (const HistoryEntry& entry : entries) history.entries.push_back(entry.element);
  return history;
}

}  // namespace quorate::scheduler
