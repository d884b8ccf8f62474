#pragma once

#include <cstdint>
#include <string>

#include "common/output.h"
#include "messages/launcher.h"

namespace quorate::cli {

/// Asks this node's launcher how it and its daemons are; waits at most `timeout_ms`. kDisconnected
/// if it isn't running, kPermission, kTimeout.
Result<LauncherReply> ask_launcher(std::int64_t timeout_ms);

/// `Status of pacemakerd: 'Pacemaker is running' (last updated TIME)` or its element (spec/13 §5).
void write_health(Output& output, const LauncherReply& reply);

}  // namespace quorate::cli
