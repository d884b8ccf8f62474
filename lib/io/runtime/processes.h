#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "io/loop/loop.h"
#include "io/runtime/child_record.h"
#include "messages/core.h"

namespace quorate::runtime {

/// Children of a daemon, as RunProcess effects ask for them (spec/11 §8): started without a shell,
/// in a process group of their own, with default signals, nice 0 and normal scheduling, exactly the
/// given environment and no descriptors but 0 to 2; watched by pidfd; nothing here blocks.
class Processes {
 public:
  using Ended = std::function<void(std::uint64_t request, ProcessResult result)>;

  /// `record`: the file in which running children are kept (ChildRecord), empty: none.
  Processes(io::Loop& loop, Ended ended, std::string record = {});
  /// Kills what still runs (process groups, SIGKILL) and waits for it; daemons go on.
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  /// Ends what a former process of this daemon left running; how many. Before anything is started.
  Result<std::size_t> end_former() { return record_.end_former(); }
  /// Starts, or adopts. The end is always reported, from the loop, once. A request number that is
  /// in use is answered with kCouldNotStart, EEXIST.
  void start(const RunProcess& process);
  /// Signals the process (group). Unknown requests are ignored: they have ended.
  void signal(std::uint64_t request, int signal);
  /// The process id of a request, 0 if it has ended.
  std::int32_t pid_of(std::uint64_t request) const;
  std::size_t running() const { return children_.size(); }
  /// SIGKILL for everything at once, daemons included. Doesn't wait.
  void kill_all();
  /// From now on processes whose parents below this one died come to it (the launcher: agents of a
  /// dead executor), so that they can be found and killed, and are reaped.
  void adopt_orphans();
  /// Reaps orphans that have ended; call it on SIGCHLD.
  void reap_orphans();

 private:
  struct Child;
  void watch(Child& child, const RunProcess& process);
  void on_exit(std::uint64_t request);
  void on_timeout(std::uint64_t request);
  void read_stream(Child& child, int which);
  void write_input(Child& child);
  void report_failure(std::uint64_t request, int error);

  io::Loop& loop_;
  Ended ended_;
  ChildRecord record_;
  bool subreaper_ = false;
  std::map<std::uint64_t, std::unique_ptr<Child>> children_;
};

}  // namespace quorate::runtime
