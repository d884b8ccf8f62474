#include "scheduler/placement/references.h"

#include <algorithm>

#include "base/text.h"
#include "rules/rules.h"
#include "scheduler/placement/placement.h"

namespace quorate::scheduler {

using model::Resource;

namespace {

/// What a name of a constraint stands for.
struct Reference {
  bool known = false;
  bool is_collection = false;  ///< template or tag
  std::vector<std::string_view> members;
};

std::vector<std::string_view> without_repeats(const std::vector<std::string_view>& names) {
  std::vector<std::string_view> unique;
  for (const std::string_view name : names) {
    if (std::find(unique.begin(), unique.end(), name) == unique.end()) unique.push_back(name);
  }
  return unique;
}

Reference look_up(Context& context, std::string_view id) {
  model::Snapshot& snapshot = context.snapshot;
  if (find_constraint_resource(context, id) != nullptr) return {true, false, {id}};
  if (const auto found = snapshot.templates.find(id); found != snapshot.templates.end()) {
    if (found->second.members.empty()) {
      snapshot.report(model::MessageClass::kNotice,
                      text_of("No resource is derived from template '", id, "'"));
      return {};
    }
    return {true, true, without_repeats(found->second.members)};
  }
  if (const auto found = snapshot.tags.find(id); found != snapshot.tags.end()) {
    if (!found->second.members.empty()) return {true, true, without_repeats(found->second.members)};
    snapshot.report(model::MessageClass::kNotice, text_of("No resource is tagged with '", id, "'"));
  }
  report_warning(context, text_of("No resource, template, or tag named '", id, "'"));
  return {};
}

ResourceSet read_set(xml::Element element) {
  ResourceSet set;
  set.id = element.id();
  set.score = element.get("score");
  set.role = element.get("role");
  set.sequential = parse_boolean(element.get_or("sequential", "true")).value_or(true);
  const auto ordering = element.get("ordering");
  set.reversed = ordering && *ordering != "group";
  for (xml::Element member : xml::children(element, "resource_ref")) {
    set.members.push_back(member.id());
  }
  return set;
}

xml::Element root_of(xml::Element element) {
  while (const xml::Element parent = element.parent()) element = parent;
  return element;
}

/// The first resource_set of the document with that ID.
xml::Element find_set(xml::Element near, std::string_view id) {
  xml::Element found;
  xml::for_each_descendant(root_of(near), [&](xml::Element candidate) {
    if (!found && candidate.name() == "resource_set" && candidate.get("id") == id) {
      found = candidate;
    }
  });
  return found;
}

/// A set and whether it was written in the constraint itself.
struct WrittenSet {
  xml::Element element;
  bool referred = false;
};

/// The sets in the order of the walk: behind a reference it goes on where the referenced set is
/// written. A walk that comes back to a set it has seen ends there.
std::vector<WrittenSet> walk_sets(Context& context, xml::Element constraint) {
  std::vector<WrittenSet> walk;
  bool referred = false;
  for (xml::Element at = constraint.first_child("resource_set"); at; at = at.next("resource_set")) {
    if (const auto reference = at.get("id-ref")) {
      const xml::Element target = find_set(at, *reference);
      if (!target) {
        report_error(context, text_of("Ignoring invalid resource_set configuration: id-ref '",
                                      *reference, "' does not reference a valid object"));
        break;
      }
      at = target;
      referred = true;
    }
    const bool seen = std::any_of(walk.begin(), walk.end(),
                                  [&](const WrittenSet& set) { return set.element == at; });
    if (seen) break;
    walk.push_back({at, referred});
  }
  return walk;
}

/// Replaces templates and tags in sets; nothing at all if some reference is unknown.
void expand_members(Context& context, xml::Element constraint,
                    const std::vector<WrittenSet>& written, std::vector<ResourceSet>& sets) {
  std::vector<ResourceSet> expanded = sets;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i].referred) continue;  // sets reached through id-ref aren't expanded
    std::vector<std::string_view> members;
    for (const std::string_view id : sets[i].members) {
      const Reference reference = look_up(context, id);
      if (!reference.known) {
        report_error(context, text_of("Ignoring resource sets for constraint '", constraint.id(),
                                      "' because '", id, "' is not a valid resource or tag"));
        return;
      }
      members.insert(members.end(), reference.members.begin(), reference.members.end());
    }
    expanded[i].members = std::move(members);
  }
  sets = std::move(expanded);
}

/// Turns attributes that name templates or tags into sets (spec/04 §4.3).
ExpandedSets sets_of_attributes(Context& context, xml::Element constraint,
                                const std::vector<Side>& sides) {
  ExpandedSets result;
  int collections = 0;
  for (const Side& side : sides) {
    const auto id = constraint.get(side.resource_attribute);
    if (!id) continue;
    const Reference reference = look_up(context, *id);
    if (!reference.known) {
      report_error(context, text_of("Ignoring constraint '", constraint.id(), "' because '", *id,
                                    "' is not a valid resource or tag"));
      result.invalid = true;
      return result;
    }
    ResourceSet set;
    set.id = *id;
    set.role = constraint.get(side.role_attribute);
    set.sequential = !reference.is_collection;
    set.members = reference.members;
    result.sets.push_back(std::move(set));
    if (reference.is_collection) ++collections;
  }
  if (collections == 0) result.sets.clear();
  if (collections == 2) {
    report_error(context, text_of("Ignoring constraint '", constraint.id(),
                                  "' because two templates or tags cannot be colocated"));
    result.invalid = true;
  }
  return result;
}

}  // namespace

Resource* find_constraint_resource(Context& context, std::string_view id) {
  Resource* found = context.snapshot.find_resource(id);
  if (found == nullptr || found->id == id) return found;
  return &model::top_of(*found);
}

ExpandedSets expand_sets(Context& context, xml::Element constraint,
                         const std::vector<Side>& sides) {
  const std::vector<WrittenSet> written = walk_sets(context, constraint);
  if (written.empty()) return sets_of_attributes(context, constraint, sides);
  ExpandedSets result;
  for (const WrittenSet& set : written) result.sets.push_back(read_set(set.element));
  expand_members(context, constraint, written, result.sets);
  return result;
}

std::vector<Resource*> resolve_reference(Context& context, std::string_view id) {
  std::vector<Resource*> resources;
  for (const std::string_view member : look_up(context, id).members) {
    if (Resource* resource = find_constraint_resource(context, member)) {
      resources.push_back(resource);
    }
  }
  return resources;
}

std::optional<model::Role> parse_any_role(std::optional<std::string_view> text) {
  if (!text || iequals(*text, "Started")) return model::Role::kUnknown;
  const model::Role role = model::parse_role(*text);
  if (role == model::Role::kUnknown) return std::nullopt;
  return role;
}

}  // namespace quorate::scheduler
