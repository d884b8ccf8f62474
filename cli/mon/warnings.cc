#include "mon/warnings.h"

#include <fmt/format.h>

namespace quorate::cli::mon {
namespace {

/// What it means for the cluster that a daemon isn't there.
std::string_view consequence(Daemon daemon) {
  switch (daemon) {
    case Daemon::kCib:
      return "this node sees no change of the configuration";
    case Daemon::kAttributes:
      return "this node's attributes don't change";
    case Daemon::kController:
      return "this node takes no part in the cluster";
    case Daemon::kScheduler:
      return "this node can't plan if it is the DC";
    case Daemon::kExecutor:
      return "resources of this node aren't started, stopped or monitored";
    case Daemon::kFencer:
      return "this node can't fence";
    case Daemon::kLauncher:
      break;
  }
  return "this node is not in working order";
}

}  // namespace

std::vector<std::string> daemon_warnings(const LauncherReply& reply) {
  std::vector<std::string> lines;
  // Daemons that come and go while the node starts or stops are no news.
  if (reply.state != LauncherState::kRunning) return lines;
  for (const DaemonStatus& daemon : reply.daemons) {
    if (daemon.state == "running") continue;
    std::string line = fmt::format("{} is {}", daemon_name(daemon.daemon), daemon.state);
    if (daemon.state == "given-up") {
      line = fmt::format("{} is not restarted any more", daemon_name(daemon.daemon));
    }
    if (!daemon.last_end.empty()) line += fmt::format(" (it {})", daemon.last_end);
    lines.push_back(fmt::format("{}: {}", line, consequence(daemon.daemon)));
  }
  return lines;
}

std::vector<std::string> cib_warnings(const CibHealth& health) {
  std::vector<std::string> lines;
  for (const std::string& concern : health.concerns) {
    lines.push_back(fmt::format("CIB of this node: {}", concern));
  }
  return lines;
}

}  // namespace quorate::cli::mon
