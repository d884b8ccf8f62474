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

/// Is the resource to be stopped, and can't be, somewhere?
bool is_stop_blocked(const scheduler::Schedule& plan, std::string_view id) {
  const Resource* resource = plan.snapshot->find_resource(id);
  if (resource == nullptr) return false;
  for (const graph::Action* at = resource->newest_action; at != nullptr;
       at = at->next_of_resource) {
    if (at->task == "stop" && at->required() && !at->runnable()) return true;
  }
  return false;
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

/// Does something have to wait for what runs inside it: a guest or bundle, by constraints or by
/// way of others, for a resource that is to run on the node it makes? Each start of the one takes
/// the other down.
bool waits_for_its_inside(const scheduler::Schedule& plan) {
  Successors successors;
  const auto add = [&](const Resource* first, const Resource* then) {
    if (first == nullptr || then == nullptr) return;
    successors[&model::outermost_of(*first)].insert(&model::outermost_of(*then));
  };
  for (const graph::Relation& relation : plan.actions->relations) {
    // Also one that stops or demotes after a start: whatever it stops is stopped for each start.
    if (relation.constraint_id.empty() || !starts(relation.first_key)) continue;
    add(relation.first_resource, relation.then_resource);
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

/// Is a container placed on a node that its own bundle makes? A location constraint whose rule
/// passes for nodes without an attribute passes for those, too, and its score is all they have in
/// the container's table (spec/04 §6.5).
bool is_placed_inside_itself(const model::Snapshot& snapshot) {
  return std::any_of(
      snapshot.nodes_by_name.begin(), snapshot.nodes_by_name.end(), [&](const model::Node* node) {
        if (!node->is_bundle()) return false;
        const Resource& bundle = model::outermost_of(*node->connection);
        return std::any_of(snapshot.all_resources.begin(), snapshot.all_resources.end(),
                           [&](const Resource& resource) {
                             return resource.is_primitive() && resource.assigned &&
                                    resource.assigned->node == node &&
                                    &model::top_of(resource) == &resource &&  // not in the clone
                                    &model::outermost_of(resource) == &bundle;
                           });
      });
}

/// Could resources displace each other for ever? Placement goes from one resource to the next
/// (spec/04 §13), each looking at where the others are now: with colocations, with capacity, or
/// among the instances of a unique clone or bundle one arrangement can make another one better.
bool may_displace_each_other(const model::Snapshot& snapshot) {
  if (snapshot.options.placement_strategy != model::PlacementStrategy::kDefault) return true;
  return std::any_of(snapshot.colocations.begin(), snapshot.colocations.end(),
                     [](const model::Colocation& c) { return c.is_explicit; }) ||
         std::any_of(snapshot.all_resources.begin(), snapshot.all_resources.end(),
                     [](const Resource& r) { return (r.is_clone() || r.is_bundle()) && r.unique; });
}

/// Does something count for where others are only as long as those are stopped: a member of a group
/// with critical=false, a dependent with influence=false (spec/04 §11.1)? What started for its sake
/// may have no reason to run once it does.
bool may_lose_influence(const model::Snapshot& snapshot) {
  return std::any_of(snapshot.colocations.begin(), snapshot.colocations.end(),
                     [](const model::Colocation& c) { return !c.influence; });
}

/// Is there a failure of something that is watched where it is stopped? A monitor of the role
/// Stopped that finds what it should makes the failure forgotten (spec/03 §11.5), and with it why
/// the resource, or everything on the node, was stopped.
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

/// Is there a clone that is anonymous, but not in all its members? It asked to be globally unique
/// and has a member whose agent can't be: members of the first instance read before that one stay
/// unique (spec/03 §5.10), so their histories are found under two names.
bool is_half_unique(const model::Snapshot& snapshot) {
  return std::any_of(snapshot.all_resources.begin(), snapshot.all_resources.end(),
                     [](const Resource& resource) {
                       return resource.is_primitive() && resource.unique &&
                              model::top_of(resource).is_anonymous_clone();
                     });
}

/// Has something been migrated that the plan acts on?
/// Everything here happens in the same second, so histories of two nodes don't say which came
/// first; and those of an anonymous clone's instances are looked up by the instance's ID, under
/// which nothing is found (spec/03 §13.1).
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

/// Does a remote node count as offline although its connection is up? With shutdown-lock its state
/// is read even if that of the node the connection runs on comes later (spec/03 §9.1).
bool is_read_too_early(model::Snapshot& snapshot) {
  if (!snapshot.options.shutdown_lock) return false;
  std::set<const model::Node*> read;
  for (const xml::Element state : xml::children(snapshot.sections.status, "node_state")) {
    const model::Node* node = snapshot.find_node_by_name(state.get_or("uname", {}));
    if (node == nullptr) continue;
    read.insert(node);
    const Resource* connection = node->connection;
    if (connection == nullptr || connection->launcher != nullptr) continue;
    if (std::any_of(connection->active.begin(), connection->active.end(),
                    [&](const model::Node* host) { return !read.contains(host); })) {
      return true;
    }
  }
  return false;
}

/// Does the plan stop and start instances of the same anonymous clone? Which instance runs where
/// isn't in any history, so the same exchange can be planned again.
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

/// Has closing a connection to a remote or guest node, or a probe of it, failed somewhere? The
/// connection counts as failed, wherever it is now, until that is cleaned up (spec/03 §11.5.1).
bool has_failed_connection(xml::Element cib) {
  bool found = false;
  xml::for_each_descendant(cib.first_child("status"), [&](xml::Element element) {
    found = found || (element.name() == "lrm_rsc_op" && element.id().ends_with("_last_failure_0") &&
                      element.parent().get("type") == "remote" &&
                      (element.get("operation") == "stop" || element.get("interval") == "0"));
  });
  return found;
}

/// Is there a failed connection to a guest or into a container that the plan doesn't start? Its
/// launcher is restarted because of the failure, which only a start of the connection would end.
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

/// Is this what a node depends on, down, and nobody's to bring back?
bool is_down_and_unmanaged(const Resource* resource) {
  return resource != nullptr && !resource->managed &&
         (resource->failed || resource->active.empty());
}

/// Does the plan act on a remote or guest node that is down and that nobody brings back, since its
/// connection, or the guest itself, isn't managed? To be placed is enough for a connection to make
/// its node one that actions are sent to (spec/04 §16), and what isn't managed is placed where it
/// is.
bool acts_behind_unmanaged_connection(const scheduler::Schedule& plan) {
  return std::any_of(
      plan.actions->actions.begin(), plan.actions->actions.end(), [](const graph::Action& action) {
        if (action.node == nullptr || action.pseudo() || !action.has(graph::flag::kGraphed)) {
          return false;
        }
        const Resource* connection = action.node->connection;
        return connection != nullptr &&
               (is_down_and_unmanaged(connection) || is_down_and_unmanaged(connection->launcher));
      });
}

/// Did something inside a container fail so that its node went to standby? It can't leave that
/// node, and is recovered there as long as the failure is recorded (spec/03 §14.2).
bool is_kept_in_standby(const model::Snapshot& snapshot) {
  return std::any_of(snapshot.nodes_by_name.begin(), snapshot.nodes_by_name.end(),
                     [](const model::Node* node) {
                       return node->is_bundle() && node->standby && node->standby_on_failure;
                     });
}

/// Does a constraint order something after a start that is wanted and can't be? The start of a
/// clone or bundle as a whole goes ahead when that of its instances can't (spec/05 §11.2), and what
/// is ordered after it is restarted for it, each time.
bool waits_for_a_start_in_vain(const scheduler::Schedule& plan) {
  std::set<const Resource*> in_vain;
  std::set<const Resource*> acted_on;
  for (const graph::Action& action : plan.actions->actions) {
    if (action.resource == nullptr) continue;
    const Resource* whole = &model::outermost_of(*action.resource);
    if (action.task == "start" && action.required() && !action.runnable()) in_vain.insert(whole);
    if (action.has(graph::flag::kGraphed) && !action.pseudo()) acted_on.insert(whole);
  }
  return std::any_of(plan.actions->relations.begin(), plan.actions->relations.end(),
                     [&](const graph::Relation& relation) {
                       return !relation.constraint_id.empty() && starts(relation.first_key) &&
                              relation.first_resource != nullptr &&
                              relation.then_resource != nullptr &&
                              in_vain.contains(&model::outermost_of(*relation.first_resource)) &&
                              acted_on.contains(&model::outermost_of(*relation.then_resource));
                     });
}

}  // namespace

bool is_repeated(const transition::Action& action, const scheduler::Schedule& plan,
                 xml::Element status) {
  if (action.task == "cancel") return has_recorded_failure(action, status);
  if (action.task == "monitor") {
    const Resource* resource = plan.snapshot->find_resource(action.resource.id());
    return resource != nullptr && !resource->managed && has_recorded_failure(action, status);
  }
  if (action.task == "demote") return is_stop_blocked(plan, action.resource.id());
  return action.task == "notify" && is_hindered(plan, action.resource.id());
}

std::string_view reason_to_go_on(const scheduler::Schedule& plan, xml::Element cib,
                                 bool plans_differ) {
  if (is_placed_inside_itself(*plan.snapshot)) return "a container is placed inside itself";
  if (waits_for_its_inside(plan)) return "something waits for what runs inside it";
  if (is_half_unique(*plan.snapshot)) return "a clone is unique in some members";
  if (has_migrated(plan, cib)) return "something was migrated";
  if (is_read_too_early(*plan.snapshot)) return "a remote node's state is read too early";
  if (keeps_failed_connection(plan, cib)) return "a connection has failed and can't be started";
  if (acts_behind_unmanaged_connection(plan)) return "a node's connection isn't managed";
  if (has_failed_connection(cib)) return "a connection's stop or probe has failed";
  if (is_kept_in_standby(*plan.snapshot)) return "what failed can't leave its container";
  if (waits_for_a_start_in_vain(plan)) return "something waits for a start in vain";
  if (!plans_differ && !exchanges_instances(plan)) return {};
  if (may_forget_failures(cib)) return "a failure is forgotten";
  if (may_lose_influence(*plan.snapshot)) return "what is stopped counts, and not once it runs";
  if (may_displace_each_other(*plan.snapshot)) return "resources displace each other";
  return {};
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
