#include "simulate/cluster.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace quorate::cli::simulate {
namespace {

using xml::Element;

Element child_or_new(Element parent, std::string_view name) {
  const Element found = parent.first_child(name);
  return found ? found : parent.add(name);
}

Element child_with(Element parent, std::string_view name, std::string_view attribute,
                   std::string_view value) {
  for (Element child : xml::children(parent, name)) {
    if (child.get_or(attribute, {}) == value) return child;
  }
  return {};
}

void add_to(Element element, std::string_view attribute, std::int64_t amount) {
  const auto value = to_integer(element.get_or(attribute, "0")).value_or(0);
  element.set(attribute, std::to_string(value + amount));
}

std::string replace_hash(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '#', '.');
  return text;
}

}  // namespace

Element Cluster::section(std::string_view name, std::string_view parent) {
  return child_or_new(parent.empty() ? root_ : child_or_new(root_, parent), name);
}

void Cluster::count_status_change() { add_to(root_, "num_updates", 1); }

void Cluster::count_configuration_change() {
  add_to(root_, "epoch", 1);
  root_.set("num_updates", "0");
}

void Cluster::set_quorum(std::string_view value) {
  root_.set("have-quorum", value);
  count_status_change();
}

void Cluster::set_watchdog(std::string_view value) {
  Element options = section("crm_config", "configuration");
  Element pair;
  for (Element set : xml::children(options, "cluster_property_set")) {
    if (!pair) pair = child_with(set, "nvpair", "name", "have-watchdog");
  }
  if (!pair) {
    Element set = child_with(options, "cluster_property_set", "id", "cib-bootstrap-options");
    if (!set) {
      set = options.add("cluster_property_set");
      set.set("id", "cib-bootstrap-options");
    }
    pair = set.add("nvpair");
    pair.set("id", "cib-bootstrap-options-have-watchdog");
    pair.set("name", "have-watchdog");
  }
  pair.set("value", value);
  count_configuration_change();
}

void Cluster::set_ticket(std::string_view id, std::string_view name, std::string_view value) {
  Element tickets = child_or_new(section("status"), "tickets");
  Element ticket = child_with(tickets, "ticket_state", "id", id);
  if (!ticket) {
    ticket = tickets.add("ticket_state");
    ticket.set("id", id);
  }
  ticket.set(name, value);
  count_status_change();
}

void Cluster::add_configured_node(std::string_view name) {
  Element nodes = section("nodes", "configuration");
  if (child_with(nodes, "node", "uname", name)) return;
  Element node = nodes.add("node");
  node.set("id", name);
  node.set("uname", name);
  count_configuration_change();
}

Result<Element> Cluster::node_state(std::string_view name, std::string_view fallback_id) {
  if (add_nodes_) add_configured_node(name);
  Element status = section("status");
  Element found;
  for (Element state : xml::children(status, "node_state")) {
    if (state.get_or("uname", {}) != name) continue;
    if (found) {
      return fail(ErrorKind::kInternal,
                  "node " + std::string(name) + " has two entries in the status section");
    }
    found = state;
  }
  if (found) return found;
  std::string id = id_of_ ? id_of_(name) : std::string();
  if (id.empty()) id = fallback_id;
  if (id.empty() && add_nodes_) id = name;
  if (id.empty()) {
    return fail(ErrorKind::kNotFound, "node " + std::string(name) + " is not in the configuration");
  }
  Element state = child_with(status, "node_state", "id", id);
  if (!state) {
    state = status.add("node_state");
    state.set("id", id);
    state.set("uname", name);
    count_status_change();
  } else {
    state.set("uname", name);
  }
  return state;
}

void Cluster::set_liveness(Element state, std::string_view in_ccm, std::string_view crmd,
                           std::string_view join, std::string_view origin) {
  state.set("in_ccm", in_ccm);
  state.set("crmd", crmd);
  state.set("join", join);
  state.set("expected", join);
  state.set("crm-debug-origin", origin);
  count_status_change();
}

Result<void> Cluster::bring_up(std::string_view name) {
  const auto state = node_state(name);
  if (!state) return tl::unexpected<Error>(state.error());
  set_liveness(*state, "true", "online", "member", "crm_simulate");
  return {};
}

Result<void> Cluster::take_down(std::string_view name, std::string_view origin,
                                std::string_view id) {
  const auto state = node_state(name, id);
  if (!state) return tl::unexpected<Error>(state.error());
  set_liveness(*state, "false", "offline", "down", origin);
  histories_.clear();
  for (const std::string_view part : {"lrm", "transient_attributes"}) {
    bool removed = false;
    while (Element child = state->first_child(part)) {
      child.remove();
      removed = true;
    }
    if (removed) count_status_change();
  }
  return {};
}

Result<void> Cluster::fail_node(std::string_view name) {
  const auto state = node_state(name);
  if (!state) return tl::unexpected<Error>(state.error());
  set_liveness(*state, "true", "online", "member", "crm_simulate");
  Element element = *state;
  element.set("in_ccm", "false");
  return {};
}

void Cluster::raise_fail_count(
    Element node_state, std::string_view resource, std::string_view task, std::int64_t interval_ms,
    bool to_infinity, const std::function<void(std::string_view, std::string_view)>& told) {
  const std::string suffix =
      std::string(resource) + "#" + std::string(task) + "_" + std::to_string(interval_ms);
  Element transient = child_or_new(node_state, "transient_attributes");
  if (!transient.has("id")) transient.set("id", node_state.id());
  Element block = transient.first_child("instance_attributes");
  if (!block) {
    block = transient.add("instance_attributes");
    block.set("id", node_state.id());
  }
  const auto write = [&](const std::string& name, const std::string& value) {
    const std::string id = std::string(block.id()) + "-" + replace_hash(name);
    Element pair = child_with(block, "nvpair", "id", id);
    if (!pair) {
      pair = block.add("nvpair");
      pair.set("id", id);
      pair.set("name", name);
    }
    pair.set("value", value);
    told(name, value);
  };
  const std::string count_name = "fail-count-" + suffix;
  std::int64_t count = 0;
  bool infinite = to_infinity;
  if (const Element old = child_with(block, "nvpair", "name", count_name)) {
    infinite = infinite || old.get_or("value", {}) == "INFINITY";
    count = to_integer(old.get_or("value", "0")).value_or(0);
  }
  write(count_name, infinite ? "INFINITY" : std::to_string(count + 1));
  write("last-failure-" + suffix, std::to_string(now_seconds_));
}

