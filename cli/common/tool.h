#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/options.h"
#include "common/output.h"

namespace quorate::cli {

/// The frame every tool shares: parses the command line, shows help or version, opens the output
/// and ends it with the exit code `body` returns. Words that aren't options are refused unless the
/// program declares a positional argument (spec/14 §5).
int run_tool(const Program& program, std::vector<OptionGroup> groups,
             const std::vector<std::string>& arguments, const std::vector<Format>& formats,
             const std::function<int(Output&, const ParsedCommandLine&)>& body);

}  // namespace quorate::cli
