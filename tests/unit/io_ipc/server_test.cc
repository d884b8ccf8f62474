#include "io/ipc/server.h"

#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "folder.h"
#include "io/ipc/client.h"
#include "io/ipc/connection.h"
#include "io/ipc/endpoint.h"

using namespace quorate;
using namespace quorate::ipc;

namespace {

/// A server that keeps what happens to it; `echo` answers each message with itself.
struct Service {
  explicit Service(io::Loop& loop, const std::string& path, OutboxLimits limits = {}) {
    ServerOptions options;
    options.path = path;
    options.limits = limits;
    options.max_message_bytes = 4 << 20;
    auto listening =
        Server::listen(loop, options,
                       {[this](const PeerCredentials& peer) -> Result<void> {
                          last_peer = peer;
                          if (refuse) return fail(ErrorKind::kPermission, "not you");
                          return {};
                        },
                        [this](ClientId id, const PeerCredentials&) { clients.push_back(id); },
                        [this](ClientId id, std::string message) {
                          messages.push_back(message);
                          if (echo) server->send(id, message);
                        },
                        [this](ClientId, const std::string& reason) { gone.push_back(reason); }});
    REQUIRE(listening);
    server = std::move(*listening);
  }
  std::unique_ptr<Server> server;
  PeerCredentials last_peer;
  std::vector<ClientId> clients;
  std::vector<std::string> messages;
  std::vector<std::string> gone;
  bool refuse = false;
  bool echo = true;
};

/// Runs a blocking client in a thread of its own while the loop serves it.
void with_client(io::Loop& loop, const std::function<void()>& client) {
  std::atomic<bool> done{false};
  std::thread thread([&] {
    client();
    done = true;
  });
  const bool ended = loop.run_until([&] { return done.load(); }, 10'000);
  thread.join();
  REQUIRE(ended);
}

}  // namespace

TEST_CASE("a tool sends a message and receives the answer") {
  Folder folder;
  io::Loop loop;
  Service service(loop, folder / "s.sock");
  const std::string big(3'000'000, 'b');
  std::string small_answer;
  std::string big_answer;
  with_client(loop, [&] {
    auto connection = Connection::open_path(folder / "s.sock", 5000);
    if (!connection) return;
    static_cast<void>(connection->send("hello"));
    small_answer = connection->receive(5000).value_or("");
    static_cast<void>(connection->send(big));
    big_answer = connection->receive(5000).value_or("");
  });
  CHECK(small_answer == "hello");
  CHECK(big_answer == big);
  CHECK(service.last_peer.uid == geteuid());
  CHECK(service.last_peer.pid == getpid());
  CHECK(service.last_peer.privileged);
  CHECK(service.last_peer.user == getpwuid(geteuid())->pw_name);
  CHECK_FALSE(service.last_peer.groups.empty());
  CHECK(loop.run_until([&] { return service.gone.size() == 1; }, 2000));
}

TEST_CASE("nobody listening and refusal are told apart, and nothing is left on disk") {
  Folder folder;
  const auto nobody = Connection::open_path(folder / "s.sock", 100);
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().kind == ErrorKind::kDisconnected);
  io::Loop loop;
  {
    Service service(loop, folder / "s.sock");
    service.refuse = true;
    with_client(loop, [&] {
      const auto refused = Connection::open_path(folder / "s.sock", 5000);
      CHECK_FALSE(refused);
      if (!refused) {
        CHECK(refused.error().kind == ErrorKind::kPermission);
        CHECK(refused.error().message.find("not you") != std::string::npos);
      }
    });
    CHECK(service.clients.empty());
  }
  CHECK(folder.empty());
}

TEST_CASE("a receive that times out leaves the connection usable") {
  Folder folder;
  io::Loop loop;
  Service service(loop, folder / "s.sock");
  with_client(loop, [&] {
    auto connection = Connection::open_path(folder / "s.sock", 5000);
    CHECK(connection);
    const auto nothing = connection->receive(20);
    CHECK_FALSE(nothing);
    CHECK(nothing.error().kind == ErrorKind::kTimeout);
    CHECK(connection->send("still here"));
    CHECK(connection->receive(5000).value_or("") == "still here");
  });
}

