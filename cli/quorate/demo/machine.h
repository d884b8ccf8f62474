#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace quorate::demo {

/// Environment of a node's processes, on top of the caller's.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// A node of the demo: one process that is the parent of everything on it, so that its power can be
/// cut. It isn't a machine, but to the cluster it dies like one.
class DemoMachine {
 public:
  DemoMachine(std::string name, std::string program, Variables variables);
  ~DemoMachine();
  DemoMachine(const DemoMachine&) = delete;
  DemoMachine& operator=(const DemoMachine&) = delete;

  const std::string& name() const { return name_; }
  bool on() const { return keeper_ > 0; }
  pid_t keeper() const { return keeper_; }

  /// Starts the keeper, which starts `program` (quorated).
  Result<void> power_on();
  /// Everything on it is gone when this returns. Nothing if it is off.
  void power_off();
  /// Asks the node's launcher to stop the node in order (SIGTERM).
  void shut_down();
  /// Notices that it has ended by itself; true if it just did.
  bool has_ended();

 private:
  std::string name_;
  std::string program_;
  Variables variables_;
  pid_t keeper_ = -1;
};

}  // namespace quorate::demo
