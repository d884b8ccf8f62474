#pragma once

#include <cstdint>

namespace quorate {

/// Both clocks, read once by the shell for each event. Timers and ages use `monotonic_ms`; wall
/// time only appears in what is written.
struct Now {
  std::int64_t monotonic_ms = 0;
  std::int64_t wall_ms = 0;  ///< since the epoch
  std::int64_t wall_seconds() const { return wall_ms / 1000; }
};

}  // namespace quorate
