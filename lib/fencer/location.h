#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/score.h"
#include "xml/document.h"

namespace quorate::fencer {

/// A node as rules see it.
struct NodeView {
  std::string name;
  std::map<std::string, std::string> attributes;  ///< permanent ones, #uname, #id, #kind
  std::int64_t now_seconds = 0;
};

/// Score that location constraints give a resource on a node, as far as fence devices need it: no
/// stickiness, no colocation, no attributes from status (spec/12 §4, spec/01 §13). Nullopt if the
/// node isn't among the allowed ones (asymmetric cluster, no constraint for it). `symmetric`: the
/// cluster's option symmetric-cluster.
std::optional<Score> location_score(xml::Element constraints, std::string_view resource,
                                    const NodeView& node, bool symmetric);

}  // namespace quorate::fencer
