#include "io/runtime/panic.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "io/loop/fd.h"
#include "io/runtime/disk.h"

namespace quorate::runtime {
namespace {

constexpr int kRounds = 100;
constexpr int kRoundMs = 10;

void write_to(const char* path, std::string_view text) {
  const io::Fd fd(open(path, O_WRONLY | O_CLOEXEC));
  if (fd && write(fd.get(), text.data(), text.size()) < 0) return;
}

/// State and parent of a process from /proc/PID/stat; its name is in brackets and may hold any
/// text.
struct ProcessState {
  char state = 0;
  pid_t parent = 0;
};
ProcessState read_process(const std::string& pid) {
  const auto stat = read_file("/proc/" + pid + "/stat", 4096);
  if (!stat) return {};
  const std::size_t bracket = stat->rfind(')');
  if (bracket == std::string::npos || bracket + 4 >= stat->size()) return {};
  return {(*stat)[bracket + 2],
          static_cast<pid_t>(std::strtol(stat->c_str() + bracket + 4, nullptr, 10))};
}

[[noreturn]] void stop_machine(std::string_view action) {
  if (action.starts_with("sync-")) {
    action.remove_prefix(5);
    sync();
  }
  const bool crash = action == "crash";
  const bool off = action == "off";
  write_to("/proc/sys/kernel/sysrq", "1");
  write_to("/proc/sysrq-trigger", crash ? "c" : off ? "o" : "b");
  reboot(off ? RB_POWER_OFF : RB_AUTOBOOT);
  std::_Exit(101);
}

}  // namespace

std::vector<pid_t> descendants_of(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  DIR* proc = opendir("/proc");
  if (!proc) return {};
  while (const dirent* entry = readdir(proc)) {
    const std::string name = entry->d_name;
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const ProcessState process = read_process(name);
    if (process.state != 0 && process.state != 'Z')
      children.emplace(process.parent, static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10)));
  }
  closedir(proc);
  std::vector<pid_t> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [first, last] = children.equal_range(found[i]);
    for (auto child = first; child != last; ++child) found.push_back(child->second);
  }
  found.erase(found.begin());
  return found;
}

void kill_descendants() {
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<pid_t> left = descendants_of(getpid());
    if (left.empty()) return;
    for (const pid_t pid : left) kill(pid, SIGKILL);
    poll(nullptr, 0, kRoundMs);
  }
}

void panic(const Settings& settings, Daemon daemon, LogSink& log) {
  const bool own_machine = !settings.cluster_layer.starts_with("local:");
  if (own_machine && geteuid() == 0) stop_machine(settings.panic_action);
  if (daemon != Daemon::kLauncher) return;
  log.write(LogLevel::kCritical, "killing all processes of this node");
  kill_descendants();
}

}  // namespace quorate::runtime
