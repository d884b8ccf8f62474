#include "fencer/location.h"

#include "base/text.h"
#include "fencer/pattern.h"
#include "rules/rules.h"

namespace quorate::fencer {
namespace {

/// A leading `!` inverts a pattern; an invalid one matches nothing either way.
bool matches_pattern(std::string_view pattern, std::string_view resource) {
  const bool inverted = pattern.starts_with('!');
  if (inverted) pattern.remove_prefix(1);
  return pattern_matches(pattern, resource) == !inverted;
}

/// Whether a reference names the resource itself or a tag that holds it.
bool refers_to(xml::Element constraints, std::string_view reference, std::string_view resource) {
  if (reference == resource) return true;
  const xml::Element tags = constraints.parent().first_child("tags");
  for (xml::Element tag : xml::children(tags, "tag")) {
    if (tag.id() != reference) continue;
    for (xml::Element member : xml::children(tag, "obj_ref")) {
      if (member.id() == resource) return true;
    }
  }
  return false;
}

bool is_promoted(std::string_view role) {
  return iequals(role, "Promoted") || iequals(role, "Master");
}

bool concerns(xml::Element constraints, xml::Element constraint, std::string_view resource) {
  if (is_promoted(constraint.get_or("role", {}))) return false;
  if (const auto rsc = constraint.get("rsc")) return refers_to(constraints, *rsc, resource);
  if (const auto pattern = constraint.get("rsc-pattern"))
    return matches_pattern(*pattern, resource);
  for (xml::Element set : xml::children(constraint, "resource_set")) {
    if (is_promoted(set.get_or("role", {}))) continue;
    for (xml::Element reference : xml::children(set, "resource_ref")) {
      if (refers_to(constraints, reference.id(), resource)) return true;
    }
  }
  return false;
}

std::optional<Score> rule_score(xml::Element rule, const NodeView& node) {
  const std::function<std::optional<std::string_view>(std::string_view)> attribute =
      [&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = node.attributes.find(std::string(name));
    if (found == node.attributes.end()) return std::nullopt;
    return std::string_view(found->second);
  };
  rules::RuleContext context;
  context.now_seconds = node.now_seconds;
  context.node_attribute = &attribute;
  const rules::Observer observer;
  rule = rules::resolve_reference(rule, observer);
  if (!rule || is_promoted(rule.get_or("role", {}))) return std::nullopt;
  if (!rules::evaluate(rule, context, observer)) return std::nullopt;
  if (const auto name = rule.get("score-attribute")) {
    return parse_score(attribute(*name).value_or("")).value_or(-kInfinity);
  }
  return parse_score(rule.get_or("score", {})).value_or(0);
}

}  // namespace

std::optional<Score> location_score(xml::Element constraints, std::string_view resource,
                                    const NodeView& node, bool symmetric) {
  std::optional<Score> total;
  if (symmetric) total = 0;
  const auto add = [&](Score score) { total = add_scores(total.value_or(0), score); };
  for (xml::Element constraint : xml::children(constraints, "rsc_location")) {
    if (!concerns(constraints, constraint, resource)) continue;
    if (const auto name = constraint.get("node")) {
      if (iequals(*name, node.name)) add(parse_score(constraint.get_or("score", {})).value_or(0));
      continue;
    }
    for (xml::Element rule : xml::children(constraint, "rule")) {
      if (const auto score = rule_score(rule, node)) add(*score);
    }
  }
  return total;
}

}  // namespace quorate::fencer
