#include "base/text.h"
#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// Nodes of the configuration and their attributes (spec/03 §4).
namespace quorate::scheduler {

using model::MessageClass;
using model::Node;
using model::NodeKind;

void add_builtin_attributes(Context& context, Node& node) {
  model::Snapshot& snapshot = context.snapshot;
  node.attributes.set("#uname", node.name);
  node.attributes.set("#id", node.id);
  if (snapshot.dc_node == nullptr) {
    const std::string_view dc = snapshot.cib.get_or("dc-uuid", {});
    if (!dc.empty() && iequals(dc, node.id)) {
      snapshot.dc_node = &node;
      node.is_dc = true;
    }
  }
  node.attributes.set("#is_dc", node.is_dc ? "true" : "false");
  if (snapshot.options.have_cluster_name) {
    node.attributes.set("#cluster-name", snapshot.options.cluster_name);
  }
}

void add_site_name(Context& context, Node& node) {
  if (node.attributes.has("#site-name")) return;
  if (const auto site = node.attributes.get("site-name")) {
    node.attributes.set("#site-name", *site);
  } else if (context.snapshot.options.have_cluster_name) {
    node.attributes.set("#site-name", context.snapshot.options.cluster_name);
  }
}

void read_transient_attributes(Context& context, Node& node, xml::Element node_state) {
  add_builtin_attributes(context, node);
  const xml::Element transient = node_state.first_child("transient_attributes");
  model::NameValues values;
  merge_into(context, transient, "instance_attributes", time_only(context), values);
  for (const auto& [name, value] : values) node.attributes.set(name, value);
  forget_fail_counts(context, node);
  add_site_name(context, node);
  merge_into(context, transient, "utilization", time_only(context), node.utilization);
}

bool wants_shutdown(const Node& node) {
  const auto shutdown = node.attributes.get("shutdown");
  return shutdown && *shutdown != "0";
}

namespace {

Score base_score_of(Context& context, xml::Element element) {
  const auto text = element.get("score");
  if (!text) return 0;
  if (const auto score = context.snapshot.parse_score(*text)) return *score;
  context.snapshot.report(
      MessageClass::kConfigWarning,
      concat({"Using 0 as score for node ", element.get_or("uname", element.id()), " because '",
              *text, "' is not a valid score: ", integer_problem(*text)}));
  return 0;
}

void read_node_attributes(Context& context, Node& node, xml::Element element) {
  add_builtin_attributes(context, node);
  merge_into(context, element, "instance_attributes", time_only(context), node.attributes);
  add_site_name(context, node);
  merge_into(context, element, "utilization", time_only(context), node.utilization);
}

/// False if the rest of the section is not to be read.
bool read_node(Context& context, xml::Element element) {
  model::Snapshot& snapshot = context.snapshot;
  const auto id = element.get("id");
  if (!id) {
    snapshot.report(MessageClass::kConfigError,
                    "Ignoring <node> entry in configuration without id");
    return true;
  }
  const std::string_view name = element.get_or("uname", {});
  const Score score = base_score_of(context, element);
  if (!name.empty() && snapshot.find_node_by_name(name) != nullptr) {
    snapshot.report(MessageClass::kConfigWarning,
                    concat({"More than one node entry has name '", name, "'"}));
  }
  const std::string_view type = element.get_or("type", "member");
  const bool is_remote = iequals(type, "remote");
  if (!is_remote && !iequals(type, "member")) {
    snapshot.report(MessageClass::kConfigError, concat({"Ignoring node ", name.empty() ? *id : name,
                                                        " with unrecognized type '", type, "'"}));
    return false;
  }
  Node& node =
      snapshot.add_node(*id, name, is_remote ? NodeKind::kRemote : NodeKind::kCluster, score);
  node.attributes.set("#kind", is_remote ? "remote" : "cluster");
  if (is_remote) {
    snapshot.has_remote_nodes = true;
  } else {
    node.unclean = snapshot.options.startup_fencing;
  }
  read_node_attributes(context, node, element);
  return true;
}

bool is_connection_element(xml::Element element) {
  return iequals(element.get_or("class", {}), "ocf") &&
         iequals(element.get_or("provider", {}), "pacemaker") &&
         iequals(element.get_or("type", {}), "remote");
}

void ensure_remote_node(Context& context, std::string_view name) {
  model::Snapshot& snapshot = context.snapshot;
  snapshot.has_remote_nodes = true;
  if (snapshot.find_node_by_name(name) != nullptr) return;
  Node& node = snapshot.add_node(name, name, NodeKind::kRemote, 0);
  node.attributes.set("#kind", "remote");
}

/// The guest node a primitive's meta-attributes ask for, if any, becomes an implicit connection.
void add_guest_node(Context& context, xml::Element primitive,
                    std::vector<xml::Element>& resource_elements) {
  ConnectionSpec spec;
  spec.container = primitive.id();
  spec.connect_timeout = "60s";
  for (xml::Element block : xml::children(primitive, "meta_attributes")) {
    for (xml::Element pair : xml::children(block, "nvpair")) {
      const auto value = pair.get("value");
      if (!value) continue;
      const std::string_view name = pair.get_or("name", {});
      if (name == "remote-node") spec.name = *value;
      if (name == "remote-addr") spec.address = *value;
      if (name == "remote-port") spec.port = *value;
      if (name == "remote-connect-timeout") spec.connect_timeout = *value;
      if (name == "remote-allow-migrate") spec.allow_migrate = *value;
      if (name == "is-managed") spec.is_managed = *value;
    }
  }
  if (spec.name.empty()) return;
  resource_elements.push_back(make_connection(context, spec));
  ensure_remote_node(context, spec.name);
}

}  // namespace

void read_nodes(Context& context) {
  for (xml::Element element : xml::children(context.snapshot.sections.nodes, "node")) {
    if (!read_node(context, element)) return;
  }
}

void read_remote_nodes(Context& context, std::vector<xml::Element>& resource_elements) {
  // Connections appended here have their node already.
  const std::size_t configured = resource_elements.size();
  for (std::size_t i = 0; i < configured; ++i) {
    const xml::Element element = resource_elements[i];
    if (is_connection_element(element)) {
      if (!element.id().empty()) ensure_remote_node(context, element.id());
    } else if (element.name() == "primitive") {
      add_guest_node(context, element, resource_elements);
    } else if (element.name() == "group") {
      for (xml::Element member : xml::children(element)) {
        add_guest_node(context, member, resource_elements);
      }
    }
  }
}

}  // namespace quorate::scheduler
