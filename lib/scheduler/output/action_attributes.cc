#include <algorithm>
#include <string>

#include "base/text.h"
#include "scheduler/actions/operation.h"
#include "scheduler/output/action_element.h"
#include "scheduler/state/state.h"

/// The `attributes` child of an action (spec/06 §8).
namespace quorate::scheduler {

using graph::Action;
using model::Node;
using model::Resource;

namespace {

constexpr std::string_view kFeatureSet = "3.20.5";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Where a guest is while an action with this task happens in it.
const Node* host_during(const Resource& launcher, std::string_view task) {
  if (task == "stop" || task == "stopped" || task == "demote" || task == "demoted") {
    return current_node(launcher);
  }
  if (task == "start" || task == "running" || task == "monitor" || task == "promote" ||
      task == "promoted") {
    return launcher.assigned ? launcher.assigned->node : nullptr;
  }
  return nullptr;
}

}  // namespace

std::string_view ActionElements::meta_name(std::string_view name) {
  if (const auto found = meta_names_.find(name); found != meta_names_.end()) return found->second;
  std::string text;
  if (name.find_first_of("#:") == std::string_view::npos) {
    text.append("CRM_meta_").append(name);
    std::replace(text.begin(), text.end(), '-', '_');
  }
  const std::string_view kept = text.empty() ? std::string_view() : context_.snapshot.intern(text);
  meta_names_.emplace(context_.snapshot.intern(name), kept);
  return kept;
}

void ActionElements::add_parameter(std::string_view name, std::string_view value, int rank) {
  if (!name.empty() && is_digit(name.front())) {
    numbered_.push_back({name, value, rank});
  } else {
    add(name, value, rank);
  }
}

void ActionElements::add_parameters(Action& action) {
  for (const auto& [name, value] : action_parameters(context_, action)) {
    add_parameter(name, value, 1);
  }
  Resource* resource = action.resource;
  if (resource == nullptr || (action.node == nullptr && !resource->is_primitive())) return;
  if (!resource->is_primitive()) return;
  const model::NameValues& values = parameters_of(context_, *resource, action.node);
  for (const auto& [name, value] : values) {
    if (name == "addr" && value == "#uname") {
      const auto substituted = parameters_of(context_, *resource, nullptr).get("addr");
      add_parameter(name, substituted.value_or(value), 2);
    } else {
      add_parameter(name, value, 2);
    }
  }
}

void ActionElements::add_meta(Action& action) {
  const auto add_table = [this](const model::NameValues& table, int rank) {
    for (const auto& [name, value] : table) {
      const std::string_view attribute = meta_name(name);
      if (!attribute.empty()) add(attribute, value, rank);
    }
  };
  add_table(action.meta, 3);
  add_table(settings_meta(context_, action), 4);
  if (!shows_node(action)) return;
  add("CRM_meta_on_node", action.node->name, 5);
  add("CRM_meta_on_node_uuid", action.node->id, 5);
}

void ActionElements::add_clone_settings(const Resource& clone, int rank) {
  const model::CloneSettings& settings = *clone.clone;
  const auto number = [this](int value) { return context_.snapshot.intern(std::to_string(value)); };
  add("CRM_meta_globally_unique", clone.unique ? "true" : "false", rank);
  add("CRM_meta_notify", clone.notify ? "true" : "false", rank);
  add("CRM_meta_clone_max", number(settings.clone_max), rank);
  add("CRM_meta_clone_node_max", number(settings.clone_node_max), rank);
  if (!clone.promotable) return;
  const std::string_view promoted_max = number(settings.promoted_max);
  const std::string_view promoted_node_max = number(settings.promoted_node_max);
  add("CRM_meta_promoted_max", promoted_max, rank);
  add("CRM_meta_promoted_node_max", promoted_node_max, rank);
  add("CRM_meta_master_max", promoted_max, rank);
  add("CRM_meta_master_node_max", promoted_node_max, rank);
}

void ActionElements::add_lineage(const Resource& resource) {
  int rank = 0;
  for (const Resource* at = &resource; at != nullptr; at = at->parent) {
    --rank;
    if (at->is_clone()) add_clone_settings(*at, rank);
    if (at->launcher != nullptr) add("CRM_meta_container", at->launcher->id, rank);
    if (!at->is_primitive()) continue;
    if (at->instance_number >= 0) {
      add("CRM_meta_clone", context_.snapshot.intern(std::to_string(at->instance_number)), rank);
    }
    if (const auto remote = at->meta.get("remote-node")) {
      add("CRM_meta_remote_node", *remote, rank);
    }
    if (const auto address = at->meta.get("external-ip")) add("pcmk_external_ip", *address, rank);
  }
}

void ActionElements::add_host(Action& action) {
  if (action.node == nullptr || !action.node->is_guest_or_bundle()) return;
  std::string_view task = action.task;
  if (task == "notify" || task == "notified") {
    task = action_meta(context_, action, "notify_operation").value_or(task);
  }
  const Node* host = host_during(*action.node->connection->launcher, task);
  if (host == nullptr) return;
  if (const auto target = action.resource->meta.get("container-attribute-target")) {
    add("CRM_meta_container_attribute_target", *target, 6);
  }
  add("CRM_meta_physical_host", host->name, 6);
}

void ActionElements::collect_attributes(Action& action) {
  entries_.clear();
  numbered_.clear();
  add("crm_feature_set", kFeatureSet, 0);
  add_parameters(action);
  add_meta(action);
  if (action.resource != nullptr) {
    add_lineage(*action.resource);
    add_host(action);
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    const int order = a.name.compare(b.name);
    return order != 0 ? order < 0 : a.rank < b.rank;
  });
}

void ActionElements::write_attributes(Action& action) {
  collect_attributes(action);
  writer_.open("attributes");
  std::string_view previous;
  for (const Entry& entry : entries_) {
    if (entry.name == previous) continue;
    previous = entry.name;
    writer_.attribute(entry.name, entry.value);
  }
  if (numbered_.empty()) return writer_.end_empty();
  writer_.children();
  for (std::size_t i = 0; i < numbered_.size(); ++i) {
    const auto same = [&](const Entry& other) { return other.name == numbered_[i].name; };
    const auto begin = numbered_.begin();
    if (std::any_of(begin, begin + static_cast<std::ptrdiff_t>(i), same)) continue;
    writer_.open("param");
    writer_.attribute("name", numbered_[i].name);
    writer_.attribute("value", numbered_[i].value);
    writer_.end_empty();
  }
  writer_.close("attributes");
}

}  // namespace quorate::scheduler
