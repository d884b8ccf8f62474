#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/options.h"

namespace quorate::cli {

/// Help text (spec/14 §5.1): of the first group if `only_group` is empty, of the group of that
/// name, or of all. Hidden options are left out.
std::string help_text(const Program& program, const std::vector<OptionGroup>& groups,
                      std::string_view only_group, bool all);

}  // namespace quorate::cli
