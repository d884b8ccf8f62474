#include "scheduler/actions/notify_data.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "scheduler/actions/steps.h"

namespace quorate::scheduler {

using graph::Action;
using model::Node;
using model::Resource;
using model::Role;

namespace {

void add_current_state(Resource& instance, NotifyData& data) {
  const NotifyEntry entry{&instance, instance.active.empty() ? nullptr : instance.active.front()};
  switch (instance.role) {
    case Role::kStopped:
      data.inactive.push_back(entry);
      return;
    case Role::kStarted:
      data.active.push_back(entry);
      return;
    case Role::kUnpromoted:
      data.unpromoted.push_back(entry);
      data.active.push_back(entry);
      return;
    case Role::kPromoted:
      data.promoted.push_back(entry);
      data.active.push_back(entry);
      return;
    case Role::kUnknown:
      return;
  }
}

void add_planned_actions(Resource& instance, NotifyData& data) {
  for (const Action* action = instance.newest_action; action != nullptr;
       action = action->next_of_resource) {
    if (!action->required() || action->node == nullptr) continue;
    const bool is_stop = action->task == "stop";
    if (!action->runnable() && !(is_stop && action->node->unclean)) continue;
    const NotifyEntry entry{&instance, action->node};
    if (is_stop) {
      data.stop.push_back(entry);
    } else if (action->task == "start") {
      data.start.push_back(entry);
    } else if (action->task == "promote") {
      data.promote.push_back(entry);
    } else if (action->task == "demote") {
      data.demote.push_back(entry);
    }
  }
}

void sort_entries(NotifyList& list) {
  const auto before = [](const NotifyEntry& a, const NotifyEntry& b) {
    if (a.instance->id != b.instance->id) return a.instance->id < b.instance->id;
    if (a.node == nullptr || b.node == nullptr) return a.node == nullptr && b.node != nullptr;
    return a.node->id < b.node->id;
  };
  std::stable_sort(list.begin(), list.end(), before);
}

/// IDs and node names of a list; an empty text is written as one space.
struct Texts {
  std::string ids;
  std::string nodes;
};

void append_word(std::string& text, std::string_view word) {
  if (!text.empty()) text += ' ';
  text += word;
}

std::string_view keep(Context& context, const std::string& text) {
  return text.empty() ? std::string_view(" ") : context.snapshot.intern(text);
}

Texts texts_of(NotifyList& list, bool with_nodes) {
  sort_entries(list);
  Texts texts;
  std::string_view previous;
  for (const NotifyEntry& entry : list) {
    if (entry.instance->id == previous) continue;
    if (with_nodes && entry.node == nullptr) continue;
    previous = entry.instance->id;
    append_word(texts.ids, entry.instance->id);
    if (with_nodes) append_word(texts.nodes, entry.node->name);
  }
  return texts;
}

/// All nodes; guests as the nodes they run on if `hosts` is wanted.
std::string node_names(const Context& context, bool hosts) {
  std::string text;
  for (const Node* node : context.snapshot.nodes_by_name) {
    if (hosts && node->is_guest_or_bundle()) {
      const Resource& launcher = *node->connection->launcher;
      if (!launcher.active.empty()) node = current_node(launcher);
    }
    append_word(text, node->name);
  }
  return text;
}

std::string available_names(const Context& context, const Resource& clone) {
  std::string text;
  for (const Node* node : context.snapshot.nodes_by_name) {
    if (clone.allowed.find(*node) != nullptr) append_word(text, node->name);
  }
  return text;
}

}  // namespace

NotifyData collect_notify_data(Resource& clone) {
  NotifyData data;
  for_each_primitive(clone, [&](Resource& instance) {
    add_current_state(instance, data);
    add_planned_actions(instance, data);
  });
  return data;
}

NotifyVariables notify_variables(Context& context, Resource& clone, NotifyData& data) {
  NotifyVariables variables;
  const auto add = [&](std::string_view name, const std::string& text) {
    variables.emplace_back(name, keep(context, text));
  };
  const auto add_list = [&](std::string_view ids, std::string_view nodes, NotifyList& list) {
    const Texts texts = texts_of(list, true);
    add(ids, texts.ids);
    add(nodes, texts.nodes);
  };
  add_list("notify_stop_resource", "notify_stop_uname", data.stop);
  add_list("notify_start_resource", "notify_start_uname", data.start);
  add_list("notify_demote_resource", "notify_demote_uname", data.demote);
  add_list("notify_promote_resource", "notify_promote_uname", data.promote);
  add_list("notify_active_resource", "notify_active_uname", data.active);
  add_list("notify_unpromoted_resource", "notify_unpromoted_uname", data.unpromoted);
  add_list("notify_slave_resource", "notify_slave_uname", data.unpromoted);
  add_list("notify_promoted_resource", "notify_promoted_uname", data.promoted);
  add_list("notify_master_resource", "notify_master_uname", data.promoted);
  add("notify_inactive_resource", texts_of(data.inactive, false).ids);
  add("notify_available_uname", available_names(context, clone));
  if (iequals(clone.meta.get_or("container-attribute-target", {}), "host")) {
    add("notify_all_hosts", node_names(context, true));
  }
  add("notify_all_uname", node_names(context, false));
  return variables;
}

NotifyVariables fencing_notify_variables(Context& context, Resource& instance, Node* node) {
  NotifyVariables variables;
  variables.emplace_back("notify_stop_resource", instance.id);
  if (node != nullptr) {
    variables.emplace_back("notify_stop_uname", context.snapshot.intern(node->name));
  }
  return variables;
}

}  // namespace quorate::scheduler
