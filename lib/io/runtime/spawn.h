#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "io/loop/fd.h"
#include "messages/core.h"

namespace quorate::runtime {

/// A child just started, and our ends of its pipes (none for a daemon).
struct Spawned {
  pid_t pid = -1;
  io::Fd process;  ///< pidfd
  io::Fd input;
  io::Fd out;
  io::Fd err;
};

/// Starts the program of a RunProcess. The error is the errno of what failed.
tl::expected<Spawned, int> spawn(const RunProcess& process);

/// A pidfd for a process, or none.
io::Fd open_process(pid_t pid);

}  // namespace quorate::runtime
