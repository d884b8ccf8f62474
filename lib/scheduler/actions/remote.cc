#include <algorithm>

#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"
#include "scheduler/state/state.h"

/// Orderings across remote connections (spec/05 §17).
namespace quorate::scheduler {

using graph::Action;
using graph::Tags;
using model::Node;
using model::Resource;
using model::Role;
namespace tag = graph::tag;

namespace {

void order_after_connection(Context& context, Resource& connection, Action& action, Tags extra) {
  order_task_then(context, connection, "start", action, tag::kGuestOk | tag::kBlockThen | extra);
}

void order_before_connection(Context& context, Resource& connection, Action& action, Tags extra) {
  order_action_then(context, action, connection, "stop", tag::kGuestOk | extra);
}

bool is_one_of(std::string_view task, std::initializer_list<std::string_view> tasks) {
  return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
}

/// Tasks the tables of spec/05 §2.6 name.
bool is_known_task(std::string_view task) {
  return is_one_of(task, {"start", "running", "stop", "stopped", "promote", "promoted", "demote",
                          "demoted", "notify", "notified", "monitor", "do_shutdown", "stonith"});
}

void order_down_on_remote(Context& context, Resource& connection, Action& action,
                          ConnectionState state) {
  switch (state) {
    case ConnectionState::kAlive:
      return order_before_connection(context, connection, action, tag::kPullFirst);
    case ConnectionState::kFailed:
      return request_fencing(context, *action.node,
                             "resources are active but connection is unrecoverable");
    default:
      break;
  }
  if (connection.next_role == Role::kStopped) {
    order_before_connection(context, connection, action, tag::kPullFirst);
  } else {
    order_after_connection(context, connection, action, 0);
  }
}

void order_other_on_remote(Context& context, Resource& connection, Action& action,
                           ConnectionState state) {
  if (action.interval_ms > 0) {
    return order_after_connection(context, connection, action, tag::kPullThen);
  }
  if (action.task == "monitor" && state == ConnectionState::kFailed) {
    request_fencing(context, *action.node,
                    "resources are in unknown state and connection is unrecoverable");
  }
  if (current_node(connection) != nullptr && state == ConnectionState::kStopped) {
    order_before_connection(context, connection, action, tag::kBlockThen);
  } else {
    order_after_connection(context, connection, action, 0);
  }
}

/// Spec/05 §17.3.
void order_on_remote(Context& context, Resource& connection, Action& action) {
  const ConnectionState state = connection_state(*action.node);
  if (is_one_of(action.task, {"start", "promote"})) {
    order_after_connection(context, connection, action,
                           state == ConnectionState::kFailed ? tag::kPullThen : 0);
  } else if (is_one_of(action.task, {"stop", "migrate_to", "migrate_from"})) {
    order_down_on_remote(context, connection, action, state);
  } else if (action.task == "demote") {
    if (state == ConnectionState::kResting || state == ConnectionState::kUnknown) {
      order_after_connection(context, connection, action, 0);
    }
  } else {
    order_other_on_remote(context, connection, action, state);
  }
}

/// Spec/05 §17.4.
void order_on_guest(Context& context, Resource& connection, Action& action) {
  Resource& launcher = *connection.launcher;
  if (launcher.failed) request_fencing(context, *action.node, "container failed");
  if (is_one_of(action.task, {"start", "promote"})) {
    order_task_then(context, launcher, "start", action,
                    tag::kGuestOk | tag::kBlockThen | tag::kPullThen);
    order_after_connection(context, connection, action, 0);
  } else if (is_one_of(action.task, {"stop", "demote", "migrate_to", "migrate_from"})) {
    if (!launcher.failed) order_before_connection(context, connection, action, 0);
  } else if (action.interval_ms > 0) {
    if (is_known_task(action.task)) {
      order_after_connection(context, connection, action, tag::kPullThen);
    }
  } else {
    order_after_connection(context, connection, action, 0);
  }
}

void order_stops_after_reconnection(Context& context, Resource& connection, const Action& start) {
  for (Action* other = start.resource->newest_action; other != nullptr;
       other = other->next_of_resource) {
    if (other->task == "stop" && other->node != start.node) {
      order_task_then(context, connection, "start", *other, tag::kSeq);
    }
  }
}

}  // namespace

namespace {
/// By the node's attribute. (The mark `shutdown` is set on every node whose connection stops.)
bool is_shutdown_requested(const Node& remote) {
  return remote.attributes.get_or("shutdown", "0") != "0";
}
}  // namespace

ConnectionState connection_state(const Node& remote) {
  if (remote.connection == nullptr) return ConnectionState::kUnknown;
  const Resource& connection = *remote.connection;
  const Node* host = current_node(connection);
  if (connection.next_role == Role::kStopped || !connection.assigned) {
    if (host != nullptr && host->unclean) return ConnectionState::kFailed;
    if (!connection.failed) return ConnectionState::kStopped;
    const bool waits_to_reconnect = connection.next_role == Role::kStopped &&
                                    connection.reconnect_interval_ms > 0 && remote.was_fenced &&
                                    !is_shutdown_requested(remote);
    return waits_to_reconnect ? ConnectionState::kUnknown : ConnectionState::kFailed;
  }
  if (host == nullptr) return ConnectionState::kUnknown;
  if (host->unclean || !host->online) return ConnectionState::kResting;
  if (connection.active.size() > 1 && connection.partial_source != nullptr &&
      connection.partial_target != nullptr) {
    return ConnectionState::kResting;
  }
  return ConnectionState::kAlive;
}

void create_remote_orderings(Context& context) {
  if (!context.snapshot.has_remote_nodes) return;
  for (Action* action = context.graph.newest; action != nullptr; action = action->next) {
    if (action->resource == nullptr) continue;
    if (action->resource->is_connection() && iequals(action->task, "clear_failcount")) {
      order_action_then(context, *action, *action->resource, "start", tag::kSeq);
      continue;
    }
    if (action->node == nullptr || !action->node->is_remote_kind() || action->pseudo() ||
        action->node->connection == nullptr) {
      continue;
    }
    Resource& connection = *action->node->connection;
    if (action->task == "start") {
      order_stops_after_reconnection(context, connection, *action);
    }
    if (connection.launcher != nullptr) {
      order_on_guest(context, connection, *action);
    } else {
      order_on_remote(context, connection, *action);
    }
  }
}

}  // namespace quorate::scheduler
