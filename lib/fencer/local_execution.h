#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "fencer/device_table.h"
#include "messages/fencer_peer.h"

namespace quorate::fencer {

/// What a fencer does that is told to execute: runs the device named, or finds those that can and
/// tries one after the other (spec/12 §7.6).
class LocalExecutions {
 public:
  using Done = std::function<void(Context&, const AgentResult&)>;

  explicit LocalExecutions(DeviceTable& table) : table_(table) {}

  /// `done` is called once, perhaps before start() returns.
  void start(Context& context, const Execute& execute, const std::string& target, Done done);

 private:
  struct Attempt {
    Execute execute;
    std::string target;
    Done done;
    std::deque<std::string> devices;  ///< not yet tried
    std::string current;
    bool succeeded = false;  ///< only devices required for unfencing are left
  };

  bool required(const std::string& device) const;
  void run_next(Context& context, std::uint64_t id);
  void ended(Context& context, std::uint64_t id, const AgentResult& result);
  void finish(Context& context, std::uint64_t id, const AgentResult& result);

  DeviceTable& table_;
  std::map<std::uint64_t, Attempt> attempts_;
};

}  // namespace quorate::fencer
