#pragma once

#include <string>

#include "base/result.h"

namespace quorate::cli {

/// Name of this node, as this node's controller has it. Errors: kDisconnected, kPermission,
/// kTimeout, kNotFound (the controller doesn't know it yet).
Result<std::string> ask_own_node(const std::string& client);

}  // namespace quorate::cli
