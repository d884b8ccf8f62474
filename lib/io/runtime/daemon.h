#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/runtime/log_sink.h"
#include "io/runtime/settings.h"
#include "io/runtime/shell.h"
#include "messages/core.h"

namespace quorate::runtime {

/// What a daemon's core is made from, at its start.
struct StartContext {
  const Settings& settings;
  Member local_node;  ///< number and name in the cluster layer; number 0 without one
  cluster::ClusterInfo cluster;
  Now now;
  LogSink& log;
  std::string state_folder;  ///< where WriteFile effects go

  /// A file of the state folder; kNotFound if there is none.
  Result<std::string> read_state(const std::string& name) const;
  /// Names of the files there.
  std::vector<std::string> state_files() const;
  /// Random numbers of the kernel, for cores that need some at their start.
  static std::uint64_t random_number();
  static std::string random_uuid();
};

/// One daemon: what it is, and how its core is made. `main` is a call of run_daemon().
struct DaemonSpec {
  Daemon daemon{};
  std::string summary;  ///< for --help
  std::string options;  ///< lines of --help for options that `main` itself handles
  std::vector<Daemon> siblings;
  bool uses_cluster = true;  ///< connects to the cluster layer
  bool joins_group = true;   ///< and joins the group of its name
  bool needs_cluster = true;
  std::map<std::string, Task> tasks;
  Strand strand;
  std::function<Result<Core>(const StartContext&)> make_core;
  /// Optional: last changes to the shell's parts.
  std::function<void(ShellParts&)> adjust;
};

/// A core of any class as the shell wants it.
template <class AnyCore>
Core as_core(std::shared_ptr<AnyCore> core) {
  return [core = std::move(core)](const Event& event, Now now, Effects& effects) {
    core->handle(event, now, effects);
  };
}

/// Options (spec/11 §26.1), settings, folders, log, cluster layer, core, shell: runs the daemon and
/// returns its exit status. 64 for wrong options; 100 if it can't run here (a second instance, no
/// folder, no place in the cluster); 102 if the cluster layer isn't there; else what the core's
/// Exit says.
int run_daemon(int argc, char** argv, const DaemonSpec& spec);

}  // namespace quorate::runtime
