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
    std::uint32_t place = static_cast<std::uint32_t>(actions_.size());
    if (free_.empty()) {
      actions_.push_back(std::move(action));
    } else {
      place = free_.back();
      free_.pop_back();
      actions_[place] = std::move(action);
    }
    queue_.push({time_us < now_us_ ? now_us_ : time_us, next_number_++, place});
  }
  void after(std::int64_t delay_us, Action action) { at(now_us_ + delay_us, std::move(action)); }

  /// Lets the next thing happen; false if nothing is planned up to `end_us`.
  bool step(std::int64_t end_us) {
    if (queue_.empty() || queue_.top().time_us > end_us) return false;
    const Planned planned = queue_.top();
    queue_.pop();
    now_us_ = planned.time_us;
    ++steps_;
    const Action action = std::exchange(actions_[planned.place], nullptr);
    free_.push_back(planned.place);
    action();
    return true;
  }
  std::uint64_t steps() const { return steps_; }

 private:
  struct Planned {
    std::int64_t time_us;
    std::uint64_t number;
    std::uint32_t place;  ///< of its action
    bool operator<(const Planned& other) const {
      return time_us != other.time_us ? time_us > other.time_us : number > other.number;
    }
  };
  std::priority_queue<Planned> queue_;
  std::vector<Action> actions_;  ///< apart from the queue, which moves its entries often
  std::vector<std::uint32_t> free_;
  std::int64_t now_us_ = 0;
  std::uint64_t next_number_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace quorate::sim
