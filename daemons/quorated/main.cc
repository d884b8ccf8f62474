// quorated: starts, watches and stops the daemons of this node (lib/launcher).
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "control.h"
#include "io/ipc/endpoint.h"
#include "io/runtime/daemon.h"
#include "launcher/launcher.h"

namespace {

using namespace quorate;

constexpr Daemon kDaemons[] = {Daemon::kCib,       Daemon::kFencer,     Daemon::kExecutor,
                               Daemon::kScheduler, Daemon::kAttributes, Daemon::kController};

/// The folder of this program's own file, where the daemons are too.
std::string own_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

std::vector<std::pair<std::string, std::string>> environment() {
  std::vector<std::pair<std::string, std::string>> result;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    // What systemd tells this process alone.
    const std::string_view name = text.substr(0, equals);
    if (name == "NOTIFY_SOCKET" || name == "WATCHDOG_USEC" || name == "WATCHDOG_PID") continue;
    result.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

/// Daemons that run already, as the kernel says who listens at their sockets.
std::map<Daemon, std::int32_t> running_daemons(const runtime::Settings& settings) {
  std::map<Daemon, std::int32_t> running;
  for (const Daemon daemon : kDaemons) {
    const auto fd = ipc::connect_to(ipc::service_path(settings.run_dir, daemon_name(daemon)));
    if (!fd) continue;
    if (const auto peer = ipc::peer_credentials(fd->get()); peer && peer->privileged)
      running[daemon] = peer->pid;
  }
  return running;
}

/// Tells systemd that this process isn't stuck, if it wants to know: the core ticks all the time.
class Heartbeat {
 public:
  void beat(Now now) {
    if (!wanted_ || now.monotonic_ms - last_ms_ < kEachMs) return;
    last_ms_ = now.monotonic_ms;
    sd_notify(0, "WATCHDOG=1");
  }

 private:
  static constexpr std::int64_t kEachMs = 1000;
  bool wanted_ = sd_watchdog_enabled(0, nullptr) > 0;
  std::int64_t last_ms_ = 0;
};

Result<runtime::Core> make_core(const runtime::StartContext& context) {
  LauncherOptions options;
  options.program_dir =
      context.settings.program_dir.empty() ? own_folder() : context.settings.program_dir;
  options.environment = environment();
  options.running = running_daemons(context.settings);
  options.fail_fast = context.settings.fail_fast;
  auto launcher = std::make_shared<Launcher>(std::move(options));
  // systemd is told what the launcher's state says, once each.
  return [launcher, told = LauncherState::kInit, heartbeat = Heartbeat()](
             const Event& event, Now now, Effects& effects) mutable {
    launcher->handle(event, now, effects);
    heartbeat.beat(now);
    if (launcher->state() == told) return;
    told = launcher->state();
    if (told == LauncherState::kRunning) sd_notify(0, "READY=1");
    if (told == LauncherState::kShuttingDown) sd_notify(0, "STOPPING=1");
  };
}

/// The reference's start options: -f and -p FILE are ignored, -s starts the node in standby.
std::vector<char*> without_start_options(int argc, char** argv) {
  std::vector<char*> kept;
  for (int i = 0; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "-f" || argument == "--foreground" || argument.starts_with("--pid-file="))
      continue;
    if (argument == "-p" || argument == "--pid-file") {
      ++i;
    } else if (argument == "-s" || argument == "--standby") {
      setenv("PCMK_node_start_state", "standby", 1);
    } else {
      kept.push_back(argv[i]);
    }
  }
  kept.push_back(nullptr);
  return kept;
}

}  // namespace

int main(int argc, char** argv) {
  if (const int status = control_command(argc, argv); status >= 0) return status;
  runtime::DaemonSpec spec;
  spec.daemon = Daemon::kLauncher;
  spec.summary = "starts, watches and stops the cluster daemons of this node";
  spec.options =
      "  -F, --features        what this build supports\n"
      "  -S, --shutdown        stop the cluster on this node and wait until it has stopped\n"
      "  -s, --standby         start with this node in standby\n"
      "  -f, --foreground      ignored: it always runs in the foreground\n"
      "  -p, --pid-file=FILE   ignored\n";
  spec.siblings = {std::begin(kDaemons), std::end(kDaemons)};
  spec.joins_group = false;
  spec.needs_cluster = false;
  spec.make_core = make_core;
  spec.adjust = [](runtime::ShellParts& parts) {
    parts.says_goodbye = true;
    parts.adopts_orphans = true;
  };
  std::vector<char*> arguments = without_start_options(argc, argv);
  return runtime::run_daemon(static_cast<int>(arguments.size()) - 1, arguments.data(), spec);
}
