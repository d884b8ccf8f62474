#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/output.h"

namespace quorate::cli::mon {

/// What a tool's output would be, as text: `write` fills it and returns the exit code.
std::string output_as_text(Format format, const std::vector<std::string>& arguments,
                           const std::function<int(Output&)>& write);

/// Replaces what a file holds at once, so that nobody reads half of it; what isn't a regular file
/// is written to in place.
Result<void> replace_file(const std::string& path, std::string_view content);

}  // namespace quorate::cli::mon
