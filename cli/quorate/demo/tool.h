#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/loop/fd.h"
#include "io/loop/loop.h"
#include "quorate/demo/machine.h"

namespace quorate::demo {

/// One of our programs running beside the demo's loop, with these variables on top of the
/// environment; its output goes where ours goes. It dies with the demo.
class ToolRun {
 public:
  static Result<ToolRun> start(io::Loop& loop, const std::string& program,
                               const std::vector<std::string>& arguments,
                               const Variables& variables);
  ToolRun(ToolRun&&) = default;
  ToolRun& operator=(ToolRun&&) = delete;
  ~ToolRun();  ///< kills it if it still runs

  /// Exit status once it has ended (128 for a signal).
  std::optional<int> status();

 private:
  ToolRun(pid_t pid, io::Fd process, io::Watch watch)
      : pid_(pid), process_(std::move(process)), watch_(std::move(watch)) {}
  pid_t pid_;
  io::Fd process_;
  io::Watch watch_;  ///< wakes the loop when it ends
  std::optional<int> status_;
};

}  // namespace quorate::demo
