#include "control.h"

#include <poll.h>

#include <cstdio>
#include <string_view>

#include "io/ipc/connection.h"
#include "io/loop/loop.h"
#include "messages/controller.h"
#include "messages/launcher.h"

namespace quorate {
namespace {

constexpr int kExitDisconnected = 102;
constexpr int kExitTimeout = 124;
constexpr int kExitPermission = 4;
constexpr std::int64_t kAnswerMs = 30'000;
constexpr std::int64_t kStopMs = 30 * 60'000;

constexpr const char* kFeatures = "agent-manpages cibsecrets lsb monotonic service systemd";

int print_features() {
  std::printf("Pacemaker 3.0.2 (Build: quorate)\n Supporting v%s: %s\n",
              std::string(kFeatureSet).c_str(), kFeatures);
  return 0;
}

int stop_failed(const Error& error) {
  std::fprintf(stderr, "Could not request shutdown of existing Pacemaker instance: %s\n",
               error.message.c_str());
  return error.kind == ErrorKind::kTimeout      ? kExitTimeout
         : error.kind == ErrorKind::kPermission ? kExitPermission
                                                : kExitDisconnected;
}

int stop_node() {
  auto connection = ipc::Connection::open("quorated", kAnswerMs);
  if (!connection) return stop_failed(connection.error());
  if (auto sent = connection->send(encode(LauncherStopRequest{1})); !sent)
    return stop_failed(sent.error());
  const auto answer = connection->receive(kAnswerMs);
  if (!answer) return stop_failed(answer.error());
  const auto reply = decode_launcher_reply(*answer);
  if (!reply) return stop_failed(reply.error());
  if (!reply->error.empty()) return stop_failed({ErrorKind::kPermission, reply->error});
  // The launcher closes the connection when it ends, behind all its daemons.
  const auto end = connection->receive(kStopMs);
  if (!end && end.error().kind == ErrorKind::kTimeout) return stop_failed(end.error());
  return 0;
}

}  // namespace

int control_command(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--features" || argument == "-F") return print_features();
    if (argument == "--shutdown" || argument == "-S") return stop_node();
  }
  return -1;
}

}  // namespace quorate
