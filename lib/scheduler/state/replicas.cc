#include <array>
#include <string>

#include "base/text.h"
#include "scheduler/state/reading.h"

/// Implicit resources of bundle replicas (spec/03 §6.3).
namespace quorate::scheduler {

using model::BundleReplica;
using model::BundleSettings;
using model::MessageClass;
using model::Resource;

namespace {

/// The address after this one; empty if there is none.
std::string next_address(std::string_view address) {
  std::array<std::int64_t, 4> parts{};
  std::size_t count = 0;
  for (const std::string_view word : split_words(address, '.')) {
    const auto number = to_integer(word);
    if (!number || count == 4) return {};
    parts[count++] = *number;
  }
  if (count != 4 || parts[2] > 253) return {};
  if (parts[3] > 253) {
    ++parts[2];
    parts[3] = 1;
  } else {
    ++parts[3];
  }
  return concat({std::to_string(parts[0]), ".", std::to_string(parts[1]), ".",
                 std::to_string(parts[2]), ".", std::to_string(parts[3])});
}

std::string replica_name(const Resource& bundle, int offset) {
  return concat({bundle.id, "-", std::to_string(offset)});
}

void allocate_addresses(Context& context, const Resource& bundle) {
  BundleSettings& settings = *bundle.bundle;
  std::string_view last;
  for (BundleReplica& replica : settings.replica_list) {
    if (settings.ip_range_start.empty()) return;
    replica.address =
        last.empty() ? settings.ip_range_start : context.snapshot.intern(next_address(last));
    last = replica.address;
    const std::string name = replica_name(bundle, replica.offset);
    settings.hosts_entries += settings.add_host
                                  ? concat({" --add-host=", name, ":", replica.address})
                                  : concat({" --hosts-entry=", replica.address, "=", name});
  }
}

/// A primitive built from parameters, with one monitor of 60 s.
class ImplicitPrimitive {
 public:
  ImplicitPrimitive(const std::string& id, std::string_view type)
      : document_(xml::Document::with_root("primitive")) {
    xml::Element root = document_.root();
    root.set("id", id);
    root.set("class", "ocf");
    root.set("provider", "heartbeat");
    root.set("type", type);
    parameters_ = root.add("instance_attributes");
    parameters_.set("id", concat({id, "-attributes-", type}));
  }
  void add(std::string_view name, std::string_view value) {
    xml::Element pair = parameters_.add("nvpair");
    pair.set("id", concat({parameters_.id(), "-", name}));
    pair.set("name", name);
    pair.set("value", value);
  }
  xml::Element finish(Context& context) {
    xml::Element root = document_.root();
    xml::Element monitor = root.add("operations").add("op");
    monitor.set("id", concat({root.id(), "-monitor-60s"}));
    monitor.set("name", "monitor");
    monitor.set("interval", "60s");
    return context.snapshot.keep(std::move(document_));
  }

