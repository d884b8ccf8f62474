#include <regex.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>

#include "base/text.h"
#include "rules/rules.h"
#include "scheduler/placement/constraints.h"
#include "scheduler/placement/references.h"
#include "scheduler/state/state.h"

namespace quorate::scheduler {

using model::Discovery;
using model::Location;
using model::Node;
using model::NodeEntry;
using model::NodeTable;
using model::Resource;
using model::Role;

namespace {

using Text = std::optional<std::string_view>;
using Submatches = std::vector<std::string_view>;

/// Role limit of a location: kUnknown for none; unset if the word is unknown.
std::optional<Role> parse_limit(Text text) {
  if (!text) return Role::kUnknown;
  switch (const Role role = model::parse_role(*text)) {
    case Role::kStarted:
    case Role::kUnpromoted:
      return Role::kUnknown;
    case Role::kStopped:
    case Role::kPromoted:
      return role;
    case Role::kUnknown:
      break;
  }
  return std::nullopt;
}

Discovery parse_discovery(Context& context, xml::Element constraint) {
  const auto text = constraint.get("resource-discovery");
  if (!text || iequals(*text, "always")) return Discovery::kAlways;
  if (iequals(*text, "never")) return Discovery::kNever;
  if (iequals(*text, "exclusive")) return Discovery::kExclusive;
  report_error(context,
               text_of("Invalid resource-discovery value ", *text, " in location constraint"));
  return Discovery::kAlways;
}

NodeEntry entry_with_score(Node& node, Score score) { return {&node, score, node.discovery, 0}; }

/// Makes the record and puts it into both lists.
void add_location(Context& context, std::string_view id, Resource& resource, Role role,
                  xml::Element constraint, std::vector<NodeEntry> nodes) {
  Location& location = context.snapshot.location_store.emplace_back();
  location.id = id;
  location.resource = &resource;
  location.role = role;
  location.discovery = parse_discovery(context, constraint);
  location.nodes = std::move(nodes);
  if (location.discovery == Discovery::kExclusive) resource.exclusive_discovery = true;
  context.snapshot.locations.push_back(&location);
  resource.locations.insert(resource.locations.begin(), &location);
}

/// A location rule, read and checked.
struct LocationRule {
  xml::Element element;
  Role role = Role::kUnknown;
  std::optional<std::string> score_attribute;
  Score score = 0;
};

std::optional<LocationRule> read_rule(Context& context, xml::Element constraint, xml::Element rule,
                                      const Submatches& submatches) {
  LocationRule result;
  result.element = rule;
  const std::string_view id = rule.id();
  if (id.empty()) {
    report_error(context, text_of("Ignoring location constraint '", constraint.id(),
                                  "' because its rule has no id"));
    return std::nullopt;
  }
  const auto refuse = [&](const char* what, std::string_view value) {
    report_error(context,
                 text_of("Ignoring location constraint '", constraint.id(), "' because rule '", id,
                         "' has invalid ", what, " '", value, "'"));
    return std::nullopt;
  };
  const auto role = parse_limit(rule.get("role"));
  if (!role) return refuse("role", rule.get_or("role", {}));
  result.role = *role;
  const std::string_view combine = rule.get_or("boolean-op", "and");
  if (!iequals(combine, "and") && !iequals(combine, "or")) return refuse("boolean-op", combine);
  if (const auto attribute = rule.get("score-attribute")) {
    result.score_attribute = rules::expand_submatches(*attribute, submatches);
    return result;
  }
  const auto text = rule.get("score");
  if (!text) {
    report_error(context, text_of("Ignoring location constraint rule ", id,
                                  " because neither score nor score-attribute was specified"));
    return std::nullopt;
  }
  const auto score = context.snapshot.parse_score(*text);
  if (!score) {
    report_error(context, text_of("Ignoring location constraint rule ", id, " because '", *text,
                                  "' is not a valid score: Invalid score"));
    return std::nullopt;
  }
  result.score = *score;
  return result;
}

/// Score of a node that passes the rule; unset if the node is left out.
std::optional<Score> rule_score(Context& context, const LocationRule& rule,
                                const Resource& resource, const Node& node,
                                std::string_view constraint_id) {
  if (!rule.score_attribute) return rule.score;
  const auto target = resource.meta.get("container-attribute-target");
  const auto value = model::node_attribute(node, *rule.score_attribute, target, model::When::kNow);
  if (!value || value->empty()) {
    context.snapshot.report(
        model::MessageClass::kInfo,
        text_of("Ignoring location ", constraint_id, " for ", resource.id, " on ", node.name,
                " because it has no node attribute ", *rule.score_attribute));
    return std::nullopt;
  }
  const auto score = context.snapshot.parse_score(*value);
  if (!score) {
    context.snapshot.report(model::MessageClass::kWarning,
                            text_of("Ignoring location ", constraint_id, " for node ", node.name,
                                    " because node attribute ", *rule.score_attribute, " value '",
                                    *value, "' is not a valid score: Invalid score"));
  }
  return score;
}

rules::Observer observer_of(Context& context) {
  return {[&context](rules::Severity severity, std::string text) {
            const auto level =
                severity == rules::Severity::kConfigError     ? model::MessageClass::kConfigError
                : severity == rules::Severity::kConfigWarning ? model::MessageClass::kConfigWarning
                                                              : model::MessageClass::kWarning;
            context.snapshot.report(level, std::move(text));
          },
          [&context](std::int64_t at) { context.snapshot.propose_recheck(at); }};
}

void unpack_rule_location(Context& context, xml::Element constraint, Resource& resource,
                          const Submatches& submatches) {
  xml::Element first = constraint.first_child("rule");
  if (!first) return;
  const rules::Observer observer = observer_of(context);
  first = rules::resolve_reference(first, observer);
  if (!first) return;
  const auto rule = read_rule(context, constraint, first, submatches);
  if (!rule) return;

  const Node* current = nullptr;
  using LookUp = std::function<Text(std::string_view)>;
  const LookUp attribute = [&](std::string_view name) { return current->attributes.get(name); };
  const LookUp parameter = [&](std::string_view name) {
    return parameters_of(context, resource, current).get(name);
  };
  const LookUp meta = [&](std::string_view name) { return resource.meta.get(name); };
  rules::RuleContext rule_context;
  rule_context.now_seconds = context.snapshot.now_seconds;
  rule_context.now_offset_seconds = context.snapshot.now_offset_seconds;
  rule_context.local_offset_seconds = context.snapshot.local_offset_seconds;
  rule_context.node_attribute = &attribute;
  rule_context.parameter = &parameter;
  rule_context.meta = &meta;
  rule_context.submatches = submatches;

  std::vector<NodeEntry> nodes;
  for (Node* node : context.snapshot.nodes_by_name) {
    current = node;
    if (!rules::evaluate(rule->element, rule_context, observer)) continue;
    if (const auto score = rule_score(context, *rule, resource, *node, constraint.id())) {
      nodes.push_back(entry_with_score(*node, *score));
    }
  }
  add_location(context, rule->element.id(), resource, rule->role, constraint, std::move(nodes));
}

void unpack_node_location(Context& context, xml::Element constraint, Resource& resource,
                          std::string_view score_text, Text role_text) {
  const std::string_view node_name = constraint.get_or("node", {});
  Node* node = context.snapshot.find_node_by_name(node_name);
  const auto refuse = [&](std::string_view value, const char* what) {
    report_error(context, text_of("Ignoring location constraint ", constraint.id(), " because '",
                                  value, "' is not a valid ", what));
  };
  if (node == nullptr) {
    context.snapshot.report(model::MessageClass::kInfo,
                            text_of("Ignoring location constraint ", constraint.id(), " because '",
                                    node_name, "' is not a known node"));
    return;
  }
  const auto score = context.snapshot.parse_score(score_text);
  if (!score) return refuse(score_text, "score");
  const auto role = parse_limit(role_text);
  if (!role) return refuse(*role_text, "role");
  add_location(context, constraint.id(), resource, *role, constraint,
               {entry_with_score(*node, *score)});
}

/// One resource of the constraint (spec/04 §6.2).
void unpack_for(Context& context, xml::Element constraint, Resource& resource, Text set_score,
                Text set_role, const Submatches& submatches) {
  const Text score = set_score ? set_score : constraint.get("score");
  const Text role = set_role ? set_role : constraint.get("role");
  if (score && constraint.has("node")) {
    unpack_node_location(context, constraint, resource, *score, role);
  } else {
    unpack_rule_location(context, constraint, resource, submatches);
  }
}

/// Constraint by pattern (spec/04 §6.3).
void unpack_pattern(Context& context, xml::Element constraint, std::string_view pattern) {
  const bool inverted = !pattern.empty() && pattern.front() == '!';
  if (inverted) pattern.remove_prefix(1);
  regex_t compiled;
  if (regcomp(&compiled, std::string(pattern).c_str(), REG_EXTENDED) != 0) {
    report_error(context, text_of("Ignoring constraint '", constraint.id(),
                                  "' because rsc-pattern has invalid value '", pattern, "'"));
    return;
  }
  const std::unique_ptr<regex_t, void (*)(regex_t*)> owner(&compiled, regfree);
  for (Resource* resource : context.snapshot.resources) {
    const std::string id(resource->id);
    std::array<regmatch_t, 10> groups{};
    const bool matches = regexec(&compiled, id.c_str(), groups.size(), groups.data(), 0) == 0;
    if (matches == inverted) continue;
    Submatches submatches;
    if (!inverted) {
      for (const regmatch_t& group : groups) {
        submatches.push_back(
            group.rm_so < 0 || group.rm_eo <= group.rm_so
                ? std::string_view()
                : resource->id.substr(static_cast<std::size_t>(group.rm_so),
                                      static_cast<std::size_t>(group.rm_eo - group.rm_so)));
      }
    }
    unpack_for(context, constraint, *resource, {}, {}, submatches);
  }
}

void unpack_sets(Context& context, xml::Element constraint, const std::vector<ResourceSet>& sets) {
  for (const ResourceSet& set : sets) {
    if (set.id.empty()) {
      report_error(context, text_of("Ignoring resource_set without id in constraint '",
                                    constraint.id(), "'"));
      return;
    }
    for (const std::string_view id : set.members) {
      Resource* resource = find_constraint_resource(context, id);
      if (resource == nullptr) {
        report_error(context, text_of(set.id, ": No resource found for ", id));
        return;
      }
      unpack_for(context, constraint, *resource, set.score, set.role, {});
    }
  }
}

}  // namespace

void unpack_location(Context& context, xml::Element constraint) {
  const ExpandedSets expanded = expand_sets(context, constraint, {{"rsc", "role"}});
  if (expanded.invalid) return;
  if (!expanded.sets.empty()) {
    unpack_sets(context, constraint, expanded.sets);
    return;
  }
  if (const auto id = constraint.get("rsc")) {
    if (Resource* resource = find_constraint_resource(context, *id)) {
      unpack_for(context, constraint, *resource, {}, {}, {});
    } else {
      report_warning(context, text_of("Ignoring constraint '", constraint.id(),
                                      "' because resource '", *id, "' does not exist"));
    }
  }
  if (const auto pattern = constraint.get("rsc-pattern")) {
    unpack_pattern(context, constraint, *pattern);
  }
}

void apply_location_plainly(const Location& location, Resource& resource, NodeTable& table,
                            bool zero_scores) {
  if (location.role != Role::kUnknown && location.role != model::next_role_of(resource)) return;
  for (const NodeEntry& entry : location.nodes) {
    const Score score = zero_scores ? 0 : entry.score;
    NodeEntry* present = table.find(*entry.node);
    if (present == nullptr) {
      NodeEntry copy = entry;
      copy.score = score;
      present = &table.insert(copy);
    } else {
      present->score = add_scores(present->score, score);
    }
    if (present->discovery < location.discovery) {
      present->discovery = location.discovery;
      if (location.discovery == Discovery::kExclusive) resource.exclusive_discovery = true;
    }
  }
}

namespace {

void apply(Location& location, Resource& resource, bool zero_scores);

void apply_to_group(Location& location, Resource& group, bool zero_scores) {
  bool is_first = true;
  for (Resource* member : group.children) {
    apply(location, *member, zero_scores || (group.group.collocated && !is_first));
    is_first = false;
  }
}

void apply_to_bundle(Location& location, Resource& bundle, bool zero_scores) {
  for (const model::BundleReplica& replica : bundle.bundle->replica_list) {
    if (replica.container != nullptr) apply(location, *replica.container, zero_scores);
    if (replica.ip != nullptr) apply(location, *replica.ip, zero_scores);
  }
  Resource* inner = bundle.bundle->inner_clone;
  if (inner != nullptr && location.role == Role::kPromoted) {
    apply(location, *inner, zero_scores);
    inner->locations.insert(inner->locations.begin(), &location);
  }
}

void apply(Location& location, Resource& resource, bool zero_scores) {
  apply_location_plainly(location, resource, resource.allowed, zero_scores);
  switch (resource.variant) {
    case model::Variant::kPrimitive:
      return;
    case model::Variant::kGroup:
      return apply_to_group(location, resource, zero_scores);
    case model::Variant::kClone:
      for (Resource* instance : resource.children) apply(location, *instance, zero_scores);
      return;
    case model::Variant::kBundle:
      return apply_to_bundle(location, resource, zero_scores);
  }
}

}  // namespace

void apply_location(Location& location, Resource& resource) { apply(location, resource, false); }

}  // namespace quorate::scheduler
