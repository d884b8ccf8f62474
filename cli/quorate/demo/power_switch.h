#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "io/loop/fd.h"
#include "io/loop/loop.h"

namespace quorate::demo {

enum class PowerAction { kOn, kOff, kReboot, kStatus };

/// The power switch of the demo's machines: the other side of agents/fence/fence_switch
/// (agents/fence/README.md). One line in, one line out, for each connection.
class PowerSwitch {
 public:
  /// Carries an action out; for kStatus says whether the node is on, otherwise whether it worked.
  using Operate = std::function<bool(const std::string& node, PowerAction action)>;

  /// Makes the folder and listens in it.
  static Result<std::unique_ptr<PowerSwitch>> open(io::Loop& loop, const std::string& folder,
                                                   Operate operate);
  PowerSwitch(const PowerSwitch&) = delete;
  PowerSwitch& operator=(const PowerSwitch&) = delete;
  ~PowerSwitch();

  /// How long the last off or reboot took, from the agent's connection to its answer.
  std::int64_t last_busy_us() const { return last_busy_us_; }

 private:
  struct Connection {
    io::Fd fd;
    io::Watch watch;
    std::string line;
    std::int64_t since_us = 0;
  };

  PowerSwitch(io::Loop& loop, std::string path, io::Fd listener, Operate operate);
  void accept();
  void read(int fd);
  std::string answer(const std::string& line, std::int64_t since_us);

  io::Loop& loop_;
  std::string path_;
  io::Fd listener_;
  Operate operate_;
  io::Watch watch_;
  std::map<int, Connection> connections_;
  std::int64_t last_busy_us_ = 0;
};

}  // namespace quorate::demo
