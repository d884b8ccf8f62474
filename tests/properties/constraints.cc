#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "configuration.h"

/// The constraints of a random cluster.
namespace quorate::properties {
namespace {

constexpr std::array<std::string_view, 8> kScores = {"INFINITY", "-INFINITY", "100", "-100",
                                                     "1",        "0",         "500", "-INFINITY"};

}  // namespace

std::string ConfigurationWriter::any_resource(Dice& dice) const {
  if (!names_.leaves.empty() && dice.chance(15))
    return names_.leaves[dice.below(names_.leaves.size())];
  return names_.resources[dice.below(names_.resources.size())];
}

std::vector<std::string> ConfigurationWriter::some_resources(Dice& dice, std::size_t most) const {
  std::vector<std::string> some;
  for (std::size_t left = 2 + dice.below(most - 1); left > 0; --left) {
    const std::string& one = names_.resources[dice.below(names_.resources.size())];
    if (std::find(some.begin(), some.end(), one) == some.end()) some.push_back(one);
  }
  return some;
}

void ConfigurationWriter::write_location(xml::Element constraints, int index) {
  if (names_.resources.empty()) return;
  Dice dice(shape_.seed, "location", static_cast<std::uint64_t>(index));
  xml::Element location = constraints.add("rsc_location");
  const std::string id = fmt::format("location{}", index);
  location.set("id", id);
  if (dice.chance(8)) {
    location.set("rsc-pattern", dice.chance(50) ? "^p[0-9]$" : "m1$");
  } else {
    location.set("rsc", any_resource(dice));
  }
  if (dice.chance(15)) {
    static constexpr std::array kValues = {"never", "exclusive", "always"};
    location.set("resource-discovery", dice.pick(kValues));
  }
  if (dice.chance(30)) return write_rule(location, id, dice);
  location.set("node", dice.pick(names_.nodes));
  location.set("score", dice.pick(kScores));
  if (dice.chance(8)) location.set("role", dice.chance(50) ? "Promoted" : "Started");
}

void ConfigurationWriter::write_rule(xml::Element location, const std::string& id, Dice& dice) {
  xml::Element rule = location.add("rule");
  rule.set("id", id + "-rule");
  if (dice.chance(85)) {
    rule.set("score", dice.pick(kScores));
  } else {
    rule.set("score-attribute", "size");
  }
  if (dice.chance(30)) rule.set("boolean-op", "or");
  const auto count = dice.between(1, 2);
  for (std::int64_t i = 1; i <= count; ++i) {
    if (dice.chance(15)) {
      xml::Element date = rule.add("date_expression");
      date.set("id", fmt::format("{}-date{}", id, i));
      date.set("operation", dice.chance(50) ? "gt" : "lt");
      date.set(date.get("operation") == "gt" ? "start" : "end",
               dice.chance(50) ? "2025-06-01" : "2026-06-01");
      continue;
    }
    xml::Element expression = rule.add("expression");
    expression.set("id", fmt::format("{}-expression{}", id, i));
    if (dice.chance(50)) {
      expression.set("attribute", "site");
      expression.set("operation", dice.chance(70) ? "eq" : "ne");
      expression.set("value", dice.chance(50) ? "a" : "b");
    } else if (dice.chance(50)) {
      expression.set("attribute", "size");
      expression.set("operation", dice.chance(50) ? "gte" : "lt");
      expression.set("value", std::to_string(dice.between(1, 3)));
      expression.set("type", "number");
    } else {
      expression.set("attribute", "#uname");
      expression.set("operation", dice.chance(50) ? "defined" : "not_defined");
    }
  }
}

void ConfigurationWriter::write_set(xml::Element constraint, const std::string& id, Dice& dice,
                                    const std::vector<std::string>& members, bool is_order) {
  xml::Element set = constraint.add("resource_set");
  set.set("id", id);
  if (dice.chance(50)) set.set("sequential", dice.chance(50) ? "true" : "false");
  if (is_order && set.get("sequential") == "false" && dice.chance(40)) {
    set.set("require-all", "false");
  }
  for (const std::string& member : members) set.add("resource_ref").set("id", member);
}

void ConfigurationWriter::write_colocation(xml::Element constraints, int index) {
  if (names_.resources.size() < 2) return;
  Dice dice(shape_.seed, "colocation", static_cast<std::uint64_t>(index));
  const std::string id = fmt::format("colocation{}", index);
  const bool in_sets = dice.chance(15);
  const std::vector<std::string> members = some_resources(dice, 4);
  const std::string first = any_resource(dice);
  const std::string second = any_resource(dice);
  if (!in_sets && first == second) return;
  xml::Element colocation = constraints.add("rsc_colocation");
  colocation.set("id", id);
  colocation.set("score", dice.pick(kScores));
  if (in_sets) return write_set(colocation, id + "-set", dice, members, false);
  colocation.set("rsc", first);
  colocation.set("with-rsc", second);
  const auto promotable = [&](const std::string& name) {
    return std::find(names_.promotable.begin(), names_.promotable.end(), name) !=
           names_.promotable.end();
  };
  if (promotable(second) && dice.chance(50)) colocation.set("with-rsc-role", "Promoted");
  if (promotable(first) && dice.chance(30)) colocation.set("rsc-role", "Promoted");
  if (dice.chance(15)) colocation.set("influence", dice.chance(50) ? "true" : "false");
  if (dice.chance(10)) colocation.set("node-attribute", "site");
}

void ConfigurationWriter::write_order(xml::Element constraints, int index) {
  if (names_.resources.size() < 2) return;
  Dice dice(shape_.seed, "order", static_cast<std::uint64_t>(index));
  const std::string id = fmt::format("order{}", index);
  const bool in_sets = dice.chance(15);
  const std::vector<std::string> members = some_resources(dice, 4);
  const std::string first = any_resource(dice);
  const std::string then = any_resource(dice);
  if (!in_sets && first == then) return;
  xml::Element order = constraints.add("rsc_order");
  order.set("id", id);
  static constexpr std::array kKinds = {"Mandatory", "Mandatory", "Optional", "Serialize"};
  if (dice.chance(60)) order.set("kind", dice.pick(kKinds));
  if (order.get("kind") != "Serialize" && dice.chance(15)) order.set("symmetrical", "false");
  if (in_sets) return write_set(order, id + "-set", dice, members, true);
  order.set("first", first);
  order.set("then", then);
  static constexpr std::array kActions = {"start", "stop", "promote", "demote"};
  if (dice.chance(20)) order.set("first-action", dice.pick(kActions));
  if (dice.chance(20)) order.set("then-action", dice.pick(kActions));
}

void ConfigurationWriter::write_ticket(xml::Element constraints, int index) {
  if (names_.resources.empty()) return;
  Dice dice(shape_.seed, "ticket", static_cast<std::uint64_t>(index));
  xml::Element ticket = constraints.add("rsc_ticket");
  ticket.set("id", fmt::format("ticket-constraint{}", index));
  ticket.set("rsc", names_.resources[dice.below(names_.resources.size())]);
  ticket.set("ticket", fmt::format("ticket{}", index));
  static constexpr std::array kPolicies = {"stop", "demote", "fence", "freeze"};
  if (dice.chance(70)) ticket.set("loss-policy", dice.pick(kPolicies));
}

}  // namespace quorate::properties