Element Cluster::find_history(Element list, const std::string& id) {
  const auto [index, is_new] = histories_.try_emplace(list.raw());
  if (is_new) {
    for (Element history : xml::children(list, "lrm_resource")) {
      const auto [entry, unique] = index->second.try_emplace(std::string(history.id()), history);
      // As users of the reference know it: results of a resource whose history is there twice go
      // into a third.
      if (!unique) entry->second = Element();
    }
  }
  const auto found = index->second.find(id);
  return found == index->second.end() ? Element() : found->second;
}

Result<Element> Cluster::history_of(Element node_state, const ActionResult& result) {
  Element lrm = node_state.first_child("lrm");
  if (!lrm) {
    lrm = node_state.add("lrm");
    lrm.set("id", node_state.id());
  }
  Element list = child_or_new(lrm, "lrm_resources");
  if (const Element found = find_history(list, result.name)) return found;
  if (const Element found = find_history(list, result.resource_id)) {
    return found;
  }
  static constexpr std::array<std::string_view, 5> kClasses = {"ocf", "stonith", "service",
                                                               "systemd", "lsb"};
  if (std::find(kClasses.begin(), kClasses.end(), result.standard) == kClasses.end()) {
    return fail(ErrorKind::kInvalid,
                "Invalid class for " + result.resource_id + ": " + result.standard);
  }
  if (result.standard == "ocf" && result.provider.empty()) {
    return fail(ErrorKind::kInvalid,
                "Please specify the provider for resource " + result.resource_id);
  }
  Element resource = list.add("lrm_resource");
  resource.set("id", result.resource_id);
  resource.set("class", result.standard);
  if (!result.provider.empty()) resource.set("provider", result.provider);
  resource.set("type", result.type);
  const auto [entry, unique] = histories_[list.raw()].try_emplace(result.resource_id, resource);
  if (!unique) entry->second = Element();
  return resource;
}

void Cluster::write_entry(Element history, std::string_view id, const ActionResult& result,
                          int call_id, Element node_state, std::string_view exit_reason) {
  Element entry = child_with(history, "lrm_rsc_op", "id", id);
  if (!entry) {
    entry = history.add("lrm_rsc_op");
    entry.set("id", id);
  }
  const std::string interval = std::to_string(result.interval_ms);
  const std::string code = std::to_string(result.task == "notify" ? 0 : result.code);
  const std::string now = std::to_string(now_seconds_);
  const std::string key = std::to_string(call_id) + ":-1:" + std::to_string(result.target_code) +
                          ":xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const std::string task =
      result.task == "reload" || result.task == "reload-agent" ? "start" : result.task;
  entry.set("operation_key", result.resource_id + "_" + task + "_" + interval);
  entry.set("operation", task);
  entry.set("crm-debug-origin", "crm_simulate");
  entry.set("crm_feature_set", kFeatureSet);
  entry.set("transition-key", key);
  entry.set("transition-magic", "0:" + code + ";" + key);
  entry.set("exit-reason", exit_reason);
  entry.set("on_node", node_state.get_or("uname", {}));
  entry.set("call-id", std::to_string(call_id));
  entry.set("rc-code", code);
  entry.set("op-status", "0");
  entry.set("interval", interval);
  entry.set("last-rc-change", now);
  entry.set("exec-time", "0");
  entry.set("queue-time", "0");
  if (task == "migrate_to" || task == "migrate_from") {
    entry.set("migrate_source", result.migrate_source);
    entry.set("migrate_target", result.migrate_target);
  }
  if (result.digest) entry.set("op-digest", *result.digest);
}

Result<void> Cluster::record(Element node_state, const ActionResult& result) {
  const auto history = history_of(node_state, result);
  if (!history) return tl::unexpected<Error>(history.error());
  std::int64_t call_id = 0;
  for (Element entry : xml::children(*history, "lrm_rsc_op")) {
    call_id = std::max(call_id, to_integer(entry.get_or("call-id", "0")).value_or(0));
  }
  const int next_call = static_cast<int>(std::min<std::int64_t>(call_id + 1, 2'000'000'000));
  const std::string& id = result.resource_id;
  const std::string task =
      result.task == "reload" || result.task == "reload-agent" ? "start" : result.task;
  const auto write = [&](const std::string& entry_id, std::string_view reason) {
    write_entry(*history, entry_id, result, next_call, node_state, reason);
  };
  if (task == "notify") {
    write(id + "_" + result.notify_type + "_notify_" + result.notify_operation + "_0", {});
  } else if (task == "migrate_to" || task == "migrate_from") {
    write(id + "_" + task + "_0", {});
  } else if (result.code != result.target_code) {
    write(id + "_last_failure_0", result.exit_reason);
    if (result.interval_ms == 0) write(id + "_last_0", result.exit_reason);
  } else if (result.interval_ms > 0) {
    write(id + "_" + task + "_" + std::to_string(result.interval_ms), {});
  } else {
    write(id + "_last_0", {});
  }
  count_status_change();
  return {};
}

}  // namespace quorate::cli::simulate
