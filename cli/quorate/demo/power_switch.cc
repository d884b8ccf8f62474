#include "quorate/demo/power_switch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "base/text.h"
#include "io/ipc/endpoint.h"
#include "quorate/demo/service_probe.h"

namespace quorate::demo {

namespace {

constexpr std::size_t kMaxLine = 1000;
constexpr std::size_t kMaxConnections = 64;

struct Word {
  std::string_view text;
  PowerAction action;
};
constexpr std::array<Word, 4> kWords = {{{"on", PowerAction::kOn},
                                         {"off", PowerAction::kOff},
                                         {"reboot", PowerAction::kReboot},
                                         {"status", PowerAction::kStatus}}};

}  // namespace

Result<std::unique_ptr<PowerSwitch>> PowerSwitch::open(io::Loop& loop, const std::string& folder,
                                                       Operate operate) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(ErrorKind::kIo, fmt::format("{}: {}", folder, error.message()));
  const std::string path = folder + "/switch";
  auto listener = ipc::listen_at(path, 0600);
  if (!listener) return tl::unexpected(listener.error());
  return std::unique_ptr<PowerSwitch>(
      new PowerSwitch(loop, path, std::move(*listener), std::move(operate)));
}

PowerSwitch::PowerSwitch(io::Loop& loop, std::string path, io::Fd listener, Operate operate)
    : loop_(loop),
      path_(std::move(path)),
      listener_(std::move(listener)),
      operate_(std::move(operate)),
      watch_(loop.watch(listener_.get(), POLLIN, [this](short) { accept(); })) {}

PowerSwitch::~PowerSwitch() { ::unlink(path_.c_str()); }

void PowerSwitch::accept() {
  const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  if (connections_.size() >= kMaxConnections) {
    ::close(fd);
    return;
  }
  Connection& connection = connections_[fd];
  connection.fd = io::Fd(fd);
  connection.since_us = monotonic_us();
  connection.watch = loop_.watch(fd, POLLIN, [this, fd](short) { read(fd); });
}

void PowerSwitch::read(int fd) {
  Connection& connection = connections_.at(fd);
  char buffer[256];
  const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0) connection.line.append(buffer, static_cast<std::size_t>(got));
  const std::size_t end = connection.line.find('\n');
  const bool broken = got <= 0 || connection.line.size() > kMaxLine;
  if (end == std::string::npos && !broken) return;
  if (end != std::string::npos) {
    const std::string reply = answer(connection.line.substr(0, end), connection.since_us) + "\n";
    static_cast<void>(::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL));
  }
  connection.watch.reset();
  // The callback that runs belongs to what is erased: let it return first.
  loop_.defer([this, fd] { connections_.erase(fd); });
}

std::string PowerSwitch::answer(const std::string& line, std::int64_t since_us) {
  const auto words = split_words(line);
  if (words.size() != 2) return "error a request is an action and a node";
  for (const Word& word : kWords) {
    if (word.text != words[0]) continue;
    const bool done = operate_(std::string(words[1]), word.action);
    if (word.action == PowerAction::kStatus) return done ? "on" : "off";
    if (word.action != PowerAction::kOn) last_busy_us_ = monotonic_us() - since_us;
    return done ? "ok" : fmt::format("error there is no node {}", words[1]);
  }
  return fmt::format("error unknown action {}", words[0]);
}

}  // namespace quorate::demo
