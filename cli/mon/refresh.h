#pragma once

#include <cstdint>

namespace quorate::cli::mon {

/// When the display is redrawn (spec/13 §18): at once if more than one interval has passed since
/// the last time, or after 10 updates since; otherwise 2 s after the last update. Times are
/// monotonic milliseconds.
class RefreshPolicy {
 public:
  explicit RefreshPolicy(std::int64_t interval_ms) : interval_ms_(interval_ms) {}

  /// An update has come: how long to wait for the next before redrawing; 0 is at once.
  std::int64_t on_update(std::int64_t now_ms) {
    ++updates_;
    if (updates_ >= kUpdates || now_ms - drawn_ms_ > interval_ms_) return 0;
    return kQuietMs;
  }
  void on_drawn(std::int64_t now_ms) {
    updates_ = 0;
    drawn_ms_ = now_ms;
  }

 private:
  static constexpr int kUpdates = 10;
  static constexpr std::int64_t kQuietMs = 2'000;
  std::int64_t interval_ms_;
  std::int64_t drawn_ms_ = INT64_MIN / 2;
  int updates_ = 0;
};

}  // namespace quorate::cli::mon
