#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "io/loop/fd.h"
#include "io/loop/loop.h"

namespace quorate::runtime {

/// Threads that do what would hold up the main loop. A job runs in a worker; what it returns is
/// called from the loop. With one thread, jobs run and end in order (the disk). Threads start with
/// the first job.
class Workers {
 public:
  using Finish = std::function<void()>;
  using Job = std::function<Finish()>;

  Workers(io::Loop& loop, std::size_t threads);
  ~Workers();  ///< waits for all jobs; their ends aren't called
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void run(Job job);
  /// Jobs queued, running, or ended and not yet called back.
  std::size_t outstanding() const { return outstanding_; }

 private:
  void work();
  void call_finished();

  std::size_t max_threads_;
  io::Fd wake_;  ///< eventfd
  io::Watch watch_;
  std::size_t outstanding_ = 0;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;
  std::vector<Finish> finished_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace quorate::runtime
