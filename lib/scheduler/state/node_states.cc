#include <string>

#include "base/duration.h"
#include "base/text.h"
#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// First pass over the status: tickets and cluster nodes (spec/03 §7).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;

namespace {

void warn(Context& context, std::string text) {
  context.snapshot.report(MessageClass::kWarning, std::move(text));
}

model::Ticket& ticket_of(model::Snapshot& snapshot, std::string_view id) {
  for (model::Ticket& ticket : snapshot.tickets) {
    if (ticket.id == id) return ticket;
  }
  model::Ticket& ticket = snapshot.tickets.emplace_back();
  ticket.id = id;
  return ticket;
}

void read_ticket(Context& context, xml::Element element) {
  if (element.id().empty()) return;
  model::Ticket& ticket = ticket_of(context.snapshot, element.id());
  for (const xml::Attribute& attribute : element.attributes()) {
    if (attribute.name != "id") ticket.state.set(attribute.name, attribute.value);
  }
  ticket.granted = is_true(element.get("granted"));
  ticket.standby = is_true(element.get("standby"));
  if (const auto granted_at = element.get("last-granted")) {
    const auto time = to_integer(*granted_at);
    if (!time) {
      warn(context, concat({"Using 0 as last time ticket ", ticket.id, " was granted because '",
                            *granted_at, "' is not a valid time"}));
    }
    ticket.last_granted = time.value_or(0);
  }
}

/// Member time M of spec/03 §7.4: -1 if unknown.
std::int64_t member_time(Context& context, const Node& node, xml::Element state) {
  const auto text = state.get("in_ccm");
  if (!text) return -1;
  if (const auto flag = parse_boolean(*text)) return *flag ? context.snapshot.now_seconds : 0;
  if (const auto time = to_integer(*text); time && *time >= 0) return *time;
  warn(context, concat({"Unrecognized value '", *text, "' for in_ccm in state of ", node.name}));
  return -1;
}

/// Online time P.
std::int64_t process_time(Context& context, const Node& node, xml::Element state) {
  const auto text = state.get("crmd");
  if (!text || iequals(*text, "offline")) return 0;
  if (iequals(*text, "online")) return 1;
  if (const auto time = to_integer(*text); time && *time >= 0) return *time;
  warn(context, concat({"Unrecognized value '", *text, "' for crmd in state of ", node.name}));
  return 0;
}

bool is_fencing_wanted(Context& context, const Node& node) {
  const auto text = node.attributes.get("terminate");
  if (!text) return false;
  if (const auto flag = parse_boolean(*text)) return *flag;
  if (const auto number = to_integer(*text)) return *number > 0;
  warn(context, concat({"Ignoring invalid value '", *text, "' of terminate for ", node.name}));
  return false;
}

bool online_without_fencing(Context& context, Node& node, xml::Element state) {
  const std::int64_t member = member_time(context, node, state);
  const std::int64_t process = process_time(context, node, state);
  if (member <= 0) return false;
  if (process > 0) return iequals(state.get_or("join", {}), "member");
  if (node.expected_up) request_fencing(context, node, "peer is unexpectedly down");
  return false;
}

/// Has the node been a member for too long without its controller joining?
bool pending_too_long(Context& context, std::int64_t member, std::int64_t process) {
  const std::int64_t timeout_ms = context.snapshot.options.node_pending_timeout_ms;
  if (timeout_ms <= 0 || member <= 0 || process > 0) return false;
  const std::int64_t limit = member + ms_to_seconds(timeout_ms);
  if (context.snapshot.now_seconds >= limit) return true;
  context.snapshot.propose_recheck(limit);
  return false;
}

bool online_with_fencing(Context& context, Node& node, xml::Element state) {
  const std::int64_t member = member_time(context, node, state);
  const std::int64_t process = process_time(context, node, state);
  const std::string_view join = state.get_or("join", {});
  const std::string_view expected = state.get_or("expected", {});
  const auto fence = [&](std::string_view reason, bool online, bool priority_delay = false) {
    request_fencing(context, node, reason, priority_delay);
    return online;
  };
  const auto wait = [&](bool online) {
    node.standby = true;
    node.pending = true;
    return online;
  };
  const bool wanted = is_fencing_wanted(context, node);
  if (node.shutdown) return process > 0;
  if (member < 0) return fence("peer has not been seen by the cluster", false);
  if (join == "banned") return fence("peer failed Pacemaker membership criteria", member > 0);
  if (wanted && member <= 0 && process <= 0 && join == "down") return false;
  if (wanted) return fence("fencing was requested", member > 0);
  if (expected.empty() || expected == "down") {
    if (pending_too_long(context, member, process)) {
      return fence("peer pending timed out on joining the process group", member > 0);
    }
    if (member > 0 || process > 0) return wait(member > 0);
    return false;
  }
  if (member <= 0) return fence("peer is no longer part of the cluster", false, true);
  if (process <= 0) return fence("peer process is no longer available", true);
  if (join == "member") return true;
  if (join == "pending" || join == "down") return wait(true);
  return fence("peer was in an unknown state", true);
}

void determine_online(Context& context, Node& node, xml::Element state) {
  if (wants_shutdown(node)) {
    node.shutdown = true;
  } else if (iequals(state.get_or("expected", {}), "member")) {
    node.expected_up = true;
  }
  const bool online = context.snapshot.options.fencing_enabled
                          ? online_with_fencing(context, node, state)
                          : online_without_fencing(context, node, state);
  node.online = online;
  if (!online || node.shutdown) node.base_score = -kInfinity;
  if (node.unclean) {
    context.snapshot.report(MessageClass::kProcessingWarning, concat({node.name, " is unclean"}));
  }
}

void read_cluster_node(Context& context, Node& node, xml::Element state) {
  model::Snapshot& snapshot = context.snapshot;
  read_transient_attributes(context, node, state);
  if (is_true(node.attributes.get("standby"))) node.standby = true;
  if (is_true(node.attributes.get("maintenance"))) node.maintenance = true;
  const auto discovery = node.attributes.get("resource-discovery-enabled");
  if (discovery && !is_true(discovery)) {
    snapshot.report(MessageClass::kConfigWarning,
                    concat({"Ignoring resource-discovery-enabled attribute for ", node.name,
                            " because disabling resource discovery is not allowed for cluster "
                            "nodes"}));
  }
  node.unclean = false;
  node.seen = true;
  determine_online(context, node, state);
  if (!snapshot.quorate && node.online &&
      snapshot.options.quorum_policy == model::QuorumPolicy::kFence) {
    request_fencing(context, node, "cluster does not have quorum");
  }
}

void read_node_state(Context& context, xml::Element state) {
  model::Snapshot& snapshot = context.snapshot;
  const auto id = state.get("id");
  if (!id) {
    snapshot.report(MessageClass::kConfigError, "Ignoring invalid node_state entry without id");
    return;
  }
  Node* node = snapshot.find_node(*id, state.get_or("uname", {}));
  if (node == nullptr) {
    snapshot.report(MessageClass::kNotice,
                    concat({"Ignoring recorded state for removed node with "
                            "name ",
                            state.get_or("uname", "unknown"), " and id ", *id}));
    return;
  }
  if (node->is_remote_kind()) {
    node->was_fenced = count_setting(context, state.get("node_fenced"), 0) != 0;
    return;
  }
  read_cluster_node(context, *node, state);
}

}  // namespace

