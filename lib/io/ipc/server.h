#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/ipc/frame.h"
#include "io/ipc/outbox.h"
#include "io/loop/fd.h"
#include "io/loop/loop.h"
#include "messages/core.h"

namespace quorate::ipc {

struct ServerOptions {
  std::string path;
  std::uint32_t mode = 0666;  ///< of the socket; who may talk is decided by `admit`
  std::size_t max_message_bytes = kMaxMessageBytes;
  std::size_t max_clients = 4096;
  OutboxLimits limits;
  std::string resync{kResyncPayload};  ///< what replaces a backlog of events
};

/// A service that local clients connect to. All callbacks come from the loop; they may call any
/// function of the server, also disconnect().
///
/// Credit: a client's messages are read while less than 1 MiB waits to be written to it, so
/// one that asks without reading answers stops being heard instead of filling memory; and at most
/// 64 KiB are read from one client before it is the next one's turn.
class Server {
 public:
  struct Handlers {
    /// Whether this peer may talk to the service: no error, or what it is told.
    std::function<Result<void>(const PeerCredentials&)> admit;
    std::function<void(ClientId, const PeerCredentials&)> connected;
    std::function<void(ClientId, std::string)> message;
    /// The connection has ended, for any reason but disconnect(). `reason` for the log.
    std::function<void(ClientId, const std::string& reason)> gone;
    /// Optional: everything that waited to be written to a client is written.
    std::function<void(ClientId)> drained = {};
  };

  /// Errors: as listen_at().
  static Result<std::unique_ptr<Server>> listen(io::Loop& loop, ServerOptions options,
                                                Handlers handlers);
  ~Server();  ///< closes all connections and removes the socket
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Queues a message. An unknown client is ignored. A client over its bound is closed, and `gone`
  /// follows from the loop.
  void send(ClientId client, std::string_view message);
  /// Queues an event for a subscriber (Outbox::push_event).
  void send_event(ClientId client, std::string_view message);
  /// Closes at once, without `gone`; what waits to be written is tried once.
  void disconnect(ClientId client);
  /// Stops or resumes reading from a client, for flow control above this layer.
  void pause(ClientId client, bool paused);
  std::size_t queued_bytes(ClientId client) const;
  std::size_t client_count() const { return clients_.size(); }
  /// Tries to write out all that waits, for at most `timeout_ms`; blocks. Before the process ends.
  void flush(std::int64_t timeout_ms);

 private:
  struct Client;
  Server(io::Loop& loop, ServerOptions options, Handlers handlers);
  void accept_clients();
  void admit_client(io::Fd fd);
  void on_ready(ClientId id, short revents);
  bool read_from(ClientId id, Client& client);
  void write_to(ClientId id, Client& client);
  void update_events(Client& client);
  void drop(ClientId id, const std::string& reason);
  void fail_later(ClientId id, Client& client, const std::string& reason);

  io::Loop& loop_;
  ServerOptions options_;
  Handlers handlers_;
  io::Fd listener_;
  io::Watch watch_;
  io::Timer accept_again_;
  std::map<ClientId, std::unique_ptr<Client>> clients_;
  ClientId next_id_ = 1;
  std::uint64_t socket_inode_ = 0;
};

}  // namespace quorate::ipc