 private:
  xml::Document document_;
  xml::Element parameters_;
};

std::string_view control_port(const BundleSettings& settings) {
  return settings.control_port.empty() ? "3121" : settings.control_port;
}

std::string run_options(const Resource& bundle, const BundleReplica& replica) {
  const BundleSettings& settings = *bundle.bundle;
  const std::string name = replica_name(bundle, replica.offset);
  std::string text;
  if (settings.technology == "docker") text += " --restart=no";
  if (!settings.ip_range_start.empty()) text += concat({" -h ", name});
  text += " -e PCMK_stderr=1";
  if (!settings.network.empty()) text += concat({" --net=", settings.network});
  text += concat({" -e PCMK_remote_port=", control_port(settings)});
  for (const model::BundleMount& mount : settings.mounts) {
    text += concat({" -v ", mount.source});
    if (mount.per_replica) text += concat({"/", name});
    text += concat({":", mount.target});
    if (!mount.options.empty()) text += concat({":", mount.options});
  }
  for (const model::BundlePort& port : settings.ports) {
    if (!replica.address.empty()) {
      text += concat({" -p ", replica.address, ":", port.source, ":", port.target});
    } else if (settings.network != "host") {
      text += concat({" -p ", port.source, ":", port.target});
    }
  }
  if (settings.container_options) text += concat({" ", *settings.container_options});
  text += " ";
  text += settings.hosts_entries;
  return text;
}

std::string mount_points(const Resource& bundle, const BundleReplica& replica) {
  std::string text;
  for (const model::BundleMount& mount : bundle.bundle->mounts) {
    if (!mount.per_replica) continue;
    if (!text.empty()) text += ",";
    text += concat({mount.source, "/", replica_name(bundle, replica.offset)});
  }
  return text;
}

/// Reads an implicit resource and appends it to the bundle's children; null with a message if that
/// fails.
Resource* read_implicit(Context& context, Resource& bundle, xml::Element element) {
  Resource* resource = read_resource(context, element, &bundle);
  if (resource == nullptr) {
    context.snapshot.report(MessageClass::kConfigError,
                            concat({"Failed unpacking resource ", bundle.id}));
    return nullptr;
  }
  context.snapshot.add_child(bundle, *resource);
  return resource;
}

bool create_container(Context& context, Resource& bundle, BundleReplica& replica) {
  const BundleSettings& settings = *bundle.bundle;
  ImplicitPrimitive primitive(
      xml_name(concat({bundle.id, "-", settings.technology, "-", std::to_string(replica.offset)})),
      settings.technology);
  primitive.add("image", settings.image);
  primitive.add("allow_pull", "true");
  primitive.add("force_kill", "false");
  primitive.add("reuse", "false");
  primitive.add("run_opts", run_options(bundle, replica));
  primitive.add("mount_points", mount_points(bundle, replica));
  if (!settings.run_command.empty()) {
    primitive.add("run_cmd", settings.run_command);
  } else if (replica.child != nullptr) {
    primitive.add("run_cmd", "/usr/sbin/pacemaker-remoted");
  }
  primitive.add("monitor_cmd", "/bin/true");
  replica.container = read_implicit(context, bundle, primitive.finish(context));
  return replica.container != nullptr;
}

bool create_address(Context& context, Resource& bundle, BundleReplica& replica) {
  const BundleSettings& settings = *bundle.bundle;
  if (settings.ip_range_start.empty()) return true;
  ImplicitPrimitive primitive(xml_name(concat({bundle.id, "-ip-", replica.address})), "IPaddr2");
  primitive.add("ip", replica.address);
  if (!settings.host_interface.empty()) primitive.add("nic", settings.host_interface);
  primitive.add("cidr_netmask", settings.host_netmask.empty() ? "32" : settings.host_netmask);
  replica.ip = read_implicit(context, bundle, primitive.finish(context));
  return replica.ip != nullptr;
}

void forbid_existing(Resource& resource, const model::Node& node) {
  if (model::NodeEntry* entry = resource.allowed.find(node)) {
    entry->score = -kInfinity;
    entry->discovery = model::Discovery::kNever;
  }
  for (Resource* child : resource.children) forbid_existing(*child, node);
}

/// The node inside the container: nothing but the replica's child may run there.
model::Node& create_node(Context& context, std::string_view name) {
  model::Snapshot& snapshot = context.snapshot;
  snapshot.has_remote_nodes = true;
  model::Node* node = snapshot.find_node_by_name(name);
  if (node == nullptr) {
    node = &snapshot.add_node(name, name, model::NodeKind::kRemote, -kInfinity);
  } else {
    node->base_score = -kInfinity;
  }
  node->discovery = model::Discovery::kNever;
  for (Resource* resource : snapshot.resources) forbid_existing(*resource, *node);
  return *node;
}

bool create_connection(Context& context, Resource& bundle, BundleReplica& replica) {
  model::Snapshot& snapshot = context.snapshot;
  if (replica.child == nullptr) return true;
  std::string id = xml_name(replica_name(bundle, replica.offset));
  if (snapshot.find_resource(id) != nullptr) {
    id = xml_name(
        concat({"pcmk-internal-", replica.child->id, "-remote-", std::to_string(replica.offset)}));
  }
  ConnectionSpec spec;
  spec.name = id;
  spec.container = replica.container->id;
  spec.address = replica.address.empty() ? std::string_view("#uname") : replica.address;
  spec.port = control_port(*bundle.bundle);

  model::Node& node = create_node(context, id);
  const model::NodeEntry own{&node, 500, model::Discovery::kExclusive, 0};
  replica.node = &node;
  replica.child->allowed.clear();
  replica.child->allowed.insert(own);
  bundle.bundle->inner_clone->allowed.insert({&node, -kInfinity, node.discovery, 0});

  replica.connection = read_implicit(context, bundle, make_connection(context, spec));
  if (replica.connection == nullptr) return false;
  replica.connection->allowed.for_each([](model::NodeEntry& entry) {
    if (entry.node->is_remote_kind()) entry.score = -kInfinity;
  });
  replica.connection->launcher = replica.container;
  node.connection = replica.connection;
  node.attributes.set("#kind", "container");
  return true;
}

/// What the child hands to its container and gets from its replica.
void finish_child(BundleReplica& replica) {
  if (replica.child == nullptr) return;
  if (!replica.address.empty()) replica.child->meta.set("external-ip", replica.address);
  for (const auto& [name, value] : replica.child->utilization) {
    replica.container->utilization.set(name, value);
  }
  replica.child->utilization = {};
}

/// Instance n of what runs inside is the child of replica n (spec/03 §6.2): there are no more
/// replicas than instances, which may be fewer than asked for (§5.10: of standards that can't be
/// cloned uniquely there is at most one per node).
void limit_to_instances(Context& context, const Resource& bundle) {
  BundleSettings& settings = *bundle.bundle;
  const auto instances = static_cast<int>(settings.inner_clone->children.size());
  if (instances >= settings.replicas) return;
  context.snapshot.report(
      model::MessageClass::kConfigWarning,
      concat({"Using ", std::to_string(instances), " for replicas of ", bundle.id, " instead of ",
              std::to_string(settings.replicas), " because ", settings.inner_clone->id,
              " has no more instances"}));
  settings.replicas = instances;
}

}  // namespace

bool create_replicas(Context& context, Resource& bundle) {
  BundleSettings& settings = *bundle.bundle;
  if (settings.inner_clone != nullptr) limit_to_instances(context, bundle);
  for (int offset = 0; offset < settings.replicas; ++offset) {
    BundleReplica replica;
    replica.offset = offset;
    if (settings.inner_clone != nullptr) {
      replica.child = settings.inner_clone->children[static_cast<std::size_t>(offset)];
    }
    settings.replica_list.push_back(replica);
  }
  allocate_addresses(context, bundle);
  for (BundleReplica& replica : settings.replica_list) {
    if (!create_container(context, bundle, replica) || !create_address(context, bundle, replica) ||
        !create_connection(context, bundle, replica)) {
      return false;
    }
    finish_child(replica);
  }
  return true;
}

}  // namespace quorate::scheduler
