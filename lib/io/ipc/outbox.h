#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "base/result.h"

namespace quorate::ipc {

/// Bounds on what one connection may have waiting. When events have reached one of them, the next
/// makes them give way to one resync message; exceeded by other messages, the connection is to be
/// closed.
struct OutboxLimits {
  std::size_t max_events = 1000;
  std::size_t max_event_bytes = std::size_t{16} << 20;
  std::size_t max_bytes = std::size_t{64} << 20;  ///< of messages that aren't events
};

/// What waits to be written to one connection, oldest first. One message may always wait, however
/// long it is, and doesn't count: a whole document doesn't keep what follows it from waiting, too.
class Outbox {
 public:
  explicit Outbox(OutboxLimits limits, std::string resync)
      : limits_(limits), resync_(std::move(resync)) {}

  /// False when the bound is exceeded: the peer doesn't read and the connection is to be closed.
  [[nodiscard]] bool push(std::string_view message);
  /// Never refused. If events pile up, those not begun are replaced by one resync; further events
  /// are dropped until that has begun to leave.
  void push_event(std::string_view message);
  void push_control(std::string_view content);

  bool empty() const { return queue_.empty(); }
  std::size_t bytes() const { return bytes_ + event_bytes_; }
  /// Writes until everything is written or the socket is full. An error means that the connection
  /// is gone.
  Result<void> write_to(int fd);

 private:
  enum class Kind { kMessage, kEvent, kResync };
  struct Item {
    Kind kind;
    std::string frames;
  };
  void drop_events();
  /// The size of the longest message that isn't an event, or `size` if that is longer.
  std::size_t longest_with(std::size_t size) const;

  OutboxLimits limits_;
  std::string resync_;
  std::deque<Item> queue_;
  std::size_t written_ = 0;  ///< of the first item
  std::size_t bytes_ = 0;
  std::size_t event_bytes_ = 0;
  std::size_t events_ = 0;
  bool resync_waits_ = false;
};

}  // namespace quorate::ipc
