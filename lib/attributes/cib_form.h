#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attributes/table.h"

namespace quorate::attributes {

/// What writing one attribute means for the CIB, to be done as one transaction (spec/10 §9).
struct CibForm {
  std::string status;                    ///< `<status>` to be merged; empty: nothing to set
  std::vector<std::string> deletions;    ///< XPaths of nvpairs to be deleted
  std::vector<std::string> unknown_ids;  ///< nodes left out since their id isn't known
};

/// The CIB form of all values of an attribute that isn't private (spec/10 §9.2).
CibForm cib_form(std::string_view name, const Attribute& attribute);

/// XPath of all transient attributes of a node.
std::string transient_attributes_xpath(std::string_view node_id);

/// Text made a valid XML id: a first character that may not start one becomes `_`, others `.`.
std::string xml_id(std::string_view text);

}  // namespace quorate::attributes
