#include "io/ipc/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "io/ipc/endpoint.h"
#include "io/ipc/greeting.h"
#include "io/loop/clock.h"

namespace quorate::ipc {
namespace {

std::int64_t deadline_after(std::int64_t timeout_ms) {
  return timeout_ms < 0 ? -1 : io::monotonic_ms() + timeout_ms;
}

Result<void> wait_for(int fd, short events, std::int64_t deadline_ms, const std::string& path) {
  for (;;) {
    std::int64_t left = -1;
    if (deadline_ms >= 0) {
      left = deadline_ms - io::monotonic_ms();
      if (left < 0) left = 0;
      if (left > 1'000'000) left = 1'000'000;
    }
    pollfd poll_fd{fd, events, 0};
    const int ready = poll(&poll_fd, 1, static_cast<int>(left));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR)
      return fail(ErrorKind::kIo, path + ": poll: " + std::strerror(errno));
    if (deadline_ms >= 0 && io::monotonic_ms() >= deadline_ms)
      return fail(ErrorKind::kTimeout, path + ": no answer in time");
  }
}

}  // namespace

Connection::Connection(io::Fd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)), reader_(kMaxMessageBytes) {}

Result<Connection> Connection::open(std::string_view service, std::int64_t timeout_ms) {
  return open_path(service_path(run_directory(), service), timeout_ms);
}

Result<Connection> Connection::open_path(const std::string& path, std::int64_t timeout_ms) {
  const std::int64_t deadline = deadline_after(timeout_ms);
  for (;;) {
    auto fd = connect_to(path);
    if (fd) {
      Connection connection(std::move(*fd), path);
      if (auto greeted = connection.await_greeting(deadline); !greeted)
        return tl::unexpected(greeted.error());
      return connection;
    }
    // A full listen queue is the only failure that passes by itself, and nothing signals its end.
    if (fd.error().kind != ErrorKind::kTimeout || (deadline >= 0 && io::monotonic_ms() >= deadline))
      return tl::unexpected(fd.error());
    poll(nullptr, 0, 5);
  }
}

Result<void> Connection::await_greeting(std::int64_t deadline_ms) {
  while (greeting_.empty()) {
    if (auto read = read_some(deadline_ms); !read) return read;
  }
  return check_greeting(greeting_, path_);
}

Result<void> Connection::send(std::string_view message, std::int64_t timeout_ms) {
  const std::int64_t deadline = deadline_after(timeout_ms);
  const std::string frames = encode_frames(message);
  std::size_t written = 0;
  while (written < frames.size()) {
    const ssize_t sent = ::send(fd_.get(), frames.data() + written, frames.size() - written,
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      written += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
      return fail(ErrorKind::kDisconnected, path_ + ": " + std::strerror(errno));
    if (auto ready = wait_for(fd_.get(), POLLOUT, deadline, path_); !ready) return ready;
  }
  return {};
}

Result<std::string> Connection::receive(std::int64_t timeout_ms) {
  const std::int64_t deadline = deadline_after(timeout_ms);
  while (messages_.empty()) {
    if (auto read = read_some(deadline); !read) return tl::unexpected(read.error());
  }
  std::string message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

Result<void> Connection::read_some(std::int64_t deadline_ms) {
  if (auto ready = wait_for(fd_.get(), POLLIN, deadline_ms, path_); !ready) return ready;
  std::string buffer(kMaxFrameBytes, '\0');
  const ssize_t got = recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0) {
    if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) return {};
    return fail(ErrorKind::kDisconnected, path_ + ": " + std::strerror(errno));
  }
  if (got == 0)
    return fail(ErrorKind::kDisconnected, path_ + ": the daemon has closed the connection");
  return reader_.feed(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)),
                      {[this](std::string message) { messages_.push_back(std::move(message)); },
                       [this](std::string_view control) { greeting_ = control; }});
}

}  // namespace quorate::ipc
