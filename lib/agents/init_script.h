#pragma once

#include <string>
#include <string_view>

namespace quorate::agents {

/// Metadata made up from the INIT INFO comment block of an init script (spec/11 §17.4).
std::string init_script_metadata(std::string_view type, std::string_view script);

}  // namespace quorate::agents
