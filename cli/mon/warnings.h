#pragma once

#include <string>
#include <vector>

#include "messages/cib_health.h"
#include "messages/launcher.h"

namespace quorate::cli::mon {

/// What a person should know of this node's daemons: a line for each that doesn't work.
std::vector<std::string> daemon_warnings(const LauncherReply& reply);

/// The same of its copy of the CIB, by what quorate-cib says.
std::vector<std::string> cib_warnings(const CibHealth& health);

}  // namespace quorate::cli::mon
