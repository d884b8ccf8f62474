#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace quorate::agents {

/// A fence agent's metadata as tools show it: reformatted, `action`, `plug` and `port` no longer
/// required, `stop` and `start` added (spec/12 §22.2). Error if it isn't XML of bounded size.
Result<std::string> shown_fence_metadata(std::string_view xml, std::string_view agent);

}  // namespace quorate::agents