void read_node_states(Context& context) {
  for (xml::Element element : xml::children(context.snapshot.sections.status)) {
    if (element.name() == "node_state") read_node_state(context, element);
    if (element.name() == "tickets") {
      for (xml::Element ticket : xml::children(element, "ticket_state")) {
        read_ticket(context, ticket);
      }
    }
  }
}

void determine_remote_online(Node& node) {
  model::Resource* connection = node.connection;
  if (connection == nullptr) {
    node.online = false;
    return;
  }
  const model::Resource* launcher = connection->launcher;
  if (connection->role == model::Role::kStarted) {
    node.online = true;
    if (connection->next_role == model::Role::kStopped) node.shutdown = true;
  }
  if (launcher != nullptr && launcher->failed) {
    node.online = false;
    node.needs_reset = true;
  } else if (connection->failed) {
    node.online = false;
  } else if (connection->role == model::Role::kStopped ||
             (launcher != nullptr && launcher->role == model::Role::kStopped)) {
    node.online = false;
    node.needs_reset = false;
  } else if (launcher != nullptr && connection->active.size() == 1) {
    const Node& host = *connection->active.front();
    if (!host.online && host.unclean) {
      node.online = false;
      node.needs_reset = true;
    }
  }
}

void read_remote_node_state(Context& context, Node& node, xml::Element state) {
  model::Snapshot& snapshot = context.snapshot;
  node.was_in_maintenance = count_setting(context, state.get("node_in_maintenance"), 0) != 0;
  if (!node.needs_reset) {
    node.unclean = false;
    node.seen = true;
  }
  read_transient_attributes(context, node, state);
  if (wants_shutdown(node)) node.shutdown = true;
  if (is_true(node.attributes.get("standby"))) node.standby = true;
  if (is_true(node.attributes.get("maintenance")) ||
      (node.connection != nullptr && !node.connection->managed)) {
    node.maintenance = true;
  }
  const auto discovery = node.attributes.get("resource-discovery-enabled");
  if (!discovery || is_true(discovery)) return;
  snapshot.report_once(MessageClass::kConfigWarning,
                       "Support for the resource-discovery-enabled node attribute is deprecated "
                       "and will be removed (and behave as 'true') in a future release.");
  if (node.is_remote() && !snapshot.options.fencing_enabled) {
    snapshot.report(MessageClass::kConfigWarning,
                    concat({"Ignoring resource-discovery-enabled attribute on Pacemaker Remote "
                            "node ",
                            node.name, " because fencing is disabled"}));
  } else {
    node.probes_allowed = false;
  }
}

}  // namespace quorate::scheduler
