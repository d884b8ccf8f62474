#include "io/loop/loop.h"

#include <poll.h>
#include <qb/qbloop.h>
#include <sys/signalfd.h>

#include <cassert>
#include <csignal>
#include <utility>

#include "io/loop/fd.h"

namespace quorate::io {

// libqb keeps a bare pointer to the state while the watch or timer is registered; a callback holds
// a reference of its own, so that it may destroy its watch.
struct Watch::State : std::enable_shared_from_this<Watch::State> {
  qb_loop* loop = nullptr;
  int fd = -1;
  Fd owned;
  std::function<void(short)> ready;
  bool active = true;

  static std::int32_t dispatch(std::int32_t, std::int32_t revents, void* data) {
    const auto self = static_cast<State*>(data)->shared_from_this();
    if (self->active) self->ready(static_cast<short>(revents));
    return 0;
  }
  void end() {
    if (!active) return;
    active = false;
    qb_loop_poll_del(loop, fd);
  }
};

Watch& Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    reset();
    state_ = std::move(other.state_);
  }
  return *this;
}
Watch::~Watch() { reset(); }

void Watch::reset() {
  if (state_) state_->end();
  state_.reset();
}

void Watch::set_events(short events) {
  if (state_ && state_->active)
    qb_loop_poll_mod(state_->loop, QB_LOOP_MED, state_->fd, events, state_.get(), &State::dispatch);
}

struct Timer::State : std::enable_shared_from_this<Timer::State> {
  qb_loop* loop = nullptr;
  qb_loop_timer_handle handle = 0;
  std::function<void()> fire;
  bool active = true;

  static void dispatch(void* data) {
    const auto self = static_cast<State*>(data)->shared_from_this();
    if (!std::exchange(self->active, false)) return;
    self->fire();
  }
  void end() {
    if (std::exchange(active, false)) qb_loop_timer_del(loop, handle);
  }
};

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    reset();
    state_ = std::move(other.state_);
  }
  return *this;
}
Timer::~Timer() { reset(); }
bool Timer::pending() const { return state_ && state_->active; }

void Timer::reset() {
  if (state_) state_->end();
  state_.reset();
}

Loop::Loop() : loop_(qb_loop_create()) { assert(loop_); }
Loop::~Loop() {
  run_deferred_.reset();
  qb_loop_destroy(loop_);
}
void Loop::run() { qb_loop_run(loop_); }
void Loop::stop() { qb_loop_stop(loop_); }

bool Loop::run_until(const std::function<bool()>& done, std::int64_t timeout_ms) {
  const std::int64_t deadline = monotonic_ms() + timeout_ms;
  while (!done()) {
    const std::int64_t left = deadline - monotonic_ms();
    if (left <= 0) return false;
    // The condition is looked at every few milliseconds; whatever is ready runs meanwhile.
    const Timer look = after(left < 2 ? left : 2, [this] { stop(); });
    run();
  }
  return true;
}

Watch Loop::watch(int fd, short events, std::function<void(short)> ready) {
  auto state = std::make_shared<Watch::State>();
  state->loop = loop_;
  state->fd = fd;
  state->ready = std::move(ready);
  [[maybe_unused]] const int result =
      qb_loop_poll_add(loop_, QB_LOOP_MED, fd, events, state.get(), &Watch::State::dispatch);
  assert(result == 0);
  return Watch(std::move(state));
}

Timer Loop::after(std::int64_t delay_ms, std::function<void()> fire) {
  auto state = std::make_shared<Timer::State>();
  state->loop = loop_;
  state->fire = std::move(fire);
  const std::uint64_t delay_ns =
      static_cast<std::uint64_t>(delay_ms > 0 ? delay_ms : 0) * 1'000'000U;
  [[maybe_unused]] const int result = qb_loop_timer_add(loop_, QB_LOOP_MED, delay_ns, state.get(),
                                                        &Timer::State::dispatch, &state->handle);
  assert(result == 0);
  return Timer(std::move(state));
}

// By a timer that is due at once, not by one of libqb's jobs: with only jobs to do, its loop sleeps
// up to 50 ms before each.
void Loop::defer(std::function<void()> call) {
  deferred_.push_back(std::move(call));
  if (!run_deferred_.pending()) run_deferred_ = after(0, [this] { call_deferred(); });
}

void Loop::call_deferred() {
  std::deque<std::function<void()>> calls;
  calls.swap(deferred_);
  for (const std::function<void()>& call : calls) call();
}

Watch Loop::on_signals(const std::vector<int>& signals, std::function<void(int)> caught) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  Fd fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  assert(fd);
  const int number = fd.get();
  auto state = std::make_shared<Watch::State>();
  state->loop = loop_;
  state->fd = number;
  state->owned = std::move(fd);
  state->ready = [number, caught = std::move(caught)](short) {
    signalfd_siginfo info{};
    while (::read(number, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
      caught(static_cast<int>(info.ssi_signo));
  };
  [[maybe_unused]] const int result =
      qb_loop_poll_add(loop_, QB_LOOP_HIGH, number, POLLIN, state.get(), &Watch::State::dispatch);
  assert(result == 0);
  return Watch(std::move(state));
}

}  // namespace quorate::io
