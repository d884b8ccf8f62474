#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "agents/environment.h"

namespace quorate::executor {

/// What the executor can't find out by itself.
struct ExecutorConfig {
  std::string node_name;
  agents::AgentPaths paths;
  /// The daemon's own environment as agents are to inherit it (spec/11 §13, §26.2).
  agents::Environment environment;
  std::size_t max_output_bytes = std::size_t{10} << 20;  ///< of each stream of an agent
};

}  // namespace quorate::executor
