#pragma once

#include <sys/types.h>

#include <vector>

#include "io/runtime/log_sink.h"
#include "io/runtime/settings.h"
#include "messages/core.h"

namespace quorate::runtime {

/// Stops this node at once (spec/09 §21.4). On a machine of its own, as root: by sysrq, as
/// PCMK_panic_action says, falling back to the reboot system call; doesn't return. As a node of a
/// local cluster: the launcher kills every process that descends from it; other daemons return and
/// end with 101, which makes the launcher do it.
void panic(const Settings& settings, Daemon daemon, LogSink& log);

/// Processes that descend from `root`, nearest first, without itself.
std::vector<pid_t> descendants_of(pid_t root);

/// SIGKILL for all descendants of this process until there are none; at most a second.
void kill_descendants();

}  // namespace quorate::runtime
