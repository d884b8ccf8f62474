#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "base/result.h"
#include "io/loop/fd.h"

namespace quorate::runtime {

/// A file that names a daemon's children while they run, so that a daemon that dies doesn't leave
/// agents at work nobody knows of: a start that goes on after the resource was probed and found
/// stopped would make it active a second time. The next process of the daemon ends what it names.
class ChildRecord {
 public:
  /// Empty path: nothing is recorded. The file lies where it doesn't outlive the boot (/run).
  explicit ChildRecord(std::string path) : path_(std::move(path)) {}
  /// The file goes if no child runs any more.
  ~ChildRecord();
  ChildRecord(const ChildRecord&) = delete;
  ChildRecord& operator=(const ChildRecord&) = delete;

  void add(pid_t pid);
  void remove(pid_t pid);

  /// Kills the process groups of the children that a former process left running (spec/11 §8: a
  /// child leads its group) and waits until they are gone, at most `patience_ms`; how many there
  /// were. A process whose id was given to another since then isn't touched, nor are services that
  /// a finished agent has left behind. Before the first add(). Error if one can't be ended: nothing
  /// may be started then.
  Result<std::size_t> end_former(int patience_ms = 5'000);

 private:
  void write();

  std::string path_;
  io::Fd file_;
  std::map<pid_t, std::uint64_t> children_;  ///< to the time they were started, in ticks
};

}  // namespace quorate::runtime
