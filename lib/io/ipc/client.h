#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/ipc/frame.h"
#include "io/ipc/outbox.h"
#include "io/loop/fd.h"
#include "io/loop/loop.h"

namespace quorate::ipc {

struct ClientOptions {
  std::string path;
  std::size_t max_message_bytes = kMaxMessageBytes;
  /// What may wait to be written; beyond it the connection is closed (and begun anew).
  OutboxLimits limits{.max_bytes = std::size_t{256} << 20};
  /// Time to the next attempt after one that failed; 0 never tries again.
  std::int64_t retry_ms = 20;
  std::int64_t max_retry_ms = 1000;  ///< it doubles up to this
};

/// An asynchronous client of one service, which stays connected: it tries until the service
/// accepts and again whenever the connection is lost. Callbacks come from the loop, `up` and `down`
/// in turns, messages between them.
class Client {
 public:
  struct Handlers {
    std::function<void(std::int32_t peer_pid)> up;
    std::function<void(const std::string& reason)> down;
    std::function<void(std::string)> message;
  };
  Client(io::Loop& loop, ClientOptions options, Handlers handlers);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool is_up() const { return up_; }
  /// False if it isn't up (nothing is queued then).
  bool send(std::string_view message);
  std::size_t queued_bytes() const { return outbox_ ? outbox_->bytes() : 0; }
  /// Called whenever less than a quarter of the bound waits again after more than half did.
  void on_room(std::function<void()> room) { room_ = std::move(room); }
  /// Why the last attempt failed, for logs.
  const std::string& last_error() const { return last_error_; }
  /// Tries at once instead of when the retry timer fires.
  void try_now();
  /// Tries to write out what waits, for at most `timeout_ms`; blocks. Before the process ends.
  void flush(std::int64_t timeout_ms);

 private:
  void connect();
  void on_ready(short revents);
  void read();
  void write();
  void lost(const std::string& reason);

  io::Loop& loop_;
  ClientOptions options_;
  Handlers handlers_;
  std::function<void()> room_;
  io::Fd fd_;
  io::Watch watch_;
  io::Timer retry_;
  std::int64_t next_retry_ms_;
  std::unique_ptr<FrameReader> reader_;
  std::unique_ptr<Outbox> outbox_;
  std::string last_error_;
  std::uint64_t generation_ = 0;  ///< counts connections, to notice the end of one in a callback
  bool up_ = false;
  bool over_half_ = false;
  bool broken_ = false;  ///< noticed while sending; `down` follows from the loop
};

}  // namespace quorate::ipc
