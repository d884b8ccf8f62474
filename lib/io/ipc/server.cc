#include "io/ipc/server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "io/ipc/endpoint.h"
#include "io/ipc/greeting.h"

namespace quorate::ipc {
namespace {
/// With this much unread by a client, its requests wait.
constexpr std::size_t kCreditBytes = std::size_t{1} << 20;
constexpr std::int64_t kAcceptAgainMs = 100;
}  // namespace

struct Server::Client {
  Client(io::Fd socket, const ServerOptions& options)
      : fd(std::move(socket)),
        reader(options.max_message_bytes),
        outbox(options.limits, options.resync) {}
  io::Fd fd;
  io::Watch watch;  // behind fd: ends before fd is closed
  FrameReader reader;
  Outbox outbox;
  io::Timer fail_timer;
  bool paused = false;
  bool failed = false;  ///< `gone` is on its way
  short events = POLLIN;
};

Server::Server(io::Loop& loop, ServerOptions options, Handlers handlers)
    : loop_(loop), options_(std::move(options)), handlers_(std::move(handlers)) {}

Result<std::unique_ptr<Server>> Server::listen(io::Loop& loop, ServerOptions options,
                                               Handlers handlers) {
  auto fd = listen_at(options.path, options.mode);
  if (!fd) return tl::unexpected(fd.error());
  std::unique_ptr<Server> server(new Server(loop, std::move(options), std::move(handlers)));
  server->listener_ = std::move(*fd);
  struct stat socket {};
  if (stat(server->options_.path.c_str(), &socket) == 0) server->socket_inode_ = socket.st_ino;
  Server* self = server.get();
  server->watch_ =
      loop.watch(server->listener_.get(), POLLIN, [self](short) { self->accept_clients(); });
  return server;
}

Server::~Server() {
  clients_.clear();
  watch_.reset();
  // Another instance may have taken the name over after an unlink; its socket stays.
  struct stat socket {};
  if (stat(options_.path.c_str(), &socket) == 0 && socket.st_ino == socket_inode_)
    unlink(options_.path.c_str());
}

void Server::accept_clients() {
  for (int i = 0; i < 16; ++i) {
    io::Fd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        watch_.set_events(0);
        accept_again_ = loop_.after(kAcceptAgainMs, [this] { watch_.set_events(POLLIN); });
      }
      return;
    }
    admit_client(std::move(fd));
  }
}

void Server::admit_client(io::Fd fd) {
  const auto peer = peer_credentials(fd.get());
  Result<void> admitted;
  if (!peer)
    admitted = tl::unexpected(peer.error());
  else if (clients_.size() >= options_.max_clients)
    admitted = fail(ErrorKind::kPermission, "too many clients; try again later");
  else if (handlers_.admit)
    admitted = handlers_.admit(*peer);
  if (!admitted) {
    const std::string frame = encode_control(refusing(admitted.error().message));
    // A new socket's buffer is empty: one short frame always fits.
    static_cast<void>(::send(fd.get(), frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    return;
  }
  const ClientId id = next_id_++;
  auto owned = std::make_unique<Client>(std::move(fd), options_);
  Client& client = *owned;
  clients_.emplace(id, std::move(owned));
  client.watch =
      loop_.watch(client.fd.get(), POLLIN, [this, id](short revents) { on_ready(id, revents); });
  client.outbox.push_control(accepting());
  handlers_.connected(id, *peer);
  if (const auto found = clients_.find(id); found != clients_.end()) write_to(id, *found->second);
}

void Server::on_ready(ClientId id, short revents) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || found->second->failed) return;
  Client& client = *found->second;
  if (revents & POLLIN) {
    if (!read_from(id, client)) return;
  } else if (revents & (POLLHUP | POLLERR)) {
    drop(id, "closed by the client");
    return;
  }
  if (!(revents & POLLOUT)) return;
  write_to(id, client);
  if (client.outbox.empty() && handlers_.drained) handlers_.drained(id);
}

/// False if the client doesn't exist any more.
bool Server::read_from(ClientId id, Client& client) {
  char buffer[kMaxFrameBytes];
  const ssize_t got = recv(client.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) {
    drop(id, got == 0 ? "closed by the client" : std::strerror(errno));
    return false;
  }
  std::vector<std::string> messages;
  const auto fed =
      client.reader.feed({buffer, static_cast<std::size_t>(got)},
                         {[&](std::string message) { messages.push_back(std::move(message)); },
                          [](std::string_view) {}});
  for (std::string& message : messages) {
    if (!clients_.contains(id)) return false;
    handlers_.message(id, std::move(message));
  }
  if (!clients_.contains(id)) return false;
  if (!fed) {
    drop(id, fed.error().message);
    return false;
  }
  update_events(client);
  return true;
}

void Server::write_to(ClientId id, Client& client) {
  if (const auto written = client.outbox.write_to(client.fd.get()); !written) {
    fail_later(id, client, written.error().message);
    return;
  }
  update_events(client);
}

void Server::update_events(Client& client) {
  short events = 0;
  if (!client.outbox.empty()) events |= POLLOUT;
  if (!client.paused && client.outbox.bytes() < kCreditBytes) events |= POLLIN;
  if (events == client.events) return;
  client.events = events;
  client.watch.set_events(events);
}

void Server::send(ClientId id, std::string_view message) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || found->second->failed) return;
  Client& client = *found->second;
  const bool idle = client.outbox.empty();
  if (!client.outbox.push(message)) {
    fail_later(id, client, "closed: the client doesn't read, its queue is full");
    return;
  }
  if (idle) write_to(id, client);
}

void Server::send_event(ClientId id, std::string_view message) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || found->second->failed) return;
  const bool idle = found->second->outbox.empty();
  found->second->outbox.push_event(message);
  if (idle) write_to(id, *found->second);
}

void Server::disconnect(ClientId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  static_cast<void>(found->second->outbox.write_to(found->second->fd.get()));
  clients_.erase(found);
}

void Server::pause(ClientId id, bool paused) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || found->second->paused == paused) return;
  found->second->paused = paused;
  if (!found->second->failed) update_events(*found->second);
}

std::size_t Server::queued_bytes(ClientId id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? 0 : found->second->outbox.bytes();
}

void Server::flush(std::int64_t timeout_ms) {
  const std::int64_t deadline = io::Loop::monotonic_ms() + timeout_ms;
  for (auto& [id, client] : clients_) {
    while (!client->failed && client->outbox.write_to(client->fd.get()) &&
           !client->outbox.empty()) {
      const std::int64_t left = deadline - io::Loop::monotonic_ms();
      if (left <= 0) return;
      pollfd ready{client->fd.get(), POLLOUT, 0};
      poll(&ready, 1, static_cast<int>(left));
    }
  }
}

void Server::drop(ClientId id, const std::string& reason) {
  clients_.erase(id);
  handlers_.gone(id, reason);
}

/// For failures noticed inside send(): the caller's state isn't changed under its feet.
void Server::fail_later(ClientId id, Client& client, const std::string& reason) {
  if (std::exchange(client.failed, true)) return;
  client.watch.reset();
  client.fail_timer = loop_.after(0, [this, id, reason] { drop(id, reason); });
}

}  // namespace quorate::ipc
