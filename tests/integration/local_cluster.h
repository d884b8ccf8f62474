#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "../unit/io_ipc/folder.h"
#include "base/result.h"
#include "io/loop/loop.h"
#include "io/runtime/processes.h"
#include "messages/launcher.h"

namespace quorate {

/// A cluster of real processes on this host: a hub and one launcher per node, each node with its
/// run and state folder below one temporary folder.
class LocalCluster {
 public:
  /// Nodes are named node1 to nodeN. `program_dir` holds the daemons.
  LocalCluster(int nodes, std::string program_dir);
  ~LocalCluster();  ///< kills what is left

  io::Loop& loop() { return loop_; }
  /// Starts the launcher of a node.
  void start(int node);
  void start_all();
  /// A signal for the launcher.
  void signal(int node, int signal);
  bool running(int node) const { return launcher_pid(node) != 0; }
  std::int32_t launcher_pid(int node) const { return processes_.pid_of(key(node)); }  ///< 0: none
  const ProcessResult* end_of(int node) const;

  /// The launcher's answer; an error if it doesn't answer.
  Result<LauncherReply> status(int node) const;
  bool all_up(int node) const;
  /// Sends a message to a daemon and takes its first answer; empty on failure.
  std::string ask(int node, Daemon daemon, const std::string& message) const;
  std::int32_t pid_of(int node, Daemon daemon) const;
  std::string hub_command(const std::string& text);
  /// Runs one of our tools on a node to its end.
  ProcessResult run_tool(int node, const std::string& program, std::vector<std::string> arguments);
  std::string run_dir(int node) const;
  std::string state_dir(int node) const;
  /// The environment a node's programs and tools run with.
  std::vector<std::pair<std::string, std::string>> environment(int node) const;
  bool until(const std::function<bool()>& done, std::int64_t timeout_ms) {
    return loop_.run_until(done, timeout_ms);
  }
  /// What the nodes' daemons logged, for failures.
  std::string log() const;
  const std::string& folder() const { return folder_.path(); }

 private:
  static std::uint64_t key(int node) { return static_cast<std::uint64_t>(node) + 1000; }
  Folder folder_;
  std::string program_dir_;
  int nodes_;
  io::Loop loop_;
  std::uint64_t next_tool_ = 1'000'000;
  std::map<std::uint64_t, ProcessResult> ended_;
  runtime::Processes processes_;
};

/// Processes whose environment says that they belong to a folder, with their command names.
std::map<pid_t, std::string> processes_of(const std::string& folder);

}  // namespace quorate
