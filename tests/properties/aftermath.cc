#include "aftermath.h"

#include <fmt/format.h>

#include <vector>

namespace quorate::properties {
namespace {

using transition::Action;

xml::Element state_of(xml::Element status, const Action& action) {
  for (const xml::Element state : xml::children(status, "node_state")) {
    if (state.get("uname") == action.node || state.id() == action.node_id) return state;
  }
  return {};
}

void remove_where(xml::Element start, const auto& unwanted) {
  std::vector<xml::Element> found;
  xml::for_each_descendant(start, [&](xml::Element element) {
    if (unwanted(element)) found.push_back(element);
  });
  for (xml::Element element : found) element.remove();
}

void forget_history(xml::Element state, std::string_view resource) {
  remove_where(state, [&](xml::Element element) {
    return element.name() == "lrm_resource" && element.id() == resource;
  });
}

/// A recurring action that was cancelled leaves nothing but a failure it may have had.
void forget_monitor(xml::Element state, const Action& action) {
  remove_where(state, [&](xml::Element element) {
    if (element.name() != "lrm_rsc_op" || element.parent().id() != action.resource.id() ||
        element.get_or("interval", "0") != std::to_string(action.interval_ms)) {
      return false;
    }
    return !element.id().ends_with("_last_failure_0");
  });
}

void forget_failures(xml::Element state, std::string_view resource) {
  const std::string base(resource.substr(0, resource.find(':')));
  remove_where(state.first_child("transient_attributes"), [&](xml::Element element) {
    const std::string_view name = element.get_or("name", {});
    return element.name() == "nvpair" && (name.starts_with(fmt::format("fail-count-{}#", base)) ||
                                          name.starts_with(fmt::format("last-failure-{}#", base)));
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
  xml::Element pair = set.add("nvpair");
  pair.set("id", id);
  pair.set("name", name);
  pair.set("value", value);
}

}  // namespace

void leave_aftermath(const transition::Graph& graph, xml::Element status,
                     std::int64_t now_seconds) {
  for (const Action& action : graph.actions) {
    const xml::Element state = state_of(status, action);
    if (!state) continue;
    if (action.task == "delete") forget_history(state, action.resource.id());
    if (action.task == "cancel") forget_monitor(state, action);
    if (action.task == "clear_failcount") forget_failures(state, action.resource.id());
    if (action.is_fencing() && action.meta("stonith_action") == "on") {
      set_attribute(state, "#node-unfenced", std::to_string(now_seconds));
      set_attribute(state, "#digests-all", action.meta("digests_all"));
      set_attribute(state, "#digests-secure", action.meta("digests_secure"));
    }
  }
}

}  // namespace quorate::properties
