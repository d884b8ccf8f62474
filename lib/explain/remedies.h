#pragma once

#include <vector>

#include "explain/edit.h"
#include "explain/findings.h"

/// Changes that may remove what speaks against a node. Whether they do is for a run to say.
namespace quorate::explain {

/// Changes that take this finding away, simplest first; none if there is nothing one could do.
std::vector<Change> remedies(const Run& run, const Finding& finding, const model::Node& node);

/// A location constraint that makes it prefer the node by that score.
Change preference(const Run& run, const model::Resource& resource, const model::Node& node,
                  Score score);

}  // namespace quorate::explain
