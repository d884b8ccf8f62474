#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xml/document.h"

namespace quorate::scheduler {

/// Histories by exact node name and resource ID, as the look-ups of spec/03 §13, §15.2 and §16
/// search for them. Each node's part is built when first asked for.
class HistoryIndex {
 public:
  /// Every lrm_resource with that ID in the node_state entries of that uname, in document order.
  const std::vector<xml::Element>& find(xml::Element status, std::string_view node,
                                        std::string_view resource);

 private:
  using ByResource = std::unordered_map<std::string_view, std::vector<xml::Element>>;
  std::unordered_map<std::string, ByResource> nodes_;
};

}  // namespace quorate::scheduler
