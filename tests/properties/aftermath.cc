#include "aftermath.h"

#include <fmt/format.h>

#include <vector>

namespace quorate::properties {
namespace {

using transition::Action;
using transition::ActionKind;

xml::Element find_state(xml::Element status, std::string_view name, std::string_view id) {
  for (const xml::Element state : xml::children(status, "node_state")) {
    if (state.get("uname") == name || (!id.empty() && state.id() == id)) return state;
  }
  return {};
}

/// The entry of a node that is known to be remote; a new one if it has none.
xml::Element remote_state(xml::Element status, std::string_view name) {
  xml::Element state = find_state(status, name, name);
  if (!state) {
    state = status.add("node_state");
    state.set("id", name);
    state.set("uname", name);
  }
  state.set("remote_node", "true");
  return state;
}

void remove_where(xml::Element start, const auto& unwanted) {
  if (!start) return;
  std::vector<xml::Element> found;
  xml::for_each_descendant(start, [&](xml::Element element) {
    if (unwanted(element)) found.push_back(element);
  });
  for (xml::Element element : found) element.remove();
}

void remove_children(xml::Element state, std::string_view name) {
  while (xml::Element child = state.first_child(name)) child.remove();
}

void forget_history(xml::Element state, std::string_view resource) {
  remove_where(state, [&](xml::Element element) {
    return element.name() == "lrm_resource" && element.id() == resource;
  });
}

/// Entries of a resource's history that are of an operation with that interval.
void forget_entries(xml::Element state, const Action& action, const auto& unwanted) {
  remove_where(state, [&](xml::Element element) {
    return element.name() == "lrm_rsc_op" && element.parent().id() == action.resource.id() &&
           element.get_or("interval", "0") == std::to_string(action.interval_ms) &&
           unwanted(element);
  });
}

/// A recurring action that was cancelled leaves nothing but a failure it may have had.
void forget_monitor(xml::Element state, const Action& action) {
  forget_entries(state, action,
                 [](xml::Element element) { return !element.id().ends_with("_last_failure_0"); });
}

void forget_notification(xml::Element state, const Action& action) {
  forget_entries(state, action,
                 [](xml::Element element) { return element.get("operation") == "notify"; });
}

void forget_failures(xml::Element state, const Action& action) {
  const std::vector<std::string> names = {std::string(action.resource.id()),
                                          std::string(action.resource.get_or("long-id", {}))};
  remove_where(state.first_child("transient_attributes"), [&](xml::Element element) {
    const std::string_view name = element.get_or("name", {});
    for (const std::string& resource : names) {
      if (name.starts_with(fmt::format("fail-count-{}#", resource)) ||
          name.starts_with(fmt::format("last-failure-{}#", resource))) {
        return element.name() == "nvpair";
      }
    }
    return false;
  });
  remove_where(state.first_child("lrm"), [&](xml::Element element) {
    return element.name() == "lrm_rsc_op" && element.parent().id() == action.resource.id() &&
           element.id().ends_with("_last_failure_0");
  });
}

void set_attribute(xml::Element state, std::string_view name, std::string_view value) {
  xml::Element attributes = state.first_child("transient_attributes");
  if (!attributes) {
    attributes = state.add("transient_attributes");
    attributes.set("id", state.id());
  }
  xml::Element set = attributes.first_child("instance_attributes");
  if (!set) {
    set = attributes.add("instance_attributes");
    set.set("id", fmt::format("status-{}", state.id()));
  }
  const std::string id = fmt::format("status-{}-{}", state.id(), name.substr(1));
  remove_where(set, [&](xml::Element element) { return element.id() == id; });
  if (value.empty()) return;
  xml::Element pair = set.add("nvpair");
  pair.set("id", id);
  pair.set("name", name);
  pair.set("value", value);
}

void take_down(xml::Element state) {
  for (const char* name : {"in_ccm", "crmd"}) {
    if (state.has(name)) state.set(name, name == std::string_view("crmd") ? "offline" : "false");
  }
  state.set("join", "down");
  state.set("expected", "down");
  remove_children(state, "transient_attributes");
}

/// Has the connection gone to another node from this one?
bool is_handed_over(xml::Element status, const Action& action) {
  bool found = false;
  xml::for_each_descendant(status, [&](xml::Element element) {
    found = found || (element.name() == "lrm_rsc_op" && element.get("rc-code") == "0" &&
                      element.get("operation") == "migrate_from" &&
                      element.get("migrate_source") == action.node &&
                      element.parent().id() == action.resource.id());
  });
  return found;
}

/// spec/09 §22: a connection that was opened or closed.
void change_connection(xml::Element status, const Action& action) {
  xml::Element state = remote_state(status, action.resource.id());
  if (action.task == "start") {
    remove_children(state, "lrm");
    state.set("in_ccm", "true");
    state.set("node_fenced", "0");
  } else if (action.task == "stop") {
    if (is_handed_over(status, action)) return;
    state.set("in_ccm", "false");
  } else {
    return;
  }
  remove_children(state, "transient_attributes");
}

void after_fencing(xml::Element status, const Action& action, std::int64_t now_seconds) {
  const bool is_remote = action.node == action.node_id;
  xml::Element state =
      is_remote ? remote_state(status, action.node) : find_state(status, action.node, {});
  if (!state) return;
  if (action.meta("stonith_action") == "on") {
    set_attribute(state, "#node-unfenced", std::to_string(now_seconds));
    set_attribute(state, "#digests-all", action.meta("digests_all"));
    set_attribute(state, "#digests-secure", action.meta("digests_secure"));
    return;
  }
  if (is_remote) state.set("node_fenced", std::to_string(now_seconds));
  if (action.kind == ActionKind::kPseudo) {  // a guest, by way of its host or its resource
    remove_children(state, "lrm");
    take_down(state);
  }
}

void after_maintenance(xml::Element status, const Action& action) {
  for (const auto& [id, value] : action.maintenance()) {
    remote_state(status, id).set("node_in_maintenance", value ? "1" : "0");
  }
}

void after_resource_action(xml::Element status, const Action& action, bool failed) {
  const xml::Element state = find_state(status, action.node, action.node_id);
  if (!state) return;
  if (action.task == "notify") forget_notification(state, action);
  if (action.task == "delete") forget_history(state, action.resource.id());
  if (action.task == "cancel") forget_monitor(state, action);
  const bool is_connection =
      action.resource.get("type") == "remote" && action.resource.get("provider") == "pacemaker";
  if (is_connection && !failed) change_connection(status, action);
}

}  // namespace

void leave_aftermath(const Action& action, bool failed, xml::Element status,
                     std::int64_t now_seconds) {
  if (action.is_fencing()) {
    return after_fencing(status, action, now_seconds);
  }
  if (action.task == "maintenance_nodes") return after_maintenance(status, action);
  if (action.kind == ActionKind::kResource) return after_resource_action(status, action, failed);
  const xml::Element state = find_state(status, action.node, action.node_id);
  if (!state) return;
  if (action.task == "clear_failcount") forget_failures(state, action);
  if (action.task == "lrm_delete") forget_history(state, action.resource.id());
  if (action.task == "do_shutdown") take_down(state);
}

}  // namespace quorate::properties
