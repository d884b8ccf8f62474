#include "configuration.h"

#include <fmt/format.h>

#include <array>

namespace quorate::properties {

Shape shape_of(std::uint64_t seed) {
  Dice dice(seed, "shape");
  // Most clusters are small, so that what is wrong with them can be read; some aren't.
  const int scale = dice.chance(80) ? 1 : 3;
  const auto up_to = [&](int most) { return static_cast<int>(dice.between(0, most)) * scale; };
  Shape shape;
  shape.seed = seed;
  shape.nodes = 1 + static_cast<int>(dice.between(0, 2 + 2 * scale));
  shape.remotes = dice.chance(15) ? 1 + static_cast<int>(dice.below(2)) : 0;
  shape.primitives = up_to(4);
  shape.groups = up_to(2);
  shape.clones = up_to(2);
  shape.bundles = dice.chance(20) ? 1 + static_cast<int>(dice.below(2)) : 0;
  shape.templates = dice.chance(15) ? 1 : 0;
  shape.locations = up_to(4);
  shape.colocations = up_to(3);
  shape.orders = up_to(3);
  shape.tickets = dice.chance(15) ? 1 : 0;
  shape.events = static_cast<int>(dice.between(0, 5));
  return shape;
}

std::string to_text(const Shape& s) {
  return fmt::format(
      "--seed {} --nodes {} --remotes {} --primitives {} --groups {} --clones {} --bundles {} "
      "--templates {} --locations {} --colocations {} --orders {} --tickets {} --events {}",
      s.seed, s.nodes, s.remotes, s.primitives, s.groups, s.clones, s.bundles, s.templates,
      s.locations, s.colocations, s.orders, s.tickets, s.events);
}

void add_pair(xml::Element set, std::string_view name, std::string_view value) {
  xml::Element pair = set.add("nvpair");
  pair.set("id", fmt::format("{}-{}", set.id(), name[0] == '#' ? name.substr(1) : name));
  pair.set("name", name);
  pair.set("value", value);
}

ConfigurationWriter::ConfigurationWriter(const Shape& shape) : shape_(shape) {
  for (int i = 1; i <= shape.nodes; ++i) names_.nodes.push_back(fmt::format("node{}", i));
  for (int i = 1; i <= shape.tickets; ++i) names_.tickets.push_back(fmt::format("ticket{}", i));
}

xml::Document ConfigurationWriter::write() {
  xml::Document document = xml::Document::with_root("cib");
  xml::Element root = document.root();
  root.set("crm_feature_set", "3.20.0");
  root.set("validate-with", "pacemaker-4.0");
  root.set("admin_epoch", "0");
  root.set("epoch", "1");
  root.set("num_updates", "0");
  root.set("have-quorum", "1");
  root.set("execution-date", "1767225600");
  xml::Element configuration = root.add("configuration");
  write_options(configuration);
  write_nodes(configuration.add("nodes"));
  write_resources(configuration.add("resources"));
  xml::Element constraints = configuration.add("constraints");
  for (int i = 1; i <= shape_.locations; ++i) write_location(constraints, i);
  for (int i = 1; i <= shape_.colocations; ++i) write_colocation(constraints, i);
  for (int i = 1; i <= shape_.orders; ++i) write_order(constraints, i);
  for (int i = 1; i <= shape_.tickets; ++i) write_ticket(constraints, i);
  write_defaults(configuration);
  root.add("status");
  return document;
}

void ConfigurationWriter::write_options(xml::Element configuration) {
  Dice dice(shape_.seed, "options");
  xml::Element set = configuration.add("crm_config").add("cluster_property_set");
  set.set("id", "cib-bootstrap-options");
  const auto maybe = [&](unsigned percent, std::string_view name,
                         const std::vector<std::string_view>& values) {
    if (dice.chance(percent)) add_pair(set, name, dice.pick(values));
  };
  maybe(50, "stonith-enabled", {"true", "true", "true", "false"});
  maybe(60, "no-quorum-policy", {"stop", "ignore", "freeze", "demote", "suicide"});
  maybe(10, "symmetric-cluster", {"false"});
  maybe(25, "placement-strategy", {"utilization", "minimal", "balanced"});
  maybe(10, "start-failure-is-fatal", {"false"});
  maybe(10, "enable-startup-probes", {"false"});
  maybe(10, "startup-fencing", {"false"});
  maybe(10, "stop-orphan-resources", {"false"});
  maybe(10, "stop-orphan-actions", {"false"});
  maybe(10, "concurrent-fencing", {"false", "true"});
  maybe(10, "node-health-strategy", {"migrate-on-red", "only-green", "progressive"});
  maybe(5, "maintenance-mode", {"true"});
  maybe(3, "stop-all-resources", {"true"});
  maybe(10, "batch-limit", {"1", "4"});
  maybe(10, "migration-limit", {"1"});
  maybe(10, "shutdown-lock", {"true"});
  maybe(10, "priority-fencing-delay", {"15s"});
}

void ConfigurationWriter::write_nodes(xml::Element nodes) {
  for (int i = 1; i <= shape_.nodes; ++i) {
    Dice dice(shape_.seed, "node", static_cast<std::uint64_t>(i));
    xml::Element node = nodes.add("node");
    node.set("id", std::to_string(i));
    node.set("uname", fmt::format("node{}", i));
    xml::Element attributes = node.add("instance_attributes");
    attributes.set("id", fmt::format("node{}-attributes", i));
    add_pair(attributes, "site", i % 2 == 0 ? "a" : "b");
    if (dice.chance(50)) add_pair(attributes, "size", std::to_string(dice.between(1, 3)));
    if (dice.chance(6)) add_pair(attributes, "standby", "on");
    if (dice.chance(4)) add_pair(attributes, "maintenance", "true");
    if (dice.chance(5)) add_pair(attributes, "#health-disk", "red");
    xml::Element utilization = node.add("utilization");
    utilization.set("id", fmt::format("node{}-utilization", i));
    add_pair(utilization, "cpu", std::to_string(dice.between(1, 8)));
    add_pair(utilization, "memory", std::to_string(1024 * dice.between(1, 8)));
  }
}

void ConfigurationWriter::write_defaults(xml::Element configuration) {
  Dice dice(shape_.seed, "defaults");
  if (dice.chance(40)) {
    xml::Element meta = configuration.add("rsc_defaults").add("meta_attributes");
    meta.set("id", "rsc-defaults");
    if (dice.chance(60)) add_pair(meta, "resource-stickiness", dice.chance(50) ? "1" : "100");
    if (dice.chance(40)) add_pair(meta, "migration-threshold", dice.chance(50) ? "1" : "3");
    if (dice.chance(30)) add_pair(meta, "failure-timeout", "60s");
  }
  if (dice.chance(20)) {
    xml::Element meta = configuration.add("op_defaults").add("meta_attributes");
    meta.set("id", "op-defaults");
    add_pair(meta, "timeout", "30s");
    if (dice.chance(20)) add_pair(meta, "record-pending", "false");
  }
}

}  // namespace quorate::properties
