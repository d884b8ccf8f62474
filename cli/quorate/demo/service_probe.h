#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace quorate::demo {

/// Keeps asking the demo's HTTP service for its page, as its users would, and keeps count. Runs in
/// a thread of its own.
class ServiceProbe {
 public:
  /// Asks 127.0.0.1:`port` every `pause_ms`.
  ServiceProbe(int port, int pause_ms);
  ~ServiceProbe();

  struct Numbers {
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;
    std::string node;                 ///< that answered last
    std::int64_t last_answer_us = 0;  ///< monotonic
  };
  Numbers numbers() const;

  /// The first answer after a moment (monotonic, microseconds), if there was one.
  std::optional<std::int64_t> first_answer_after(std::int64_t moment_us) const;
  /// From now on the first answer after `moment_us` is remembered.
  void watch_from(std::int64_t moment_us);

 private:
  void run();
  std::optional<std::string> ask() const;

  int port_;
  int pause_ms_;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  Numbers numbers_;
  std::int64_t watched_from_us_ = INT64_MAX;
  std::optional<std::int64_t> first_answer_us_;
  std::thread thread_;
};

/// Monotonic time in microseconds, the demo's clock.
std::int64_t monotonic_us();
/// A TCP port on the loopback address that nobody listens on.
int free_port();

}  // namespace quorate::demo
