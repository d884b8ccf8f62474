#include <string>

#include "base/text.h"
#include "scheduler/state/reading.h"

/// Bundles: configuration and the implicit clone (spec/03 §6.1, §6.2).
namespace quorate::scheduler {

using model::BundleSettings;
using model::MessageClass;
using model::Resource;

namespace {

void read_ports(Context& context, xml::Element network, BundleSettings& settings) {
  for (xml::Element mapping : xml::children(network, "port-mapping")) {
    model::BundlePort port;
    if (const auto source = mapping.get("port")) {
      port.source = *source;
      port.target = mapping.get_or("internal-port", *source);
    } else {
      port.source = port.target = mapping.get_or("range", {});
    }
    if (port.source.empty()) {
      context.snapshot.report(MessageClass::kConfigError,
                              concat({"Invalid port directive ", mapping.id()}));
    } else {
      settings.ports.push_back(port);
    }
  }
}

void read_mounts(Context& context, xml::Element storage, BundleSettings& settings) {
  for (xml::Element mapping : xml::children(storage, "storage-mapping")) {
    model::BundleMount mount;
    const auto source = mapping.get("source-dir");
    mount.per_replica = !source;
    mount.source = source ? *source : mapping.get_or("source-dir-root", {});
    mount.target = mapping.get_or("target-dir", {});
    mount.options = mapping.get_or("options", {});
    if (mount.source.empty() || mount.target.empty()) {
      context.snapshot.report(MessageClass::kConfigError,
                              concat({"Invalid mount directive ", mapping.id()}));
    } else {
      settings.mounts.push_back(mount);
    }
  }
}

/// False without a container technology.
bool read_settings_of(Context& context, Resource& bundle) {
  BundleSettings& settings = *bundle.bundle;
  xml::Element technology = bundle.xml.first_child("docker");
  if (!technology) technology = bundle.xml.first_child("podman");
  if (!technology) return false;
  settings.technology = technology.name();
  settings.promoted_max = count_setting(context, technology.get("promoted-max"), 0);
  const auto replicas = technology.get("replicas");
  settings.replicas = !replicas && settings.promoted_max > 0
                          ? settings.promoted_max
                          : count_setting(context, replicas, 1, 1);
  settings.replicas_per_host = count_setting(context, technology.get("replicas-per-host"), 1, 1);
  if (settings.replicas_per_host == 1) bundle.unique = false;
  settings.run_command = technology.get_or("run-command", {});
  settings.container_options = technology.get("options");
  settings.image = technology.get_or("image", {});
  settings.network = technology.get_or("network", {});

  const xml::Element network = bundle.xml.first_child("network");
  settings.ip_range_start = network.get_or("ip-range-start", {});
  settings.host_netmask = network.get_or("host-netmask", {});
  settings.host_interface = network.get_or("host-interface", {});
  settings.control_port = network.get_or("control-port", {});
  settings.add_host = parse_boolean(network.get_or("add-host", "true")).value_or(true);
  read_ports(context, network, settings);
  read_mounts(context, bundle.xml.first_child("storage"), settings);
  return true;
}

/// Can the connection into the container be reached?
bool check_control(Context& context, const Resource& bundle, std::string_view primitive_id) {
  BundleSettings& settings = *bundle.bundle;
  if (!settings.ip_range_start.empty()) return true;
  if (settings.control_port.empty()) {
    context.snapshot.report(MessageClass::kConfigError,
                            concat({"Cannot control ", bundle.id, " inside ", primitive_id,
                                    " without either ip-range-start or control-port"}));
    return false;
  }
  if (settings.replicas_per_host > 1) {
    context.snapshot.report(MessageClass::kConfigError,
                            concat({"Specifying the 'control-port' for ", bundle.id,
                                    " requires 'replicas-per-host=1'"}));
    settings.replicas_per_host = 1;
  }
  return true;
}

void add_control_mounts(BundleSettings& settings) {
  bool user_logs = false;
  for (const model::BundleMount& mount : settings.mounts) {
    user_logs = user_logs || mount.target == "/var/log";
  }
  settings.mounts.push_back({"/etc/pacemaker/authkey", "/etc/pacemaker/authkey", {}, false});
  if (!user_logs) {
    settings.mounts.push_back({"/var/log/pacemaker/bundles", "/var/log", {}, true});
  }
  const std::string_view port = settings.control_port.empty() ? "3121" : settings.control_port;
  settings.ports.push_back({port, port});
}

xml::Element make_clone(Context& context, const Resource& bundle, xml::Element primitive) {
  const BundleSettings& settings = *bundle.bundle;
  // A copy of the bundle, emptied: so it belongs to the document and references resolve.
  xml::Element clone = context.snapshot.keep_copy(bundle.xml);
  clone.clear_children();
  for (const xml::Attribute& attribute : bundle.xml.attributes()) {
    clone.remove_attribute(attribute.name);
  }
  clone.rename("clone");
  clone.set("id", xml_name(concat({bundle.id, settings.promoted_max > 0 ? "-master" : "-clone"})));
  xml::Element meta = clone.add("meta_attributes");
  meta.set("id", concat({clone.id(), "-meta_attributes"}));
  const auto add = [&](std::string_view name, std::string_view value) {
    xml::Element pair = meta.add("nvpair");
    pair.set("id", concat({meta.id(), "-", name}));
    pair.set("name", name);
    pair.set("value", value);
  };
  add("ordered", "true");
  add("clone-max", std::to_string(settings.replicas));
  add("clone-node-max", std::to_string(settings.replicas_per_host));
  add("globally-unique", settings.replicas_per_host > 1 ? "true" : "false");
  if (settings.promoted_max > 0) {
    add("promotable", "true");
    add("promoted-max", std::to_string(settings.promoted_max));
  }
  clone.add_copy(primitive);
  return clone;
}

/// Reads the implicit clone; its instances become the replicas' children.
bool read_inner_clone(Context& context, Resource& bundle, xml::Element primitive) {
  BundleSettings& settings = *bundle.bundle;
  if (!check_control(context, bundle, primitive.id())) return false;
  add_control_mounts(settings);
  Resource* clone = read_resource(context, make_clone(context, bundle, primitive), &bundle);
  if (clone == nullptr) return false;
  settings.inner_clone = clone;
  for (Resource* instance : clone->children) {
    instance->exclusive_discovery = true;
    if (instance->notify) clone->notify = true;
    if (const auto target = instance->meta.get("container-attribute-target")) {
      bundle.meta.set("container-attribute-target", *target);
      clone->meta.set("container-attribute-target", *target);
    }
  }
  return true;
}

}  // namespace

std::string xml_name(std::string_view text) {
  std::string name(text);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                        static_cast<unsigned char>(c) >= 0x80;
    const bool inner = letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
    if (i == 0 && !letter) name[i] = '_';
    if (i > 0 && !inner) name[i] = '.';
  }
  return name;
}

bool read_bundle(Context& context, Resource& resource) {
  resource.bundle = std::make_unique<BundleSettings>();
  if (!read_settings_of(context, resource)) return false;
  // Container, address, connection and what runs inside.
  BundleSettings& settings = *resource.bundle;
  settings.replicas = affordable_instances(context, resource, "replicas", settings.replicas, 4);
  if (const xml::Element primitive = resource.xml.first_child("primitive")) {
    if (!read_inner_clone(context, resource, primitive)) return false;
  }
  if (!create_replicas(context, resource)) return false;
  if (Resource* clone = resource.bundle->inner_clone) context.snapshot.add_child(resource, *clone);
  return true;
}

}  // namespace quorate::scheduler
