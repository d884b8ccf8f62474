#include "io/ipc/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "io/ipc/endpoint.h"
#include "io/ipc/greeting.h"

namespace quorate::ipc {

Client::Client(io::Loop& loop, ClientOptions options, Handlers handlers)
    : loop_(loop),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      next_retry_ms_(options_.retry_ms) {
  retry_ = loop_.after(0, [this] { connect(); });
}

Client::~Client() { watch_.reset(); }

void Client::try_now() {
  if (!fd_) retry_ = loop_.after(0, [this] { connect(); });
}

void Client::connect() {
  auto fd = connect_to(options_.path);
  if (!fd) {
    last_error_ = fd.error().message;
    if (options_.retry_ms > 0) {
      retry_ = loop_.after(next_retry_ms_, [this] { connect(); });
      next_retry_ms_ = std::min(next_retry_ms_ * 2, options_.max_retry_ms);
    }
    return;
  }
  fd_ = std::move(*fd);
  reader_ = std::make_unique<FrameReader>(options_.max_message_bytes);
  outbox_ = std::make_unique<Outbox>(options_.limits, std::string());
  ++generation_;
  broken_ = over_half_ = false;
  watch_ = loop_.watch(fd_.get(), POLLIN, [this](short revents) { on_ready(revents); });
}

void Client::on_ready(short revents) {
  const std::uint64_t generation = generation_;
  if (revents & POLLIN)
    read();
  else if (revents & (POLLHUP | POLLERR))
    lost("closed by the service");
  if (generation == generation_ && fd_ && (revents & POLLOUT)) write();
}

void Client::read() {
  char buffer[kMaxFrameBytes];
  const ssize_t got = recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    lost(got == 0 ? "closed by the service" : std::strerror(errno));
    return;
  }
  std::vector<std::string> messages;
  std::string greeting;
  const auto fed =
      reader_->feed({buffer, static_cast<std::size_t>(got)},
                    {[&](std::string message) { messages.push_back(std::move(message)); },
                     [&](std::string_view control) { greeting = control; }});
  const std::uint64_t generation = generation_;
  if (!up_ && !greeting.empty()) {
    if (const auto accepted = check_greeting(greeting, options_.path); !accepted) {
      lost(accepted.error().message);
      return;
    }
    const auto peer = peer_credentials(fd_.get());
    up_ = true;
    next_retry_ms_ = options_.retry_ms;
    handlers_.up(peer ? peer->pid : 0);
  }
  for (std::string& message : messages) {
    if (generation != generation_ || !up_) return;
    handlers_.message(std::move(message));
  }
  if (generation == generation_ && !fed) lost(fed.error().message);
}

bool Client::send(std::string_view message) {
  if (!up_ || broken_) return false;
  const bool idle = outbox_->empty();
  if (!outbox_->push(message)) {
    broken_ = true;
    retry_ = loop_.after(0, [this] { lost("the service doesn't read; its queue is full"); });
    return false;
  }
  if (idle) write();
  if (outbox_->bytes() > options_.limits.max_bytes / 2) over_half_ = true;
  return true;
}

void Client::write() {
  if (const auto written = outbox_->write_to(fd_.get()); !written) {
    broken_ = true;
    watch_.set_events(0);
    retry_ = loop_.after(0, [this, why = written.error().message] { lost(why); });
    return;
  }
  watch_.set_events(static_cast<short>(outbox_->empty() ? POLLIN : POLLIN | POLLOUT));
  if (over_half_ && outbox_->bytes() < options_.limits.max_bytes / 4) {
    over_half_ = false;
    if (room_) room_();
  }
}

void Client::flush(std::int64_t timeout_ms) {
  const std::int64_t deadline = io::Loop::monotonic_ms() + timeout_ms;
  while (up_ && !broken_ && outbox_->write_to(fd_.get()) && !outbox_->empty()) {
    const std::int64_t left = deadline - io::Loop::monotonic_ms();
    if (left <= 0) return;
    pollfd ready{fd_.get(), POLLOUT, 0};
    poll(&ready, 1, static_cast<int>(left));
  }
}

void Client::lost(const std::string& reason) {
  watch_.reset();
  fd_.reset();
  ++generation_;
  last_error_ = reason;
  const bool was_up = std::exchange(up_, false);
  retry_.reset();
  if (options_.retry_ms > 0) {
    retry_ = loop_.after(next_retry_ms_, [this] { connect(); });
    if (!was_up) next_retry_ms_ = std::min(next_retry_ms_ * 2, options_.max_retry_ms);
  }
  if (was_up) handlers_.down(reason);
}

}  // namespace quorate::ipc
