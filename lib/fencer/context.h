#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "agents/environment.h"
#include "messages/core.h"

namespace quorate::fencer {

/// What the fencer can't find out by itself.
struct FencerConfig {
  std::string node_name;
  NodeNumber node = 0;
  agents::AgentPaths paths;
  agents::Environment environment;  ///< for fence agents
  std::uint64_t random_seed = 0;    ///< for random delays and operation ids; differs by start
};

/// What the parts of the fencer need while an event is handled.
struct Context {
  Now now;
  Effects& effects;
  std::uint64_t& next_id;  ///< requests and timers share one row of numbers

  std::uint64_t new_id() { return ++next_id; }
  std::uint64_t set_timer(std::int64_t delay_ms) {
    const std::uint64_t timer = new_id();
    effects.push_back(SetTimer{timer, delay_ms});
    return timer;
  }
  /// Forgets a timer that may be 0 (none).
  void cancel_timer(std::uint64_t& timer) {
    if (timer != 0) effects.push_back(CancelTimer{timer});
    timer = 0;
  }
  void log(LogLevel level, std::string text) { effects.push_back(Log{{level, std::move(text)}}); }
};

}  // namespace quorate::fencer
