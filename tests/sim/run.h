#pragma once

#include <cstdint>
#include <string>

#include "faults.h"

namespace quorate::sim {

struct RunOptions {
  std::uint64_t seed = 1;
  int nodes = 0;      ///< 0: 3 to 7, by the seed
  int faults = 0;     ///< 0: 10 to 12, by the seed
  std::string fault;  ///< all aimed faults are this one; empty: by the seed
  std::string phase;  ///< and aimed at this phase; empty: by the seed
  bool trace = false;
  bool trace_messages = false;  ///< with trace: also every event the daemons get
};

struct RunResult {
  bool ok = true;
  std::string what;  ///< the violation, with its time
  Coverage coverage;
  double simulated_s = 0;
  std::uint64_t events = 0;
  std::size_t changes = 0;
  std::size_t durable = 0;
};

/// One life of a cluster: it forms, is configured, suffers, heals, and must settle.
RunResult run(const RunOptions& options);

}  // namespace quorate::sim
