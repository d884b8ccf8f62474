#include "base/text.h"
#include "scheduler/state/reading.h"

/// Implicit connection primitives (spec/03 §4.6), launchers and links (§4.4).
namespace quorate::scheduler {

using model::MessageClass;
using model::Resource;

namespace {
void add_pair(xml::Element block, std::string_view name, std::string_view value) {
  xml::Element pair = block.add("nvpair");
  pair.set("id", concat({block.id(), "-", name}));
  pair.set("name", name);
  pair.set("value", value);
}
xml::Element add_block(xml::Element parent, std::string_view name) {
  xml::Element block = parent.add(name);
  block.set("id", concat({parent.id(), "-", name}));
  return block;
}
void add_operation(xml::Element operations, std::string_view owner, std::string_view name,
                   std::string_view interval, std::string_view timeout) {
  xml::Element operation = operations.add("op");
  operation.set("id", concat({owner, "-", name, "-", interval}));
  operation.set("name", name);
  operation.set("interval", interval);
  operation.set("timeout", timeout);
}
}  // namespace

xml::Element make_connection(Context& context, const ConnectionSpec& spec) {
  xml::Document document = xml::Document::with_root("primitive");
  xml::Element root = document.root();
  root.set("id", spec.name);
  root.set("class", "ocf");
  root.set("provider", "pacemaker");
  root.set("type", "remote");
  xml::Element meta = add_block(root, "meta_attributes");
  add_pair(meta, "internal_rsc", "true");
  add_pair(meta, "container", spec.container);
  if (spec.allow_migrate) add_pair(meta, "allow-migrate", *spec.allow_migrate);
  if (spec.is_managed) add_pair(meta, "is-managed", *spec.is_managed);
  if (spec.address || spec.port) {
    xml::Element parameters = add_block(root, "instance_attributes");
    if (spec.address) add_pair(parameters, "addr", *spec.address);
    if (spec.port) add_pair(parameters, "port", *spec.port);
  }
  xml::Element operations = root.add("operations");
  add_operation(operations, spec.name, "monitor", "30s", "30s");
  if (spec.connect_timeout) {
    add_operation(operations, spec.name, "start", "0", *spec.connect_timeout);
  }
  return context.snapshot.keep(std::move(document));
}

void link_connection(Context& context, Resource& connection) {
  model::Node* node = context.snapshot.find_node_by_name(connection.id);
  if (node == nullptr) return;
  node->connection = &connection;
  if (connection.launcher == nullptr) {
    node->unclean = context.snapshot.options.startup_fencing;
  } else {
    node->attributes.set("#kind", "container");
  }
}

namespace {
void link_launchers(Context& context, Resource& resource) {
  for (Resource* child : resource.children) link_launchers(context, *child);
  if (!resource.children.empty()) return;
  const auto container = resource.meta.get("container");
  if (!container || *container == resource.id) return;
  Resource* launcher = context.snapshot.find_resource(*container);
  if (launcher == nullptr) {
    context.snapshot.report(MessageClass::kConfigError,
                            concat({"Resource ", resource.id, ": Unknown container ", *container}));
    return;
  }
  resource.launcher = launcher;
  launcher->launched.push_back(&resource);
}
}  // namespace

/// Links of one top-level resource (spec/03 §4.4).
void link_resource(Context& context, Resource& resource) {
  link_launchers(context, resource);
  if (resource.is_connection()) link_connection(context, resource);
}

}  // namespace quorate::scheduler
