#pragma once

#include <cstdint>

namespace quorate::io {

/// Milliseconds of the clock that timers go by. (Apart from the loop: a tool that only waits for an
/// answer needs no main loop, and none of the libraries that come with it.)
std::int64_t monotonic_ms();

}  // namespace quorate::io
