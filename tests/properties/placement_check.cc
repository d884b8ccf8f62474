#include "placement_check.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <vector>

namespace quorate::properties {
namespace {

using Banned = std::map<std::string, std::set<std::string>, std::less<>>;  // resource to nodes

/// Nodes with a plain ban, by the resource the constraint names.
Banned bans_of(xml::Element constraints) {
  Banned banned;
  for (const xml::Element location : xml::children(constraints, "rsc_location")) {
    if (location.get("score") != "-INFINITY" || location.has("role")) continue;
    if (!location.has("rsc") || !location.has("node")) continue;
    banned[std::string(*location.get("rsc"))].insert(std::string(*location.get("node")));
  }
  return banned;
}

/// `p1` of `p1:3`, the id in the configuration.
std::string_view base_name(std::string_view instance) {
  return instance.substr(0, instance.find(':'));
}

/// What placing `resource` places first: what it and what is inside it is colocated with.
void add_primaries(const model::Resource& resource, std::vector<const model::Resource*>& next) {
  for (const model::Colocation* colocation : resource.this_with) {
    if (colocation->is_explicit) next.push_back(colocation->primary);
  }
  for (const model::Resource* child : resource.children) add_primaries(*child, next);
}

/// A group is banned by way of its first member, which the others follow (spec/04 §6.6). If placing
/// the group asks for a member of the group, because it is colocated within itself or with others
/// that are colocated with it, a later member is placed before the first.
bool is_colocated_with_itself(const model::Resource& group) {
  std::set<const model::Resource*> seen;
  std::vector<const model::Resource*> next;
  add_primaries(group, next);
  while (!next.empty()) {
    const model::Resource* at = next.back();
    next.pop_back();
    while (at->parent != nullptr) at = at->parent;
    if (at == &group) return true;
    if (seen.insert(at).second) add_primaries(*at, next);
  }
  return false;
}

/// Nobody moves the first member, so the others join it.
bool is_led_by_unmanaged(const model::Resource& group) {
  return !group.children.empty() && !group.children.front()->managed &&
         !group.children.front()->active.empty();
}

/// Whether members of this group may go where it is banned.
bool may_lose_first_member(xml::Element group, model::Snapshot& snapshot) {
  const model::Resource* resource = snapshot.find_resource(group.id());
  return resource != nullptr &&
         (is_led_by_unmanaged(*resource) || is_colocated_with_itself(*resource));
}

}  // namespace

std::string misplaced(const transition::Graph& graph, model::Snapshot& snapshot, xml::Element cib) {
  const xml::Element configuration = cib.first_child("configuration");
  const xml::Element constraints = configuration.first_child("constraints");
  const Banned banned = bans_of(constraints);
  if (banned.empty()) return {};
  std::map<std::string, xml::Element, std::less<>> configured;
  xml::for_each_descendant(configuration.first_child("resources"), [&](xml::Element element) {
    if (element.name() == "primitive") configured.emplace(element.id(), element);
  });
  for (const transition::Action& action : graph.actions) {
    const bool activates =
        action.task == "start" || action.task == "promote" || action.task == "migrate_from";
    if (action.kind != transition::ActionKind::kResource || !activates) continue;
    const auto found = configured.find(base_name(action.resource.id()));
    if (found == configured.end()) continue;
    // What holds for a clone or group holds for all in it. A bundle's primitive runs inside its
    // containers: the ban is on those.
    for (xml::Element at = found->second; at && at.name() != "resources"; at = at.parent()) {
      if (at.name() == "bundle") break;
      // A constraint on what a clone is made of concerns the instance that bears that very name.
      const bool in_clone = at.parent().name() == "clone" || at.parent().parent().name() == "clone";
      if (in_clone) continue;
      if (at.name() == "group" && may_lose_first_member(at, snapshot)) continue;
      const auto nodes = banned.find(at.id());
      if (nodes == banned.end() || !nodes->second.contains(std::string(action.node))) continue;
      return fmt::format("{} on {} although {} is banned from it", action.key, action.node,
                         at.id());
    }
  }
  return {};
}

}  // namespace quorate::properties
