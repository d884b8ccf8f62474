#include "messages/core.h"

namespace quorate {

std::string_view daemon_name(Daemon daemon) {
  switch (daemon) {
    case Daemon::kLauncher:
      return "quorated";
    case Daemon::kCib:
      return "quorate-cib";
    case Daemon::kAttributes:
      return "quorate-attributes";
    case Daemon::kController:
      return "quorate-controller";
    case Daemon::kScheduler:
      return "quorate-scheduler";
    case Daemon::kExecutor:
      return "quorate-executor";
    case Daemon::kFencer:
      return "quorate-fencer";
  }
  return "unknown";
}

}  // namespace quorate
