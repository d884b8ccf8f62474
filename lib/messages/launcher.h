#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "messages/core.h"

/// What the launcher says to its daemons and what tools ask the launcher (spec/09 §20.4, spec/13
/// §16 and §21). Liveness messages are answered by every daemon's shell, not by its core: they say
/// that the main loop turns.
namespace quorate {

// ---- Launcher and daemons ---------------------------------------------------------------------

struct LivenessPing {
  std::uint64_t id = 0;
};
struct LivenessPong {
  std::uint64_t id = 0;
};
/// Whether the text is a LivenessPing, by its first bytes; cheap, for every message a shell gets.
bool is_liveness_ping(std::string_view text);
std::string encode(const LivenessPing& ping);
std::string encode(const LivenessPong& pong);
Result<LivenessPing> decode_liveness_ping(std::string_view text);
Result<LivenessPong> decode_liveness_pong(std::string_view text);

// ---- Tools and launcher -----------------------------------------------------------------------

/// Codes as tools print them: init, starting_daemons, wait_for_ping, running, shutting_down,
/// shutdown_complete.
enum class LauncherState {
  kInit,
  kStartingDaemons,
  kWaitForPing,
  kRunning,
  kShuttingDown,
  kShutdownComplete
};
std::string_view launcher_state_name(LauncherState state);

/// One daemon as the launcher sees it.
struct DaemonStatus {
  Daemon daemon{};
  std::string state;  ///< "starting", "running", "restarting", "stopping", "stopped", "given-up"
  std::int32_t pid = 0;
  std::int64_t restarts = 0;
  std::string last_end;  ///< how it ended last, for people; empty if it never did
};

struct LauncherStatusRequest {
  std::uint64_t id = 0;
};
/// Stop the cluster software on this node. Refused for clients that aren't privileged.
struct LauncherStopRequest {
  std::uint64_t id = 0;
};
using LauncherRequest = std::variant<LauncherStatusRequest, LauncherStopRequest>;

struct LauncherReply {
  std::uint64_t id = 0;
  std::string error;  ///< why the request was refused; empty if it wasn't
  LauncherState state = LauncherState::kInit;
  std::int64_t last_updated = 0;  ///< of the state, since the epoch in seconds
  std::vector<DaemonStatus> daemons;
};

std::string encode(const LauncherRequest& request);
Result<LauncherRequest> decode_launcher_request(std::string_view text);
std::string encode(const LauncherReply& reply);
Result<LauncherReply> decode_launcher_reply(std::string_view text);

}  // namespace quorate
