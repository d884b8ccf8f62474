#include <fmt/format.h>

#include <array>

#include "configuration.h"

/// The resources of a random cluster: every kind, with what can be said about each.
namespace quorate::properties {
namespace {

xml::Element add_set(xml::Element owner, std::string_view kind, std::string_view suffix) {
  xml::Element set = owner.add(kind);
  set.set("id", fmt::format("{}-{}", owner.id(), suffix));
  return set;
}

void drop_if_empty(xml::Element set) {
  if (set.child_count() == 0) set.remove();
}

}  // namespace

void ConfigurationWriter::write_resources(xml::Element resources) {
  write_fencing(resources);
  for (int i = 1; i <= shape_.templates; ++i) write_template(resources, i);
  for (int i = 1; i <= shape_.primitives; ++i) {
    Dice dice(shape_.seed, "primitive", static_cast<std::uint64_t>(i));
    const std::string id = fmt::format("p{}", i);
    write_primitive(resources, id, dice, false);
    names_.resources.push_back(id);
  }
  for (int i = 1; i <= shape_.groups; ++i) {
    Dice dice(shape_.seed, "group", static_cast<std::uint64_t>(i));
    const std::string id = fmt::format("g{}", i);
    write_group(resources, id, dice, false);
    names_.resources.push_back(id);
  }
  for (int i = 1; i <= shape_.clones; ++i) write_clone(resources, i);
  for (int i = 1; i <= shape_.bundles; ++i) write_bundle(resources, i);
  for (int i = 1; i <= shape_.remotes; ++i) write_remote(resources, i);
}

void ConfigurationWriter::write_fencing(xml::Element resources) {
  Dice dice(shape_.seed, "fencing");
  xml::Element device = resources.add("primitive");
  device.set("id", "fencing");
  device.set("class", "stonith");
  device.set("type", "fence_test");
  xml::Element parameters = add_set(device, "instance_attributes", "parameters");
  std::string hosts;
  for (const std::string& node : names_.nodes) hosts += (hosts.empty() ? "" : " ") + node;
  add_pair(parameters, "pcmk_host_list", hosts);
  if (dice.chance(15)) {
    xml::Element meta = add_set(device, "meta_attributes", "meta");
    add_pair(meta, "provides", "unfencing");
  }
}

void ConfigurationWriter::write_template(xml::Element resources, int index) {
  Dice dice(shape_.seed, "template", static_cast<std::uint64_t>(index));
  xml::Element element = resources.add("template");
  const std::string id = fmt::format("t{}", index);
  element.set("id", id);
  element.set("class", "ocf");
  element.set("provider", "test");
  element.set("type", "Dummy");
  write_primitive_meta(element, id, dice);
  write_operations(element, id, dice, false);
}

xml::Element ConfigurationWriter::write_primitive(xml::Element parent, const std::string& id,
                                                  Dice& dice, bool may_be_promoted) {
  xml::Element primitive = parent.add("primitive");
  primitive.set("id", id);
  if (shape_.templates > 0 && dice.chance(40)) {
    primitive.set("template", fmt::format("t{}", dice.between(1, shape_.templates)));
  } else if (!may_be_promoted && dice.chance(10)) {
    primitive.set("class", "systemd");
    primitive.set("type", "test");
  } else {
    primitive.set("class", "ocf");
    primitive.set("provider", "test");
    primitive.set("type", may_be_promoted ? "Stateful" : "Dummy");
  }
  names_.leaves.push_back(id);
  if (dice.chance(50)) {
    xml::Element parameters = add_set(primitive, "instance_attributes", "parameters");
    add_pair(parameters, "state", "/run/" + id);
  }
  write_primitive_meta(primitive, id, dice);
  write_operations(primitive, id, dice, may_be_promoted);
  if (dice.chance(30)) {
    xml::Element utilization = add_set(primitive, "utilization", "utilization");
    add_pair(utilization, "cpu", std::to_string(dice.between(1, 4)));
    if (dice.chance(50)) {
      add_pair(utilization, "memory", std::to_string(512 * dice.between(1, 8)));
    }
  }
  return primitive;
}

void ConfigurationWriter::write_common_meta(xml::Element meta, Dice& dice) {
  if (dice.chance(10)) add_pair(meta, "target-role", dice.chance(60) ? "Stopped" : "Started");
  if (dice.chance(5)) add_pair(meta, "is-managed", "false");
  if (dice.chance(3)) add_pair(meta, "maintenance", "true");
  if (dice.chance(15)) add_pair(meta, "priority", std::to_string(dice.between(-1, 10)));
  if (dice.chance(20)) {
    static constexpr std::array kValues = {"1", "100", "INFINITY", "-1"};
    add_pair(meta, "resource-stickiness", dice.pick(kValues));
  }
}

void ConfigurationWriter::write_primitive_meta(xml::Element primitive, const std::string& id,
                                               Dice& dice) {
  xml::Element meta = add_set(primitive, "meta_attributes", "meta");
  write_common_meta(meta, dice);
  if (dice.chance(15)) add_pair(meta, "migration-threshold", std::to_string(dice.between(1, 3)));
  if (dice.chance(15)) add_pair(meta, "failure-timeout", "30s");
  if (dice.chance(15)) add_pair(meta, "allow-migrate", "true");
  if (dice.chance(10)) add_pair(meta, "critical", "false");
  if (dice.chance(10)) {
    static constexpr std::array kValues = {"stop_only", "block", "stop_unexpected", "stop_start"};
    add_pair(meta, "multiple-active", dice.pick(kValues));
  }
  if (dice.chance(10)) {
    static constexpr std::array kValues = {"nothing", "quorum", "fencing", "unfencing"};
    add_pair(meta, "requires", dice.pick(kValues));
  }
  // A guest: this resource is a machine that becomes a node.
  if (primitive.name() == "primitive" && id[0] == 'p' && dice.chance(8)) {
    add_pair(meta, "remote-node", "guest-" + id);
  }
  drop_if_empty(meta);
}

void ConfigurationWriter::write_operations(xml::Element primitive, const std::string& id,
                                           Dice& dice, bool may_be_promoted) {
  static constexpr std::array kOnFail = {"restart", "ignore",  "block", "stop",
                                         "fence",   "standby", "demote"};
  xml::Element operations = primitive.add("operations");
  const auto add = [&](std::string_view name, std::string_view interval, std::string_view role) {
    xml::Element op = operations.add("op");
    op.set("id", fmt::format("{}-{}-{}{}", id, name, interval, role));
    op.set("name", name);
    op.set("interval", interval);
    if (!role.empty()) op.set("role", role);
    if (dice.chance(20)) {
      const std::string_view on_fail = dice.pick(kOnFail);
      // Demoting is for what is promoted, and stopping can't be recovered by a restart.
      const bool fits = on_fail == "demote" ? role == "Promoted" : name != "stop";
      if (fits || on_fail == "fence" || on_fail == "block") op.set("on-fail", on_fail);
    }
    if (dice.chance(20)) op.set("timeout", "45s");
  };
  if (dice.chance(70)) add("monitor", "10s", "");
  if (may_be_promoted && dice.chance(70)) add("monitor", "11s", "Promoted");
  if (dice.chance(8)) add("monitor", "12s", "Stopped");
  if (dice.chance(25)) add("start", "0", "");
  if (dice.chance(25)) add("stop", "0", "");
  drop_if_empty(operations);
}

void ConfigurationWriter::write_remote(xml::Element resources, int index) {
  xml::Element remote = resources.add("primitive");
  const std::string id = fmt::format("remote{}", index);
  remote.set("id", id);
  remote.set("class", "ocf");
  remote.set("provider", "pacemaker");
  remote.set("type", "remote");
  Dice dice(shape_.seed, "remote", static_cast<std::uint64_t>(index));
  xml::Element operations = remote.add("operations");
  xml::Element monitor = operations.add("op");
  monitor.set("id", id + "-monitor");
  monitor.set("name", "monitor");
  monitor.set("interval", "60s");
  if (dice.chance(50)) {
    xml::Element parameters = add_set(remote, "instance_attributes", "parameters");
    add_pair(parameters, "reconnect_interval", "60");
  }
  names_.resources.push_back(id);
}

void ConfigurationWriter::write_group(xml::Element parent, const std::string& id, Dice& dice,
                                      bool may_be_promoted) {
  xml::Element group = parent.add("group");
  group.set("id", id);
  xml::Element meta = add_set(group, "meta_attributes", "meta");
  write_common_meta(meta, dice);
  drop_if_empty(meta);
  const auto members = dice.between(1, 4);
  for (std::int64_t i = 1; i <= members; ++i) {
    write_primitive(group, fmt::format("{}m{}", id, i), dice, may_be_promoted);
  }
}

void ConfigurationWriter::write_clone(xml::Element resources, int index) {
  Dice dice(shape_.seed, "clone", static_cast<std::uint64_t>(index));
  xml::Element clone = resources.add("clone");
  const std::string id = fmt::format("c{}", index);
  clone.set("id", id);
  xml::Element meta = add_set(clone, "meta_attributes", "meta");
  write_common_meta(meta, dice);
  const bool promotable = dice.chance(40);
  if (promotable) {
    add_pair(meta, "promotable", "true");
    if (dice.chance(30)) add_pair(meta, "promoted-max", std::to_string(dice.between(0, 2)));
    if (dice.chance(10)) add_pair(meta, "promoted-node-max", "2");
    names_.promotable.push_back(id);
  }
  if (dice.chance(30)) add_pair(meta, "clone-max", std::to_string(dice.between(0, 4)));
  if (dice.chance(20)) add_pair(meta, "clone-node-max", std::to_string(dice.between(1, 3)));
  if (dice.chance(15)) add_pair(meta, "clone-min", std::to_string(dice.between(1, 2)));
  if (dice.chance(40)) add_pair(meta, "interleave", "true");
  if (dice.chance(25)) add_pair(meta, "notify", "true");
  if (dice.chance(15)) add_pair(meta, "ordered", "true");
  if (dice.chance(20)) add_pair(meta, "globally-unique", "true");
  drop_if_empty(meta);
  if (dice.chance(30)) {
    write_group(clone, id + "g", dice, promotable);
  } else {
    write_primitive(clone, id + "p", dice, promotable);
  }
  names_.resources.push_back(id);
}

void ConfigurationWriter::write_bundle(xml::Element resources, int index) {
  Dice dice(shape_.seed, "bundle", static_cast<std::uint64_t>(index));
  xml::Element bundle = resources.add("bundle");
  const std::string id = fmt::format("b{}", index);
  bundle.set("id", id);
  xml::Element meta = add_set(bundle, "meta_attributes", "meta");
  write_common_meta(meta, dice);
  drop_if_empty(meta);
  xml::Element container = bundle.add(dice.chance(50) ? "podman" : "docker");
  container.set("image", "registry/" + id);
  container.set("replicas", std::to_string(dice.between(1, 3)));
  const bool promotable = dice.chance(40);
  if (promotable) container.set("promoted-max", "1");
  if (dice.chance(20)) container.set("replicas-per-host", "2");
  const bool with_network = dice.chance(60);
  if (with_network) {
    xml::Element network = bundle.add("network");
    if (dice.chance(60)) network.set("ip-range-start", fmt::format("192.168.{}.10", 120 + index));
    network.set("control-port", std::to_string(3121 + index));
    if (dice.chance(40)) {
      xml::Element port = network.add("port-mapping");
      port.set("id", id + "-port");
      port.set("port", "80");
    }
  }
  if (dice.chance(40)) {
    xml::Element mapping = bundle.add("storage").add("storage-mapping");
    mapping.set("id", id + "-storage");
    mapping.set("source-dir", "/srv/" + id);
    mapping.set("target-dir", "/srv");
  }
  if (with_network && dice.chance(70)) write_primitive(bundle, id + "p", dice, promotable);
  names_.resources.push_back(id);
}

}  // namespace quorate::properties
