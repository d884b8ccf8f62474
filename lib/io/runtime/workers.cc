#include "io/runtime/workers.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cassert>
#include <cstdint>
#include <utility>

namespace quorate::runtime {

Workers::Workers(io::Loop& loop, std::size_t threads)
    : max_threads_(threads), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  assert(wake_);
  watch_ = loop.watch(wake_.get(), POLLIN, [this](short) { call_finished(); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(Job job) {
  ++outstanding_;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    more = jobs_.size() > idle_ && threads_.size() < max_threads_;
  }
  if (more)
    threads_.emplace_back([this] { work(); });
  else
    ready_.notify_one();
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    ready_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    --idle_;
    if (jobs_.empty()) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    Finish finish = job();
    lock.lock();
    finished_.push_back(std::move(finish));
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t woken = write(wake_.get(), &one, sizeof one);
  }
}

void Workers::call_finished() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(wake_.get(), &count, sizeof count);
  std::vector<Finish> finished;
  {
    const std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  for (const Finish& finish : finished) {
    --outstanding_;
    finish();
  }
}

}  // namespace quorate::runtime
