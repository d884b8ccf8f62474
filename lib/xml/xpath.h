#pragma once

#include <string_view>
#include <vector>

#include "xml/document.h"

namespace quorate::xml {

/// The elements an XPath 1.0 expression selects, in document order; evaluated from the document
/// of `context` with `context` as the context node. Attribute and text results give the element
/// that holds them. Error kInvalid if the expression doesn't parse. Cost: libxml2's evaluation.
Result<std::vector<Element>> find_all(Element context, std::string_view expression);

/// One thing an expression selects: an element, or an attribute of one.
struct Match {
  Element element;  ///< the element itself, or the one that holds what matched
  bool is_element = false;
  std::string attribute_name;  ///< of an attribute
  std::string attribute_value;
};
/// As find_all, telling elements from what they hold; at most 1 entry for each thing selected.
Result<std::vector<Match>> find_matches(Element context, std::string_view expression);

/// A literal for use inside an expression, quoted so that no content can end it.
std::string xpath_literal(std::string_view text);

}  // namespace quorate::xml
