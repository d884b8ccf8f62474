#include "exceptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace quorate::properties {
namespace {

using model::Resource;
using Successors = std::map<const Resource*, std::set<const Resource*>>;

/// A failure of that very monitor in the history of the node.
bool has_recorded_failure(const transition::Action& action, xml::Element status) {
  bool found = false;
  for (const xml::Element state : xml::children(status, "node_state")) {
    if (state.get("uname") != action.node) continue;
    xml::for_each_descendant(state.first_child("lrm"), [&](xml::Element element) {
      found =
          found || (element.name() == "lrm_rsc_op" && element.id().ends_with("_last_failure_0") &&
                    element.parent().id() == action.resource.id() &&
                    element.get("interval") == std::to_string(action.interval_ms));
    });
  }
  return found;
}

/// Has something been given up that the plan had wanted of the clone that the instance belongs to?
bool is_hindered(const scheduler::Schedule& plan, std::string_view id) {
  const Resource* instance = plan.snapshot->find_resource(id);
  if (instance == nullptr) return false;
  const Resource& clone = model::top_of(*instance);
  return std::any_of(plan.actions->actions.begin(), plan.actions->actions.end(),
                     [&](const graph::Action& action) {
                       return action.interval_ms == 0 && action.resource != nullptr &&
                              &model::top_of(*action.resource) == &clone && action.required() &&
                              !action.runnable();
                     });
}

bool starts(std::string_view key) {
  return key.find("_stop") == std::string_view::npos &&
         key.find("_demote") == std::string_view::npos;
}

bool is_reached(const Successors& successors, const Resource* from, const Resource* wanted) {
  std::vector<const Resource*> waiting = {from};
  std::set<const Resource*> seen;
  while (!waiting.empty()) {
    const Resource* at = waiting.back();
    waiting.pop_back();
    const auto found = successors.find(at);
    if (found == successors.end()) continue;
    for (const Resource* next : found->second) {
      if (next == wanted) return true;
      if (seen.insert(next).second) waiting.push_back(next);
    }
  }
  return false;
}

}  // namespace

bool is_repeated(const transition::Action& action, const scheduler::Schedule& plan,
                 xml::Element status) {
  if (action.task == "cancel") return has_recorded_failure(action, status);
  return action.task == "notify" && is_hindered(plan, action.resource.id());
}

bool waits_for_its_inside(const scheduler::Schedule& plan) {
  Successors successors;
  const auto add = [&](const Resource* first, const Resource* then) {
    if (first == nullptr || then == nullptr) return;
    successors[&model::outermost_of(*first)].insert(&model::outermost_of(*then));
  };
  for (const graph::Relation& relation : plan.actions->relations) {
    if (relation.constraint_id.empty()) continue;
    if (starts(relation.first_key) && starts(relation.then_key)) {
      add(relation.first_resource, relation.then_resource);
    }
  }
  std::set<const Resource*> launchers;
  for (const Resource& resource : plan.snapshot->all_resources) {
    std::vector<const model::Node*> nodes(resource.active.begin(), resource.active.end());
    if (resource.assigned) nodes.push_back(resource.assigned->node);
    for (const model::Node* node : nodes) {
      if (node == nullptr || node->connection == nullptr) continue;
      const Resource* launcher = node->connection->launcher;
      if (launcher == nullptr) launcher = node->connection;
      launchers.insert(&model::outermost_of(*launcher));
      if (!model::bundle_of(*launcher)) add(launcher, &resource);
    }
  }
  return std::any_of(launchers.begin(), launchers.end(), [&](const Resource* launcher) {
    return is_reached(successors, launcher, launcher);
  });
}

bool may_displace_each_other(const model::Snapshot& snapshot) {
  if (snapshot.options.placement_strategy != model::PlacementStrategy::kDefault) return true;
  return std::any_of(snapshot.colocations.begin(), snapshot.colocations.end(),
                     [](const model::Colocation& c) { return c.is_explicit; }) ||
         std::any_of(snapshot.all_resources.begin(), snapshot.all_resources.end(),
                     [](const Resource& r) { return r.is_clone() && r.unique; });
}

