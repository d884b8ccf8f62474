#include "scheduler/actions/definitions.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/text.h"
#include "scheduler/actions/actions.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/operation.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"
#include "scheduler/state/state.h"

/// Compares what runs with what is configured now (spec/05 §6, spec/03 §16.5).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::Resource;

namespace {

/// Primitives by ID and history ID, depth first in list order.
using PrimitiveIndex = std::unordered_map<std::string_view, std::vector<Resource*>>;

PrimitiveIndex index_primitives(Context& context) {
  PrimitiveIndex index;
  for (Resource* top : context.snapshot.resources) {
    for_each_primitive(*top, [&](Resource& primitive) {
      index[primitive.id].push_back(&primitive);
      if (!primitive.history_id.empty() && primitive.history_id != primitive.id) {
        index[primitive.history_id].push_back(&primitive);
      }
    });
  }
  return index;
}

/// The histories of each node, by its exact name; null if there are several.
std::unordered_map<std::string_view, xml::Element> find_histories(const Context& context) {
  std::unordered_map<std::string_view, xml::Element> histories;
  for (const xml::Element state : children(context.snapshot.sections.status, "node_state")) {
    for (const xml::Element lrm : children(state, "lrm")) {
      for (const xml::Element resources : children(lrm, "lrm_resources")) {
        const auto [at, is_new] = histories.emplace(state.get_or("uname", {}), resources);
        if (!is_new) at->second = {};
      }
    }
  }
  return histories;
}

bool is_checked(const Node& node) {
  return node.maintenance || (node.online && !node.unclean && !node.standby && !node.shutdown);
}

bool is_active_on(const Resource& resource, const Node& node) {
  return std::find(resource.active.begin(), resource.active.end(), &node) != resource.active.end();
}

/// History entries hold milliseconds.
std::int64_t interval_of(xml::Element entry) {
  return to_integer(entry.get_or("interval", {})).value_or(0);
}

bool is_checked_task(std::string_view task) {
  return task == "monitor" || task == "start" || task == "promote" || task == "migrate_from";
}

bool has_late_address(Context& context, Resource& resource) {
  if (!resource.is_connection() || resource.launcher == nullptr) return false;
  return iequals(parameters_of(context, resource, nullptr).get_or("addr", {}), "#uname");
}

void clear_if_failed(Context& context, Resource& resource, Node& node) {
  FailCountQuery query;
  if (fail_count(context, resource, node, query).count == 0) return;
  clear_fail_count(context, resource, node, "action definition changed");
}

void check_active_entry(Context& context, Resource& resource, Node& node, xml::Element entry) {
  const std::int64_t interval_ms = interval_of(entry);
  const std::string_view task = entry.get_or("operation", {});
  if (task.empty()) return;
  if (interval_ms > 0 && (resource.maintenance || node.maintenance)) {
    return cancel_running(context, resource, node, entry, "maintenance mode");
  }
  if (interval_ms == 0 && !is_checked_task(task)) return;
  if (has_late_address(context, resource)) {
    context.snapshot.deferred_checks.push_back({entry, &resource, &node, false});
    return;
  }
  if (check_definition(context, resource, node, entry)) clear_if_failed(context, resource, node);
}

void check_resource(Context& context, Resource& resource, Node& node, xml::Element history) {
  if (resource.removed) {
    if (!top_of(resource).is_anonymous_clone()) clean_up(context, resource, node);
    return;
  }
  const bool active = is_active_on(resource, node);
  if (agent_changed(context, resource, node, history, active)) {
    clean_up(context, resource, node);
  }
  if (!active) return;
  const SortedHistory sorted = sorted_history(context, history);
  if (sorted.start < sorted.stop) return;
  const auto first = static_cast<std::size_t>(std::max(sorted.start, 0));
  for (std::size_t i = first; i < sorted.entries.size(); ++i) {
    check_active_entry(context, resource, node, sorted.entries[i]);
  }
}

}  // namespace

void check_changed_definitions(Context& context) {
  const PrimitiveIndex primitives = index_primitives(context);
  const auto histories = find_histories(context);
  for (Node* node : context.snapshot.nodes_by_name) {
    if (!is_checked(*node)) continue;
    const auto found = histories.find(node->name);
    if (found == histories.end() || !found->second) continue;
    for (const xml::Element history : children(found->second, "lrm_resource")) {
      if (!history.first_child()) continue;
      const auto matches = primitives.find(history.id());
      if (matches == primitives.end()) continue;
      for (auto at = matches->second.rbegin(); at != matches->second.rend(); ++at) {
        check_resource(context, **at, *node, history);
      }
    }
  }
}

void check_deferred_definitions(Context& context) {
  for (const model::DeferredCheck& check : context.snapshot.deferred_checks) {
    Resource& resource = *check.resource;
    Node& node = *check.node;
    if (!check.of_last_failure) {
      if (check_definition(context, resource, node, check.entry)) {
        clear_if_failed(context, resource, node);
      }
      continue;
    }
    const DigestResult result =
        compare_digests(context, resource, node, check.entry.get_or("operation", {}),
                        interval_of(check.entry), check.entry)
            .result;
    if (result != DigestResult::kUnknown && result != DigestResult::kMatch) {
      clear_fail_count(context, resource, node, "resource parameters have changed");
    }
  }
}

void clear_failures_of_removed(Context& context) {
  if (!context.snapshot.options.stop_removed_resources) return;
  for (Resource* resource : context.snapshot.resources) {
    if (!resource->removed) continue;
    for (Node* node : context.snapshot.nodes_by_name) {
      if (!node->online) continue;
      FailCountQuery query;
      if (fail_count(context, *resource, *node, query).count == 0) continue;
      graph::Action& clear = clear_fail_count(context, *resource, *node, "it is removed");
      order_action_then(context, clear, *resource, "stop", graph::tag::kSeq);
    }
  }
}

}  // namespace quorate::scheduler
