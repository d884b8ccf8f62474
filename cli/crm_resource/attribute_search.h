#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crm_resource/session.h"
#include "xml/document.h"

namespace quorate::crm_resource {

/// Name of the set elements a kind of attribute is in; empty for attributes of the element itself.
std::string_view set_element(AttributeKind kind);

/// The nvpairs of a resource with the settings' set and pair IDs and, unless empty, the name
/// (spec/14 §6.6), in a document kept for them.
struct FoundPairs {
  xml::Document document;
  std::vector<xml::Element> pairs;
};
/// Reads the CIB. `set` is the element name of the sets to look in; empty: all, at any depth. More
/// than one match is listed for the user.
Result<FoundPairs> search_pairs(Session& session, std::string_view resource_id,
                                std::string_view set, std::string_view name);

}  // namespace quorate::crm_resource
