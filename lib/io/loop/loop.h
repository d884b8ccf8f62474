#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "io/loop/clock.h"

struct qb_loop;

namespace quorate::io {

class Loop;

/// A watched descriptor. Destroying it ends the watch, also from inside its own callback; it must
/// be destroyed before the descriptor is closed and before the Loop.
class Watch {
 public:
  struct State;
  Watch() = default;
  explicit Watch(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Watch(Watch&& other) noexcept = default;
  Watch& operator=(Watch&& other) noexcept;
  ~Watch();
  explicit operator bool() const { return state_ != nullptr; }
  /// Changes the poll(2) events waited for; 0 keeps only errors and hang-up.
  void set_events(short events);
  void reset();

 private:
  std::shared_ptr<State> state_;
};

/// A running timer. Destroying it cancels it.
class Timer {
 public:
  struct State;
  Timer() = default;
  explicit Timer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Timer(Timer&& other) noexcept = default;
  Timer& operator=(Timer&& other) noexcept;
  ~Timer();
  /// Started and neither fired nor cancelled.
  bool pending() const;
  void reset();

 private:
  std::shared_ptr<State> state_;
};

/// libqb's main loop: descriptors, monotonic timers, deferred calls and signals, as RAII values.
/// Single-threaded: everything is called, and calls back, in the thread that runs it. It sleeps
/// in epoll while there is nothing to do.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Until stop(), which may be called from any callback.
  void run();
  void stop();
  /// Runs until `done` holds (asked after each callback round) or `timeout_ms` have passed; says
  /// whether it holds. For tests and programs with an end.
  bool run_until(const std::function<bool()>& done, std::int64_t timeout_ms);

  /// Calls `ready(revents)` while `events` are pending on `fd`. One watch per descriptor.
  [[nodiscard]] Watch watch(int fd, short events, std::function<void(short)> ready);
  /// Calls `fire` once, `delay_ms` from now (at least; 0 is the next round).
  [[nodiscard]] Timer after(std::int64_t delay_ms, std::function<void()> fire);
  /// Calls `call` from the loop, behind what is already waiting.
  void defer(std::function<void()> call);
  /// Blocks `signals` for this process and reports them as callbacks. Call it before any thread is
  /// started; children are to be started with an empty signal mask.
  [[nodiscard]] Watch on_signals(const std::vector<int>& signals, std::function<void(int)> caught);

  static std::int64_t monotonic_ms() { return io::monotonic_ms(); }

 private:
  void call_deferred();

  qb_loop* loop_;
  std::deque<std::function<void()>> deferred_;
  Timer run_deferred_;
};

}  // namespace quorate::io
