#include "quorate/demo/service_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <string_view>

namespace quorate::demo {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

std::int64_t monotonic_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  int port = 0;
  if (::bind(fd, as_sockaddr(address), sizeof address) == 0 &&
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    port = ntohs(address.sin_port);
  }
  ::close(fd);
  return port;
}

ServiceProbe::ServiceProbe(int port, int pause_ms)
    : port_(port), pause_ms_(pause_ms), thread_([this] { run(); }) {}

ServiceProbe::~ServiceProbe() {
  stop_ = true;
  thread_.join();
}

ServiceProbe::Numbers ServiceProbe::numbers() const {
  const std::lock_guard lock(mutex_);
  return numbers_;
}

void ServiceProbe::watch_from(std::int64_t moment_us) {
  const std::lock_guard lock(mutex_);
  watched_from_us_ = moment_us;
  first_answer_us_.reset();
}

std::optional<std::int64_t> ServiceProbe::first_answer_after(std::int64_t moment_us) const {
  const std::lock_guard lock(mutex_);
  return watched_from_us_ == moment_us ? first_answer_us_ : std::nullopt;
}

void ServiceProbe::run() {
  while (!stop_) {
    const std::int64_t asked_us = monotonic_us();
    const auto node = ask();
    {
      const std::lock_guard lock(mutex_);
      if (node) {
        ++numbers_.answered;
        numbers_.node = *node;
        numbers_.last_answer_us = monotonic_us();
        if (!first_answer_us_ && asked_us >= watched_from_us_) {
          first_answer_us_ = numbers_.last_answer_us;
        }
      } else if (numbers_.answered > 0) {
        ++numbers_.failed;
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms_));
  }
}

/// One request; the page's first word after `node=` is the node that served it.
std::optional<std::string> ServiceProbe::ask() const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::nullopt;
  timeval limit{.tv_sec = 0, .tv_usec = 200'000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const sockaddr_in address = loopback(port_);
  std::string answer;
  constexpr std::string_view kRequest = "GET / HTTP/1.0\r\nHost: demo\r\n\r\n";
  if (::connect(fd, as_sockaddr(address), sizeof address) == 0 &&
      ::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(kRequest.size())) {
    char buffer[1024];
    ssize_t got = 0;
    while (answer.size() < 64 * 1024 && (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(fd);
  if (!answer.starts_with("HTTP/1.") || answer.find(" 200 ") == std::string::npos) {
    return std::nullopt;
  }
  const std::size_t at = answer.find("node=");
  if (at == std::string::npos) return std::string();
  const std::size_t end = answer.find_first_of(" \r\n", at);
  return answer.substr(at + 5, end == std::string::npos ? end : end - at - 5);
}

}  // namespace quorate::demo
