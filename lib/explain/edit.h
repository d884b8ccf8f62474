#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xml/document.h"

/// Changes of a CIB as data: what explain proposes, what a test or a tool applies.
namespace quorate::explain {

/// One change of one element. Paths are plain XPath: steps of names with at most one comparison of
/// an attribute each, so that simple libraries understand them too.
struct Edit {
  enum class Operation { kDelete, kModify, kCreate };
  Operation operation = Operation::kDelete;
  std::string xpath;  ///< the element; for kCreate its parent
  /// kModify: attributes to set, or to remove if without value.
  std::vector<std::pair<std::string, std::optional<std::string>>> attributes;
  std::string xml;  ///< kCreate: the new element
};

std::string_view operation_name(Edit::Operation operation);

/// One thing an administrator would do, in words, as a command where there is one, and as edits.
struct Change {
  std::string text;
  std::string command;
  std::vector<Edit> edits;
};

/// Applies edits in order, each to every element its path selects; one that selects nothing is
/// skipped (an earlier edit may have removed it). False if a path or an element doesn't parse, or
/// if nothing was changed at all.
bool apply_edits(xml::Element root, const std::vector<Edit>& edits);

}  // namespace quorate::explain
