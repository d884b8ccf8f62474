#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/ipc/frame.h"
#include "io/loop/fd.h"

namespace quorate::ipc {

/// A blocking client of a daemon, for tools. Not thread-safe. Timeouts are for the whole call; -1
/// waits for ever.
class Connection {
 public:
  /// Connects to a daemon of this node by its name ("quorate-cib"), in run_directory(), and waits
  /// until it has accepted. kDisconnected if it isn't running, kPermission if it refuses this user,
  /// kTimeout.
  static Result<Connection> open(std::string_view service, std::int64_t timeout_ms);
  /// The same for the socket at a path.
  static Result<Connection> open_path(const std::string& path, std::int64_t timeout_ms);

  /// Sends one message of any size. After an error the connection is of no use.
  Result<void> send(std::string_view message, std::int64_t timeout_ms = 60'000);
  /// The next message. kTimeout leaves the connection usable; kDisconnected: the daemon has closed
  /// it or ended.
  Result<std::string> receive(std::int64_t timeout_ms);
  /// Becomes readable when receive() may have something; for poll().
  int fd() const { return fd_.get(); }
  /// A message is here already: receive(0) gives it, though fd() may not be readable.
  bool has_message() const { return !messages_.empty(); }

 private:
  Connection(io::Fd fd, std::string path);
  Result<void> await_greeting(std::int64_t deadline_ms);
  Result<void> read_some(std::int64_t deadline_ms);

  io::Fd fd_;
  std::string path_;
  FrameReader reader_;
  std::deque<std::string> messages_;
  std::string greeting_;
};

}  // namespace quorate::ipc
