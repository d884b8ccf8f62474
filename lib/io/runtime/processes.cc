#include "io/runtime/processes.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

#include "io/runtime/spawn.h"

namespace quorate::runtime {

struct Processes::Child {
  std::uint64_t request = 0;
  pid_t pid = 0;
  bool adopted = false;
  bool daemon = false;
  bool process_only = false;
  std::int64_t started_ms = 0;
  std::int64_t grace_ms = 0;
  std::size_t max_output_bytes = 0;
  std::string input;
  std::size_t input_written = 0;
  ProcessResult result;
  bool timed_out = false;
  io::Fd process;
  io::Fd stdin_fd;
  io::Fd stdout_fd;
  io::Fd stderr_fd;
  io::Timer timer;
  // Behind the descriptors: the watches end first.
  io::Watch process_watch;
  io::Watch stdin_watch;
  io::Watch stdout_watch;
  io::Watch stderr_watch;

  void send(int signal) const {
    // The pid can't have been reused: it is reaped only where the child is forgotten. An adopted
    // one is reaped by another, so its group is signalled through the pidfd's process only.
    if (adopted || process_only)
      pidfd_send(signal);
    else
      ::kill(-pid, signal);
  }
  void pidfd_send(int signal) const {
    syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
  }
};

Processes::Processes(io::Loop& loop, Ended ended, std::string record)
    : loop_(loop), ended_(std::move(ended)), record_(std::move(record)) {}

Processes::~Processes() {
  for (const auto& [request, child] : children_) {
    if (child->daemon || child->adopted) continue;
    ::kill(-child->pid, SIGKILL);
    waitpid(child->pid, nullptr, 0);
    record_.remove(child->pid);
  }
}

void Processes::report_failure(std::uint64_t request, int error) {
  ProcessResult result;
  result.end = ProcessResult::End::kCouldNotStart;
  result.status = error;
  loop_.defer([this, request, result] { ended_(request, result); });
}

void Processes::start(const RunProcess& process) {
  if (children_.contains(process.request)) return report_failure(process.request, EEXIST);
  auto child = std::make_unique<Child>();
  child->request = process.request;
  child->started_ms = io::Loop::monotonic_ms();
  child->grace_ms = process.term_grace_ms;
  child->max_output_bytes = process.max_output_bytes;
  child->daemon = process.daemon;
  child->process_only = process.kill_process_only;
  if (process.adopt_pid > 0) {
    child->adopted = true;
    child->pid = process.adopt_pid;
    child->process = open_process(process.adopt_pid);
    if (!child->process) return report_failure(process.request, errno);
  } else {
    auto spawned = spawn(process);
    if (!spawned) return report_failure(process.request, spawned.error());
    child->pid = spawned->pid;
    if (!process.daemon) record_.add(spawned->pid);
    child->process = std::move(spawned->process);
    child->stdin_fd = std::move(spawned->input);
    child->stdout_fd = std::move(spawned->out);
    child->stderr_fd = std::move(spawned->err);
    child->input = process.input;
  }
  watch(*child, process);
  children_.emplace(process.request, std::move(child));
}

void Processes::watch(Child& child, const RunProcess& process) {
  const std::uint64_t request = child.request;
  Child* pointer = &child;
  child.process_watch =
      loop_.watch(child.process.get(), POLLIN, [this, request](short) { on_exit(request); });
  if (child.stdout_fd)
    child.stdout_watch = loop_.watch(child.stdout_fd.get(), POLLIN,
                                     [this, pointer](short) { read_stream(*pointer, 1); });
  if (child.stderr_fd)
    child.stderr_watch = loop_.watch(child.stderr_fd.get(), POLLIN,
                                     [this, pointer](short) { read_stream(*pointer, 2); });
  if (child.stdin_fd)
    child.stdin_watch = loop_.watch(child.stdin_fd.get(), POLLOUT,
                                    [this, pointer](short) { write_input(*pointer); });
  if (process.timeout_ms > 0)
    child.timer = loop_.after(process.timeout_ms, [this, request] { on_timeout(request); });
}

void Processes::write_input(Child& child) {
  while (child.input_written < child.input.size()) {
    const ssize_t written = write(child.stdin_fd.get(), child.input.data() + child.input_written,
                                  child.input.size() - child.input_written);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return;
    if (written < 0) break;  // it doesn't want its input
    child.input_written += static_cast<std::size_t>(written);
  }
  child.stdin_watch.reset();
  child.stdin_fd.reset();
}

/// Reads what is there, keeps what the bound allows.
void Processes::read_stream(Child& child, int which) {
  io::Fd& fd = which == 1 ? child.stdout_fd : child.stderr_fd;
  std::string& kept = which == 1 ? child.result.out : child.result.err;
  char buffer[16 * 1024];
  // Bounded, so that a process that writes without end doesn't hold the loop.
  for (int round = 0; round < 16 && fd; ++round) {
    const ssize_t got = read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      (which == 1 ? child.stdout_watch : child.stderr_watch).reset();
      fd.reset();
      return;
    }
    const std::size_t room = child.max_output_bytes - std::min(child.max_output_bytes, kept.size());
    const auto size = static_cast<std::size_t>(got);
    kept.append(buffer, std::min(room, size));
    if (size > room) child.result.truncated = true;
  }
}

void Processes::on_exit(std::uint64_t request) {
  const auto found = children_.find(request);
  if (found == children_.end()) return;
  const std::unique_ptr<Child> child = std::move(found->second);
  children_.erase(found);
  record_.remove(child->pid);
  // What it has written is read; what a surviving child of it still may write is not waited for.
  read_stream(*child, 1);
  read_stream(*child, 2);
  ProcessResult& result = child->result;
  result.exec_ms = io::Loop::monotonic_ms() - child->started_ms;
  if (child->adopted) {
    result.end = ProcessResult::End::kExited;
    result.status = -1;
  } else {
    int status = 0;
    waitpid(child->pid, &status, 0);
    const bool signalled = WIFSIGNALED(status);
    result.status = signalled ? WTERMSIG(status) : WEXITSTATUS(status);
    result.end = signalled ? ProcessResult::End::kSignalled : ProcessResult::End::kExited;
    if (child->timed_out) result.end = ProcessResult::End::kTimedOut;
  }
  ended_(request, std::move(result));
  if (subreaper_) reap_orphans();
}

void Processes::on_timeout(std::uint64_t request) {
  const auto found = children_.find(request);
  if (found == children_.end()) return;
  Child& child = *found->second;
  child.timed_out = true;
  const std::int64_t grace_ms = std::exchange(child.grace_ms, 0);
  child.send(grace_ms > 0 ? SIGTERM : SIGKILL);
  if (grace_ms > 0) child.timer = loop_.after(grace_ms, [this, request] { on_timeout(request); });
}

void Processes::signal(std::uint64_t request, int signal) {
  const auto found = children_.find(request);
  if (found != children_.end()) found->second->send(signal);
}

std::int32_t Processes::pid_of(std::uint64_t request) const {
  const auto found = children_.find(request);
  return found == children_.end() ? 0 : found->second->pid;
}

void Processes::kill_all() {
  for (const auto& [request, child] : children_) child->send(SIGKILL);
}

void Processes::adopt_orphans() { subreaper_ = prctl(PR_SET_CHILD_SUBREAPER, 1) == 0; }

void Processes::reap_orphans() {
  if (!subreaper_) return;
  for (;;) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    for (const auto& [request, child] : children_)
      if (!child->adopted && child->pid == info.si_pid) return;  // its pidfd reports it
    waitpid(info.si_pid, nullptr, WNOHANG);
  }
}

}  // namespace quorate::runtime
