// A small HTTP server for trying and demonstrating a cluster: every request is answered by a page
// that names the node. Driven by agents/ocf/HttpService.
//
//   http-service ADDRESS PORT NODE PIDFILE
//
// Binds first, then goes to the background and writes PIDFILE, so that exit status 0 means that it
// is serving. Ends on SIGTERM.
//
//   http-service --stop PID
//
// Ends a server, with SIGKILL if SIGTERM doesn't within 3 s, and waits until it is gone.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kMaxRequest = 8 * 1024;
constexpr std::size_t kMaxConnections = 256;
constexpr std::chrono::seconds kMaxIdle{5};

struct Connection {
  int fd = -1;
  std::string request;
  std::chrono::steady_clock::time_point since;
};

int fail(const std::string& what) {
  std::cerr << what << ": " << std::strerror(errno) << "\n";
  return 1;
}

int listen_on(const char* address, int port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, address, &where.sin_addr) != 1) {
    errno = EINVAL;
    return -1;
  }
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0 || ::listen(fd, 64) != 0) {
    const int error = errno;
    ::close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

/// The parent ends once the child has written the pid file, or fails with it.
bool go_to_background(const std::string& pid_file) {
  int ready[2];
  if (::pipe2(ready, O_CLOEXEC) != 0) return false;
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child > 0) {
    char good = 0;
    ::close(ready[1]);
    ::_exit(::read(ready[0], &good, 1) == 1 ? 0 : 1);
  }
  ::setsid();
  std::FILE* file = std::fopen(pid_file.c_str(), "we");
  if (file == nullptr) return false;
  std::fprintf(file, "%d\n", static_cast<int>(::getpid()));
  if (std::fclose(file) != 0) return false;
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
  return ::write(ready[1], "y", 1) == 1 && ::close(ready[1]) == 0;
}

std::string page(const std::string& node) {
  const std::string body = "node=" + node + "\n";
  return "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

/// True once the connection is done with.
bool serve(Connection& connection, const std::string& answer) {
  char buffer[2048];
  const ssize_t got = ::recv(connection.fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0) return errno != EAGAIN && errno != EINTR;
  if (got == 0) return true;
  connection.request.append(buffer, static_cast<std::size_t>(got));
  if (connection.request.find("\r\n\r\n") == std::string::npos) {
    return connection.request.size() > kMaxRequest;
  }
  if (::send(connection.fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
    ::shutdown(connection.fd, SHUT_WR);
  }
  return true;
}

void run(int listener, int signals, const std::string& answer) {
  std::vector<Connection> connections;
  for (;;) {
    std::vector<pollfd> watched = {{signals, POLLIN, 0}, {listener, POLLIN, 0}};
    for (const Connection& connection : connections) watched.push_back({connection.fd, POLLIN, 0});
    if (::poll(watched.data(), watched.size(), connections.empty() ? -1 : 1000) < 0) continue;
    if (watched[0].revents != 0) return;
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < connections.size(); ++i) {
      Connection& connection = connections[i];
      const bool done = watched[i + 2].revents != 0 && serve(connection, answer);
      if (done || now - connection.since > kMaxIdle) {
        ::close(connection.fd);
        connection.fd = -1;
      }
    }
    std::erase_if(connections, [](const Connection& connection) { return connection.fd < 0; });
    if ((watched[1].revents & POLLIN) != 0) {
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd >= 0 && connections.size() < kMaxConnections) {
        connections.push_back({fd, {}, now});
      } else if (fd >= 0) {
        ::close(fd);
      }
    }
  }
}

int stop(const char* text) {
  const int pid = std::atoi(text);
  if (pid <= 1) {
    std::cerr << "'" << text << "' is not the id of a server's process\n";
    return 2;
  }
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) return errno == ESRCH ? 0 : fail("Cannot watch process " + std::string(text));
  pollfd watched{process, POLLIN, 0};
  ::kill(pid, SIGTERM);
  if (::poll(&watched, 1, 3000) == 1) return 0;
  ::kill(pid, SIGKILL);
  return ::poll(&watched, 1, -1) == 1 ? 0 : fail("Cannot wait for process " + std::string(text));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--stop") == 0) return stop(argv[2]);
  if (argc != 5) {
    std::cerr << "Usage: http-service ADDRESS PORT NODE PIDFILE\n"
                 "       http-service --stop PID\n";
    return 2;
  }
  char* end = nullptr;
  const long port = std::strtol(argv[2], &end, 10);
  if (*end != '\0' || port < 1 || port > 65535) {
    std::cerr << "Port '" << argv[2] << "' is not a number from 1 to 65535\n";
    return 2;
  }
  const int listener = listen_on(argv[1], static_cast<int>(port));
  if (listener < 0) return fail(std::string("Cannot listen on ") + argv[1] + ":" + argv[2]);
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  ::sigprocmask(SIG_BLOCK, &ending, nullptr);
  const std::string pid_file = argv[4];
  if (!go_to_background(pid_file)) return fail("Cannot go to the background with " + pid_file);
  const int signals = ::signalfd(-1, &ending, SFD_CLOEXEC);
  run(listener, signals, page(argv[3]));
  ::unlink(pid_file.c_str());
  return 0;
}