TEST_CASE("a second server at the same path is refused, a dead one's socket is replaced") {
  Folder folder;
  io::Loop loop;
  {
    Service service(loop, folder / "s.sock");
    ServerOptions options;
    options.path = folder / "s.sock";
    const auto second = Server::listen(loop, options, {});
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::kExists);
  }
  const pid_t child = fork();
  if (child == 0) {
    const auto listening = listen_at(folder / "s.sock", 0600);
    _exit(listening ? 0 : 1);  // leaves the socket behind, like SIGKILL
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK_FALSE(folder.empty());
  Service service(loop, folder / "s.sock");
  CHECK(service.server);
}

TEST_CASE("a path longer than a socket address holds works") {
  Folder folder;
  const std::string deep = folder / std::string(100, 'd');
  REQUIRE(std::filesystem::create_directory(deep));
  io::Loop loop;
  Service service(loop, deep + "/s.sock");
  with_client(loop, [&] { CHECK(Connection::open_path(deep + "/s.sock", 5000)); });
}

TEST_CASE("a client that doesn't read its answers is disconnected at its bound") {
  Folder folder;
  io::Loop loop;
  Service service(loop, folder / "s.sock", {.max_bytes = 1 << 20});
  auto fd = connect_to(folder / "s.sock");
  REQUIRE(fd);
  REQUIRE(loop.run_until([&] { return service.clients.size() == 1; }, 2000));
  const std::string answer(100'000, 'a');
  for (int i = 0; i < 20; ++i) service.server->send(service.clients[0], answer);
  CHECK(service.server->queued_bytes(service.clients[0]) <= (1 << 20) + answer.size() + 10'000);
  REQUIRE(loop.run_until([&] { return service.gone.size() == 1; }, 2000));
  CHECK(service.gone[0].find("doesn't read") != std::string::npos);
  CHECK(service.server->client_count() == 0);
}

TEST_CASE("a client that asks without reading isn't heard until it reads") {
  Folder folder;
  io::Loop loop;
  Service service(loop, folder / "s.sock");
  auto fd = connect_to(folder / "s.sock");
  REQUIRE(fd);
  const std::string frames = encode_frames(std::string(50'000, 'q'));
  // Writes until the kernel's buffers are full on both sides and the server has stopped reading.
  std::size_t stalled = 0;
  std::size_t partial = 0;
  while (stalled < 20) {
    const ssize_t sent = send(fd->get(), frames.data() + partial, frames.size() - partial,
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      partial = (partial + static_cast<std::size_t>(sent)) % frames.size();
      stalled = 0;
    } else {
      ++stalled;
    }
    loop.run_until([] { return false; }, 3);
    REQUIRE(service.messages.size() < 200);
  }
  const std::size_t heard = service.messages.size();
  CHECK(service.gone.empty());
  CHECK(service.server->queued_bytes(service.clients.at(0)) < (1 << 20) + 200'000);
  // It reads: it is heard again.
  std::string buffer(1 << 20, '\0');
  CHECK(loop.run_until(
      [&] {
        while (recv(fd->get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
        }
        return service.messages.size() > heard;
      },
      2000));
}

TEST_CASE("a subscriber that falls behind gets one resync in place of its backlog of events") {
  Folder folder;
  io::Loop loop;
  Service service(loop, folder / "s.sock");
  auto fd = connect_to(folder / "s.sock");
  REQUIRE(fd);
  REQUIRE(loop.run_until([&] { return service.clients.size() == 1; }, 2000));
  // More than the kernel's buffers and the bound of 1,000 hold, while nobody reads.
  for (int i = 0; i < 5000; ++i)
    service.server->send_event(service.clients[0], "event " + std::string(1000, '.'));
  std::vector<std::string> got;
  FrameReader reader(kMaxMessageBytes);
  std::string buffer(1 << 20, '\0');
  const auto resynced = [&] {
    ssize_t bytes = 0;
    while ((bytes = recv(fd->get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0)
      static_cast<void>(
          reader.feed({buffer.data(), static_cast<std::size_t>(bytes)},
                      {[&](std::string m) { got.push_back(std::move(m)); }, [](auto) {}}));
    return !got.empty() && got.back() == kResyncPayload;
  };
  REQUIRE(loop.run_until(resynced, 2000));
  CHECK(std::count(got.begin(), got.end(), std::string(kResyncPayload)) == 1);
  CHECK(got.size() < 5000);
  CHECK(service.gone.empty());
  service.server->send_event(service.clients[0], "after");
  REQUIRE(loop.run_until([&] { return !resynced() && got.back() == "after"; }, 2000));
}

TEST_CASE("events beyond the bound become a resync, replies stay, later events follow") {
  Outbox outbox({.max_events = 10, .max_event_bytes = 1 << 20, .max_bytes = 1 << 20}, "RESYNC");
  for (int i = 0; i < 10; ++i) outbox.push_event("event" + std::to_string(i));
  REQUIRE(outbox.push("reply"));
  outbox.push_event("over the bound");
  for (int i = 0; i < 100; ++i) outbox.push_event("covered by the resync");
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  REQUIRE(outbox.write_to(ends[0]));
  outbox.push_event("later");
  REQUIRE(outbox.write_to(ends[0]));
  CHECK(outbox.empty());
  CHECK(outbox.bytes() == 0);
  std::string bytes(100'000, '\0');
  bytes.resize(static_cast<std::size_t>(read(ends[1], bytes.data(), bytes.size())));
  std::vector<std::string> got;
  FrameReader reader(kMaxMessageBytes);
  REQUIRE(reader.feed(
      bytes, {[&](std::string m) { got.push_back(std::move(m)); }, [](std::string_view) {}}));
  CHECK(got == std::vector<std::string>{"reply", "RESYNC", "later"});
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("a client that breaks the protocol is closed and the others go on") {
  Folder folder;
  io::Loop loop;
  Service service(loop, folder / "s.sock");
  auto bad = connect_to(folder / "s.sock");
  REQUIRE(bad);
  REQUIRE(write(bad->get(), "GET / HTTP/1.1\r\n\r\n", 18) == 18);
  REQUIRE(loop.run_until([&] { return service.gone.size() == 1; }, 2000));
  with_client(loop, [&] {
    auto connection = Connection::open_path(folder / "s.sock", 5000);
    CHECK(connection);
    CHECK(connection->send("fine"));
    CHECK(connection->receive(5000).value_or("") == "fine");
  });
}

TEST_CASE("an asynchronous client sees up and down in turns over a restart of the service") {
  Folder folder;
  io::Loop loop;
  std::vector<std::string> seen;
  Client* sender = nullptr;
  Client client(loop, {.path = folder / "s.sock"},
                {[&](std::int32_t pid) {
                   seen.push_back(pid == getpid() ? "up" : "up of another");
                   CHECK(sender->send("ping"));
                 },
                 [&](const std::string&) { seen.push_back("down"); },
                 [&](std::string message) { seen.push_back(std::move(message)); }});
  sender = &client;
  CHECK_FALSE(client.send("nobody there"));
  for (int round = 0; round < 2; ++round) {
    seen.clear();
    {
      Service service(loop, folder / "s.sock");
      REQUIRE(loop.run_until([&] { return seen.size() == 2; }, 3000));
    }
    REQUIRE(loop.run_until([&] { return seen.size() == 3; }, 3000));
    CHECK(seen == std::vector<std::string>{"up", "ping", "down"});
  }
}

TEST_CASE("may_connect lets in root, the daemon's user and members of the group") {
  PeerCredentials peer;
  peer.uid = 12345;
  CHECK_FALSE(may_connect(peer, "haclient"));
  peer.groups = {"users", "haclient"};
  CHECK(may_connect(peer, "haclient"));
  peer.groups.clear();
  peer.privileged = true;
  CHECK(may_connect(peer, "haclient"));
}
