#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/loop/loop.h"
#include "quorate/demo/folder.h"
#include "quorate/demo/machine.h"
#include "quorate/demo/power_switch.h"
#include "quorate/demo/tool.h"

namespace quorate::demo {

/// The demo's machines on this host, the hub that is their network, and their power switch. All of
/// it, and the folder it lives in, is gone when this is.
class DemoCluster {
 public:
  struct Options {
    int nodes = 3;
    std::string program_dir;  ///< where quorated and its daemons are
  };
  /// Makes folder, hub and power switch; all machines are off. Errors are complete messages.
  static Result<std::unique_ptr<DemoCluster>> make(io::Loop& loop, const Options& options);
  ~DemoCluster();

  const std::vector<std::string>& names() const { return names_; }
  const std::string& folder() const { return folder_.path(); }
  std::string run_directory(const std::string& node) const;
  std::string switch_folder() const { return folder() + "/power"; }
  /// Environment of a node's processes and of tools that are to talk to it.
  Variables variables(const std::string& node) const;
  /// The cluster layer's name for this cluster.
  std::string layer() const { return "local:" + folder(); }

  /// As a machine does when it boots: what was in its /run is gone. Nothing if it is on.
  bool switch_on(const std::string& node);
  /// Everything on it is gone when this returns.
  void cut_power(const std::string& node) { machines_.at(node)->power_off(); }
  bool is_on(const std::string& node) const { return machines_.at(node)->on(); }
  /// From now on a machine that is off, fenced or by itself, boots after a moment.
  void boot_by_itself(std::int64_t after_ms);
  /// Agents' time at the power switch in the last off or reboot.
  std::int64_t fencing_us() const { return power_ ? power_->last_busy_us() : 0; }
  /// Logs stay, for a person to look at.
  void leave_logs() { folder_.leave_for_inspection(); }

 private:
  DemoCluster(io::Loop& loop, Options options, DemoFolder folder);
  Result<void> check_programs() const;
  Result<void> start();
  Result<void> write_cluster_file() const;
  bool operate(const std::string& node, PowerAction action);
  void look_at_machines();

  io::Loop& loop_;
  Options options_;
  DemoFolder folder_;
  std::vector<std::string> names_;
  std::optional<ToolRun> hub_;
  std::unique_ptr<PowerSwitch> power_;
  std::map<std::string, std::unique_ptr<DemoMachine>> machines_;
  std::int64_t boot_after_ms_ = -1;
  std::map<std::string, io::Timer> boots_;
  io::Timer look_;
};

}  // namespace quorate::demo
