#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace quorate::cluster {

/// What a process wants to broadcast and the group hasn't ordered yet. Short payloads that wait
/// together go as one message; long ones are cut into pieces; behind a long one everything waits
/// until it is ordered whole, since it may have to be sent again. Only so much is under way at
/// once: the rest waits here, where it can be counted.
class SendQueue {
 public:
  /// Hands bytes to the group; false: not now.
  using Send = std::function<bool(std::string_view bytes)>;

  void add_control(std::string bytes) { control_.push_back(std::move(bytes)); }
  void add(std::string payload);
  /// Sends what may be sent. False if `send` refused.
  bool flush(const Send& send);
  /// A piece of one's own was ordered.
  void ordered(std::uint64_t id, std::uint32_t index);
  /// The pieces of the unfinished payload ordered so far are void.
  void restart();
  /// Accepted and not yet handed over.
  std::size_t queued_bytes() const { return queued_bytes_; }
  void clear();

 private:
  struct Sent {
    std::uint64_t id = 0;
    std::uint32_t index = 0;
    std::size_t bytes = 0;
  };
  bool send_whole(const Send& send);
  bool send_piece(const Send& send, std::uint32_t index, std::uint32_t count);
  void drop_front();

  std::deque<std::string> control_;
  std::deque<std::string> payloads_;
  std::size_t queued_bytes_ = 0;
  std::deque<Sent> under_way_;
  std::size_t under_way_bytes_ = 0;
  std::uint64_t next_id_ = 1;
  // Of the long payload in front, if it has begun.
  std::uint64_t long_id_ = 0;
  std::uint32_t long_sent_ = 0;
  std::uint32_t long_ordered_ = 0;
};

}  // namespace quorate::cluster
