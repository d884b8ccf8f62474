#pragma once

#include <sys/types.h>

#include <vector>

namespace quorate::demo {

/// Every living descendant of a process, itself not included. Reads /proc.
std::vector<pid_t> descendants(pid_t root);

/// Takes a machine's power away: the process and all its descendants stop at once and are killed.
/// They are frozen first, so that none can start another meanwhile. Returns when all are gone; the
/// root is reaped if it is a child of the caller. `root` must be a child subreaper, so that
/// daemons of its daemons stay its descendants.
void kill_tree(pid_t root);

}  // namespace quorate::demo
