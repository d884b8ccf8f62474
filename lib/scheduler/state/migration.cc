#include <algorithm>

#include "base/text.h"
#include "scheduler/state/cache.h"
#include "scheduler/state/history.h"

/// Migrations in the history (spec/03 §13).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::Resource;
using model::Role;
using Found = std::optional<HistoryEntry>;

namespace {

/// Look-ups in the histories of one resource on all nodes.
class Migration {
 public:
  Migration(ResourceHistory& history, const HistoryEntry& entry)
      : context_(history.context),
        resource_(history.resource),
        source(entry.migrate_source),
        target(entry.migrate_target) {}

  std::vector<HistoryEntry> entries_on(std::string_view node) const {
    std::vector<HistoryEntry> entries;
    const auto& histories =
        cache_of(context_).histories.find(context_.snapshot.sections.status, node, resource_.id);
    for (xml::Element history : histories) {
      for (xml::Element element : xml::children(history, "lrm_rsc_op")) {
        entries.push_back(parse_entry(element));
      }
    }
    return entries;
  }

  /// The one entry of a task, with that peer and, if `code` is given, that successful result.
  Found find(std::string_view task, std::string_view node, std::string_view peer,
             std::optional<int> code) const {
    Found found;
    for (const HistoryEntry& entry : entries_on(node)) {
      if (entry.task != task) continue;
      if (!peer.empty() && task == "migrate_to" && entry.migrate_target != peer) continue;
      if (!peer.empty() && task == "migrate_from" && entry.migrate_source != peer) continue;
      if (code && (entry.code != *code || entry.status != 0)) continue;
      if (found) return std::nullopt;
      found = entry;
    }
    return found;
  }

  bool has_newer_action(std::string_view node, const HistoryEntry& than) const {
    const auto entries = entries_on(node);
    return std::any_of(entries.begin(), entries.end(), [&](const HistoryEntry& entry) {
      const bool counts = entry.task == "start" || entry.task == "stop" ||
                          entry.task == "migrate_to" || entry.task == "migrate_from";
      return counts && !(entry.element == than.element) && is_newer(entry, than);
    });
  }

  bool is_stopped_since(std::string_view node, const HistoryEntry& than) const {
    const Found stopped = find("monitor", node, {}, exit_status::kNotRunning);
    return stopped && is_newer(*stopped, than);
  }

  /// Does the node know something newer than this migration?
  bool has_newer_state(std::string_view node, const Found& to, const Found& from) const {
    const HistoryEntry& than = from && !(to && iequals(from->migrate_source, node)) ? *from : *to;
    return has_newer_action(node, than) || is_stopped_since(node, than);
  }

  bool is_unknown_on(std::string_view node) const {
    const auto entries = entries_on(node);
    return std::all_of(entries.begin(), entries.end(), [](const HistoryEntry& entry) {
      return entry.code == exit_status::kUnknown;
    });
  }

  Node* find_node(std::string_view name) const { return context_.snapshot.find_node_by_name(name); }

 private:
  bool is_newer(const HistoryEntry& entry, const HistoryEntry& than) const {
    return !(entry.element == than.element) && compare_entries(context_, entry, than) > 0;
  }

  Context& context_;
  Resource& resource_;

 public:
  const std::string_view source;
  const std::string_view target;
};

/// Does the entry name both ends, and this node as the end it must be?
bool is_consistent(ResourceHistory& history, const HistoryEntry& entry, bool is_source) {
  model::Snapshot& snapshot = history.context.snapshot;
  if (entry.migrate_source.empty() || entry.migrate_target.empty()) {
    snapshot.report(MessageClass::kConfigError,
                    concat({"Ignoring resource history entry ", entry.id,
                            " without migrate_source and migrate_target"}));
    return false;
  }
  const std::string_view end = is_source ? entry.migrate_source : entry.migrate_target;
  if (iequals(end, history.node.name)) return true;
  snapshot.report(MessageClass::kConfigError,
                  concat({"Ignoring resource history entry ", entry.id, " because ",
                          is_source ? "migrate_source" : "migrate_target", "='", end,
                          "' does not match ", history.node.name}));
  return false;
}

void fail_migration(Resource& resource) {
  fail_and_stop(resource);
  resource.migratable = false;
}

void add_dangling_source(ResourceHistory& history) {
  auto& sources = history.resource.dangling_sources;
  sources.insert(sources.begin(), &history.node);
}

}  // namespace

void read_migrate_to_success(ResourceHistory& history, const HistoryEntry& entry) {
  if (!is_consistent(history, entry, true)) return;
  Resource& resource = history.resource;
  const Migration migration(history, entry);
  const bool source_newer = migration.has_newer_action(migration.source, entry);
  const Found from = migration.find("migrate_from", migration.target, migration.source, {});
  if (from && source_newer) return;
  const bool target_newer = migration.has_newer_state(migration.target, entry, from);
  if (source_newer && target_newer) return;
  const std::int64_t from_code = from ? from->code.value_or(exit_status::kUnknown) : 0;
  const std::int64_t from_status =
      from ? from->status.value_or(-1) : static_cast<int>(OpStatus::kPending);
  if (from && from_code == exit_status::kOk && from_status == 0) {
    resource.role = Role::kStopped;
    add_dangling_source(history);
    return;
  }
  resource.role = Role::kStarted;
  Node* target = migration.find_node(migration.target);
  const bool target_online = target != nullptr && target->online;
  const bool active_on_target = !target_newer && target_online;
  if (from && from_status != static_cast<int>(OpStatus::kPending)) {
    if (active_on_target) {
      add_active(history.context, resource, *target, true);
    } else {
      fail_migration(resource);
    }
    return;
  }
  if (target_online && migration.is_unknown_on(migration.target)) return;
  if (active_on_target) {
    add_active(history.context, resource, *target, false);
    Node* source = migration.find_node(migration.source);
    if (source != nullptr && source->online) {
      resource.partial_target = target;
      resource.partial_source = source;
    }
  } else if (!source_newer) {
    fail_migration(resource);
  }
}

void read_migrate_to_failure(ResourceHistory& history, const HistoryEntry& entry) {
  if (!is_consistent(history, entry, true)) return;
  Resource& resource = history.resource;
  resource.role = Role::kStarted;
  const Migration migration(history, entry);
  const Found from =
      migration.find("migrate_from", migration.target, migration.source, exit_status::kOk);
  if (!migration.is_unknown_on(migration.target) &&
      !migration.has_newer_state(migration.target, entry, from)) {
    Node* target = migration.find_node(migration.target);
    if (target != nullptr && target->online) {
      add_active(history.context, resource, *target, false);
    }
  } else if (!migration.has_newer_action(migration.source, entry)) {
    add_dangling_source(history);
  }
}

void read_migrate_from_failure(ResourceHistory& history, const HistoryEntry& entry) {
  if (!is_consistent(history, entry, false)) return;
  Resource& resource = history.resource;
  resource.role = Role::kStarted;
  const Migration migration(history, entry);
  const Found to =
      migration.find("migrate_to", migration.source, migration.target, exit_status::kOk);
  if (migration.is_unknown_on(migration.source) ||
      migration.has_newer_state(migration.source, to, entry)) {
    return;
  }
  Node* source = migration.find_node(migration.source);
  if (source != nullptr && source->online) add_active(history.context, resource, *source, true);
}

}  // namespace quorate::scheduler
