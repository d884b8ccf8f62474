#include "messages/launcher.h"

#include <optional>

#include "messages/codec.h"

namespace quorate::codec {

template <>
struct Names<LauncherState> {
  static constexpr std::string_view kNames[] = {"init",    "starting_daemons", "wait_for_ping",
                                                "running", "shutting_down",    "shutdown_complete"};
};

template <>
struct TextForm<Daemon> {
  static std::string_view write(Daemon daemon) { return daemon_name(daemon); }
  static std::optional<Daemon> read(std::string_view text) {
    for (const Daemon daemon :
         {Daemon::kLauncher, Daemon::kCib, Daemon::kAttributes, Daemon::kController,
          Daemon::kScheduler, Daemon::kExecutor, Daemon::kFencer}) {
      if (daemon_name(daemon) == text) return daemon;
    }
    return std::nullopt;
  }
};

template <>
struct Form<LivenessPing> {
  static constexpr std::string_view kName = "liveness-ping";
  static void describe(auto& archive, auto& m) { archive("id", m.id); }
};

template <>
struct Form<LivenessPong> {
  static constexpr std::string_view kName = "liveness-pong";
  static void describe(auto& archive, auto& m) { archive("id", m.id); }
};

template <>
struct Form<LauncherStatusRequest> {
  static constexpr std::string_view kName = "launcher-status";
  static void describe(auto& archive, auto& m) { archive("id", m.id); }
};

template <>
struct Form<LauncherStopRequest> {
  static constexpr std::string_view kName = "launcher-stop";
  static void describe(auto& archive, auto& m) { archive("id", m.id); }
};

template <>
struct Form<DaemonStatus> {
  static void describe(auto& archive, auto& m) {
    archive("name", m.daemon);
    archive("state", m.state);
    archive("pid", m.pid);
    archive("restarts", m.restarts);
    archive("last-end", m.last_end);
  }
};

template <>
struct Form<LauncherReply> {
  static constexpr std::string_view kName = "launcher-reply";
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("error", m.error);
    archive("state", m.state);
    archive("last-updated", m.last_updated);
    archive("daemon", m.daemons);
  }
};

}  // namespace quorate::codec

namespace quorate {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;

}  // namespace

std::string_view launcher_state_name(LauncherState state) {
  return codec::Names<LauncherState>::kNames[static_cast<std::size_t>(state)];
}

bool is_liveness_ping(std::string_view text) {
  return codec::message_name(text) == codec::Form<LivenessPing>::kName;
}

std::string encode(const LivenessPing& ping) { return codec::encode(ping); }

std::string encode(const LivenessPong& pong) { return codec::encode(pong); }

Result<LivenessPing> decode_liveness_ping(std::string_view text) {
  return codec::decode<LivenessPing>(text, "a liveness-ping", kMaxBytes);
}

Result<LivenessPong> decode_liveness_pong(std::string_view text) {
  return codec::decode<LivenessPong>(text, "a liveness-pong", kMaxBytes);
}

std::string encode(const LauncherRequest& request) { return codec::encode(request); }

Result<LauncherRequest> decode_launcher_request(std::string_view text) {
  return codec::decode<LauncherRequest>(text, "a request to the launcher", kMaxBytes);
}

std::string encode(const LauncherReply& reply) { return codec::encode(reply); }

Result<LauncherReply> decode_launcher_reply(std::string_view text) {
  return codec::decode<LauncherReply>(text, "the launcher's reply", kMaxBytes);
}

}  // namespace quorate
