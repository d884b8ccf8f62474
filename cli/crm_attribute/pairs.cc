#include "crm_attribute/pairs.h"

#include <fmt/format.h>

#include <regex>

#include "base/text.h"
#include "common/xml_id.h"
#include "xml/xpath.h"

namespace quorate::crm_attribute {

namespace {

bool matches_pattern(const std::string& pattern, std::string_view name) {
  try {
    return std::regex_search(std::string(name), std::regex(pattern, std::regex::extended));
  } catch (const std::regex_error&) {
    return false;
  }
}

/// Blocks that may hold the pairs, as an XPath.
std::string blocks_path(const Place& place) {
  const std::string kind = place.utilization ? "utilization" : "instance_attributes";
  if (place.section == "crm_config") return "/cib/configuration/crm_config/cluster_property_set";
  if (place.section == "rsc_defaults" || place.section == "op_defaults") {
    return fmt::format("/cib/configuration/{}/meta_attributes", place.section);
  }
  if (place.section == "tickets") return "/cib/status/tickets/*";
  const std::string id = xml::xpath_literal(place.node_id);
  if (place.section == "status") {
    return fmt::format("/cib/status/node_state[@id={}]/transient_attributes/*", id);
  }
  return fmt::format("/cib/configuration/nodes/node[@id={}]/{}", id, kind);
}

std::string default_set_id(const Place& place) {
  if (place.section == "crm_config") return "cib-bootstrap-options";
  if (place.section == "tickets") return "status-tickets";
  if (place.section == "nodes" || place.section == "status") {
    return cli::as_xml_id(fmt::format("{}-{}{}", place.section, place.node_id,
                                      place.utilization ? "-utilization" : ""));
  }
  return place.section + "-options";
}

std::string block_name(const Place& place) {
  if (place.section == "crm_config") return "cluster_property_set";
  if (place.section == "rsc_defaults" || place.section == "op_defaults") return "meta_attributes";
  return place.utilization ? "utilization" : "instance_attributes";
}

/// The parent of the block, built from the section down.
xml::Element build_parent(xml::Document& document, const Place& place) {
  if (place.section == "nodes") {
    xml::Element node = document.root().add("node");
    node.set("id", place.node_id);
    if (place.node_is_remote) {
      node.set("type", "remote");
      node.set("uname", place.node);
    }
    return node;
  }
  if (place.section == "status") {
    xml::Element state = document.root().add("node_state");
    state.set("id", place.node_id);
    xml::Element attributes = state.add("transient_attributes");
    attributes.set("id", place.node_id);
    return attributes;
  }
  return document.root();
}

}  // namespace

bool is_section(std::string_view section) {
  return section == "crm_config" || section == "rsc_defaults" || section == "op_defaults" ||
         section == "tickets" || section == "nodes" || section == "status";
}

std::optional<NodeIdentity> find_node(xml::Element cib, std::string_view name) {
  const xml::Element configuration = cib.first_child("configuration");
  for (xml::Element node : xml::children(configuration.first_child("nodes"), "node")) {
    if (iequals(node.get_or("uname", {}), name)) {
      return NodeIdentity{std::string(node.id()), node.get("type") == "remote"};
    }
  }
  const std::string literal = xml::xpath_literal(name);
  const auto connections = xml::find_all(
      cib, fmt::format("/cib/configuration/resources//primitive[@id={0} and @class='ocf' and "
                       "@provider='pacemaker' and @type='remote']|/cib/configuration/resources//"
                       "nvpair[@name='remote-node' and @value={0}]",
                       literal));
  if (connections && !connections->empty()) return NodeIdentity{std::string(name), true};
  for (xml::Element state : xml::children(cib.first_child("status"), "node_state")) {
    if (iequals(state.get_or("uname", {}), name)) {
      return NodeIdentity{std::string(state.id()), state.get("remote_node") == "true"};
    }
  }
  return std::nullopt;
}

std::vector<xml::Element> find_pairs(xml::Element cib, const Place& place, const Settings& settings,
                                     const std::optional<std::string>& name) {
  std::vector<xml::Element> pairs;
  const auto blocks = xml::find_all(cib, blocks_path(place));
  if (!blocks) return pairs;
  for (const xml::Element block : *blocks) {
    if (settings.set_id && block.id() != *settings.set_id) continue;
    for (xml::Element pair : xml::children(block, "nvpair")) {
      const std::string_view own = pair.get_or("name", {});
      if (settings.pair_id && pair.id() != *settings.pair_id) continue;
      if (name && own != *name) continue;
      if (!name && settings.pattern && !matches_pattern(*settings.pattern, own)) continue;
      pairs.push_back(pair);
    }
  }
  return pairs;
}

xml::Document pair_document(const Place& place, const Settings& settings, const std::string& name,
                            const std::string& value, xml::Element existing) {
  xml::Document document = xml::Document::with_root(place.section);
  const std::string set_id = existing          ? std::string(existing.parent().id())
                             : settings.set_id ? *settings.set_id
                                               : default_set_id(place);
  xml::Element block =
      build_parent(document, place).add(existing ? existing.parent().name() : block_name(place));
  block.set("id", set_id);
  xml::Element pair = block.add("nvpair");
  pair.set("id", existing           ? std::string(existing.id())
                 : settings.pair_id ? *settings.pair_id
                                    : cli::as_xml_id(set_id + "-" + name));
  pair.set("name", name);
  pair.set("value", value);
  return document;
}

std::string request_section(const Place& place) {
  return place.section == "tickets" ? "status" : place.section;
}

}  // namespace quorate::crm_attribute
