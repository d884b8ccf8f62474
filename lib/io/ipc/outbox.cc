#include "io/ipc/outbox.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/ipc/frame.h"

namespace quorate::ipc {

bool Outbox::push(std::string_view message) {
  if (bytes_ + message.size() > limits_.max_bytes &&
      bytes_ + message.size() - longest_with(message.size()) > limits_.max_bytes) {
    return false;
  }
  queue_.push_back({Kind::kMessage, encode_frames(message)});
  bytes_ += queue_.back().frames.size();
  return true;
}

std::size_t Outbox::longest_with(std::size_t size) const {
  for (const Item& item : queue_) {
    if (item.kind != Kind::kEvent) size = std::max(size, item.frames.size());
  }
  return size;
}

void Outbox::push_control(std::string_view content) {
  queue_.push_back({Kind::kMessage, encode_control(content)});
  bytes_ += queue_.back().frames.size();
}

void Outbox::push_event(std::string_view message) {
  if (resync_waits_) return;
  if (events_ >= limits_.max_events || event_bytes_ >= limits_.max_event_bytes) {
    drop_events();
    queue_.push_back({Kind::kResync, encode_frames(resync_)});
    bytes_ += queue_.back().frames.size();
    resync_waits_ = true;
    return;
  }
  queue_.push_back({Kind::kEvent, encode_frames(message)});
  event_bytes_ += queue_.back().frames.size();
  ++events_;
}

void Outbox::drop_events() {
  std::deque<Item> kept;
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    const bool begun = i == 0 && written_ > 0;
    if (queue_[i].kind == Kind::kEvent && !begun) {
      event_bytes_ -= queue_[i].frames.size();
      --events_;
    } else {
      kept.push_back(std::move(queue_[i]));
    }
  }
  queue_ = std::move(kept);
}

Result<void> Outbox::write_to(int fd) {
  while (!queue_.empty()) {
    Item& first = queue_.front();
    if (first.kind == Kind::kResync) resync_waits_ = false;
    const ssize_t sent = send(fd, first.frames.data() + written_, first.frames.size() - written_,
                              MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return {};
      return fail(ErrorKind::kDisconnected, std::strerror(errno));
    }
    written_ += static_cast<std::size_t>(sent);
    if (written_ < first.frames.size()) continue;
    if (first.kind == Kind::kEvent) {
      event_bytes_ -= first.frames.size();
      --events_;
    } else {
      bytes_ -= first.frames.size();
    }
    queue_.pop_front();
    written_ = 0;
  }
  return {};
}

}  // namespace quorate::ipc