bool may_forget_failures(xml::Element cib) {
  std::set<std::string_view> watched;
  xml::for_each_descendant(cib.first_child("configuration"), [&](xml::Element element) {
    if (element.name() == "op" && element.get("role") == "Stopped") {
      watched.insert(element.parent().parent().id());
    }
  });
  xml::for_each_descendant(cib.first_child("configuration"), [&](xml::Element element) {
    if (watched.contains(element.get_or("template", {}))) watched.insert(element.id());
  });
  bool found = false;
  xml::for_each_descendant(cib.first_child("status"), [&](xml::Element element) {
    found = found || (element.name() == "lrm_rsc_op" && element.id().ends_with("_last_failure_0") &&
                      watched.contains(model::base_name(element.parent().id())));
  });
  return found;
}

bool is_half_unique(const model::Snapshot& snapshot) {
  return std::any_of(snapshot.all_resources.begin(), snapshot.all_resources.end(),
                     [](const Resource& resource) {
                       return resource.is_primitive() && resource.unique &&
                              model::top_of(resource).is_anonymous_clone();
                     });
}

bool has_migrated(const scheduler::Schedule& plan, xml::Element cib) {
  std::set<std::string_view> migrated;
  xml::for_each_descendant(cib.first_child("status"), [&](xml::Element element) {
    if (element.name() == "lrm_rsc_op" && element.get("operation") == "migrate_to") {
      migrated.insert(model::base_name(element.parent().id()));
    }
  });
  return std::any_of(plan.actions->actions.begin(), plan.actions->actions.end(),
                     [&](const graph::Action& action) {
                       return action.resource != nullptr && action.has(graph::flag::kGraphed) &&
                              migrated.contains(model::base_name(action.resource->id));
                     });
}

bool exchanges_instances(const scheduler::Schedule& plan) {
  std::set<const Resource*> stopped;
  std::set<const Resource*> started;
  for (const graph::Action& action : plan.actions->actions) {
    if (action.resource == nullptr || !action.has(graph::flag::kGraphed)) continue;
    const Resource& top = model::top_of(*action.resource);
    if (!top.is_anonymous_clone() || &top == action.resource) continue;
    if (action.task == "stop") stopped.insert(&top);
    if (action.task == "start") started.insert(&top);
  }
  return std::any_of(stopped.begin(), stopped.end(),
                     [&](const Resource* clone) { return started.contains(clone); });
}

bool has_failed_to_disconnect(xml::Element cib) {
  bool found = false;
  xml::for_each_descendant(cib.first_child("status"), [&](xml::Element element) {
    found =
        found || (element.name() == "lrm_rsc_op" && element.id().ends_with("_last_failure_0") &&
                  element.get("operation") == "stop" && element.parent().get("type") == "remote");
  });
  return found;
}

bool keeps_failed_connection(const scheduler::Schedule& plan, xml::Element cib) {
  bool found = false;
  xml::for_each_descendant(cib.first_child("status"), [&](xml::Element element) {
    if (element.name() != "lrm_rsc_op" || !element.id().ends_with("_last_failure_0")) return;
    const Resource* connection = plan.snapshot->find_resource(element.parent().id());
    if (connection == nullptr || !connection->is_connection() || connection->launcher == nullptr) {
      return;
    }
    found = found || std::none_of(plan.actions->actions.begin(), plan.actions->actions.end(),
                                  [&](const graph::Action& action) {
                                    return action.resource == connection &&
                                           action.task == "start" &&
                                           action.has(graph::flag::kGraphed);
                                  });
  });
  return found;
}

std::string whereabouts(const model::Snapshot& snapshot) {
  std::string text;
  for (const Resource& resource : snapshot.all_resources) {
    if (!resource.is_primitive()) continue;
    for (const model::Node* node : resource.active) {
      text += fmt::format("{}@{}={} ", resource.id, node->name, static_cast<int>(resource.role));
    }
  }
  return text;
}

}  // namespace quorate::properties
