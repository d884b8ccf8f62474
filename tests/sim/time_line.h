#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace quorate::sim {

/// Simulated time and what is to happen in it. Events at the same time happen in the order in
/// which they were planned, so a run depends on nothing but its seed.
class TimeLine {
 public:
  using Action = std::function<void()>;

  std::int64_t now_us() const { return now_us_; }
  void at(std::int64_t time_us, Action action) {
    queue_.push({time_us < now_us_ ? now_us_ : time_us, next_number_++, std::move(action)});
  }
  void after(std::int64_t delay_us, Action action) { at(now_us_ + delay_us, std::move(action)); }

  /// Lets the next thing happen; false if nothing is planned up to `end_us`.
  bool step(std::int64_t end_us) {
    if (queue_.empty() || queue_.top().time_us > end_us) return false;
    Planned planned = std::move(const_cast<Planned&>(queue_.top()));
    queue_.pop();
    now_us_ = planned.time_us;
    ++steps_;
    planned.action();
    return true;
  }
  std::uint64_t steps() const { return steps_; }

 private:
  struct Planned {
    std::int64_t time_us;
    std::uint64_t number;
    Action action;
    bool operator<(const Planned& other) const {
      return time_us != other.time_us ? time_us > other.time_us : number > other.number;
    }
  };
  std::priority_queue<Planned> queue_;
  std::int64_t now_us_ = 0;
  std::uint64_t next_number_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace quorate::sim
