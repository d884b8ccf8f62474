#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crm_attribute/settings.h"
#include "xml/document.h"

/// Where attributes and options are in the CIB (spec/13 §26).
namespace quorate::crm_attribute {

/// A place to look: a section and, for node attributes, the node.
struct Place {
  std::string section;
  std::string node;  ///< name
  std::string node_id;
  bool node_is_remote = false;
  bool utilization = false;
};

/// A node's ID in a CIB by its name: cluster, remote or guest node. nullopt if unknown.
struct NodeIdentity {
  std::string id;
  bool remote = false;
};
std::optional<NodeIdentity> find_node(xml::Element cib, std::string_view name);

/// Sections the tool knows.
bool is_section(std::string_view section);

/// The nvpairs there that fit the settings' set, pair ID and, if given, this name; with `name`
/// empty all names (filtered by the settings' pattern if there is one). In document order.
std::vector<xml::Element> find_pairs(xml::Element cib, const Place& place, const Settings& settings,
                                     const std::optional<std::string>& name);

/// The element that creates or changes a pair, beneath `configuration` or `status`.
xml::Document pair_document(const Place& place, const Settings& settings, const std::string& name,
                            const std::string& value, xml::Element existing);
/// The section of the CIB that document is sent to.
std::string request_section(const Place& place);

}  // namespace quorate::crm_attribute
