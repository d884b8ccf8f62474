#include "scheduler/output/action_element.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/operation.h"

namespace quorate::scheduler {

using graph::Action;
using model::Node;
using model::Resource;

namespace {

bool is_fencing(const Action& action) { return action.task == "stonith"; }

std::string_view element_name(const Action& action) {
  if (action.pseudo()) return "pseudo_event";
  if (is_fencing(action) || action.task == "do_shutdown" || action.task == "clear_failcount" ||
      action.task == "lrm_delete") {
    return "crm_event";
  }
  return "rsc_op";
}

/// The task that decides where an action goes: for notifications the notified operation.
std::string_view effective_task(Context& context, Action& action) {
  if (action.task != "notify" && action.task != "notified") return action.task;
  return action_meta(context, action, "notify_operation").value_or(action.task);
}

bool is_down_task(std::string_view task) {
  return task == "cancel" || task == "stop" || task == "demote" || task == "migrate_from" ||
         task == "migrate_to";
}

bool is_locked_to(const Resource& resource, const Node& node, std::string_view task) {
  return resource.lock_node == &node && (!node.shutdown || task == "stop");
}

/// A stop of a connection that only moves by live migration takes no node down.
bool migrates(const Action& stop) {
  for (const graph::Edge* edge = stop.before; edge != nullptr; edge = edge->next) {
    if (edge->other->resource == stop.resource && edge->other->task == "migrate_from") return true;
  }
  return false;
}

}  // namespace

bool shows_node(const Action& action) {
  return action.node != nullptr && (!action.pseudo() || is_fencing(action));
}

std::string_view external_key(Context& context, Action& action) {
  if (action.resource == nullptr || action.resource->history_id.empty() ||
      action.resource->history_id == action.resource->id) {
    return action.key;
  }
  std::string key(action.resource->history_id);
  key += '_';
  if (action.task == "notify") {
    key += action_meta(context, action, "notify_type").value_or("");
    key += "_notify_";
    key += action_meta(context, action, "notify_operation").value_or("");
    key += "_0";
  } else {
    key += action.task == "cancel" ? action.cancelled_task : action.task;
    key += '_';
    key += std::to_string(action.interval_ms);
  }
  return context.snapshot.intern(key);
}

const Node* router_of(Context& context, Action& action) {
  if (is_fencing(action) || action.node == nullptr || !action.node->is_remote_kind() ||
      action.node->connection == nullptr) {
    return nullptr;
  }
  const Resource& connection = *action.node->connection;
  const Node* began = current_node(connection);
  const Node* ends = connection.assigned ? connection.assigned->node : nullptr;
  if (began == nullptr) return ends;
  if (ends == nullptr || began == ends) return began;
  const bool through_old = is_down_task(effective_task(context, action)) &&
                           (connection.launcher != nullptr || connection.partial_target == nullptr);
  return through_old ? began : ends;
}

std::string_view ActionElements::open(Action& action) {
  const std::string_view name = element_name(action);
  writer_.open(name);
  if (!action.pseudo() && action.task == "lrm_delete") writer_.attribute("mode", "cib");
  writer_.attribute("id", action.number);
  writer_.attribute("operation", action.task);
  const std::string_view key = external_key(context_, action);
  writer_.attribute("operation_key", key);
  const bool renamed = action.resource != nullptr && !action.resource->history_id.empty() &&
                       action.resource->history_id != action.resource->id;
  if (renamed) writer_.attribute("internal_operation_key", action.key);
  if (shows_node(action)) {
    writer_.attribute("on_node", action.node->name);
    writer_.attribute("on_node_uuid", action.node->id);
    if (const Node* router = router_of(context_, action)) {
      writer_.attribute("router_node", router->name);
    }
  }
  return name;
}

void ActionElements::write_trigger(Action& action) {
  open(action);
  writer_.end_empty();
}

void ActionElements::write(Action& action) {
  const std::string_view name = open(action);
  const bool of_resource = !action.pseudo() && action.resource != nullptr;
  if (of_resource && action.node != nullptr &&
      is_locked_to(*action.resource, *action.node, action.task)) {
    writer_.attribute("shutdown-lock", action.resource->lock_time);
  }
  writer_.children();
  if (of_resource) write_resource(action);
  write_attributes(action);
  if (shows_node(action)) write_downed(action);
  if (action.task == "maintenance_nodes" && action.resource == nullptr) write_maintenance();
  writer_.close(name);
}

void ActionElements::write_resource(const Action& action) {
  const Resource& resource = *action.resource;
  const std::string_view history_id = resource.history_id;
  writer_.open(resource.xml.name());
  if (resource.removed && !history_id.empty()) {
    writer_.attribute("id", history_id);
    writer_.attribute("long-id", resource.id);
  } else if (!resource.unique) {
    const bool by_history = !history_id.empty() && history_id != resource.xml_id;
    writer_.attribute("id", resource.xml_id);
    writer_.attribute("long-id", by_history ? history_id : resource.id);
  } else {
    writer_.attribute("id", resource.id);
  }
  for (const char* name : {"class", "provider", "type"}) {
    if (const auto value = resource.xml.get(name)) writer_.attribute(name, *value);
  }
  writer_.end_empty();
}

void ActionElements::write_downed(Action& action) {
  std::vector<std::string_view> ids;
  const Resource* resource = action.resource;
  if (action.task == "do_shutdown") {
    ids.push_back(action.node->id);
  } else if (is_fencing(action)) {
    const std::string_view operation = action.meta.get_or("stonith_action", {});
    if (operation != "off" && operation != "reboot") return;
    ids.push_back(action.node->id);
    for (const Resource* active : action.node->running) {
      if (!active->is_connection() || active->launcher == nullptr) continue;
      ids.push_back(active->id);
    }
  } else if (resource != nullptr && resource->is_connection() && action.task == "stop" &&
             !migrates(action)) {
    ids.push_back(resource->id);
  }
  if (ids.empty()) return;
  writer_.open("downed");
  writer_.children();
  for (const std::string_view id : ids) {
    writer_.open("node");
    writer_.attribute("id", id);
    writer_.end_empty();
  }
  writer_.close("downed");
}

void ActionElements::write_maintenance() {
  writer_.open("maintenance");
  writer_.children();
  for (const Node* node : context_.snapshot.nodes_by_name) {
    if (!node->is_remote_kind() || node->maintenance == node->was_in_maintenance) continue;
    writer_.open("node");
    writer_.attribute("id", node->id);
    writer_.attribute("node_in_maintenance", node->maintenance ? "1" : "0");
    writer_.end_empty();
  }
  writer_.close("maintenance");
}

}  // namespace quorate::scheduler
