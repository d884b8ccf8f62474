#include "quorate/demo/process_tree.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>

namespace quorate::demo {

namespace {

struct Entry {
  pid_t parent = 0;
  char state = '?';
};

/// Parent and state from /proc/PID/stat; the name in it may hold anything, so it is read from the
/// last parenthesis on.
bool read_entry(pid_t pid, Entry& entry) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/stat", static_cast<int>(pid));
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return false;
  char text[1024] = {};
  const std::size_t length = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  text[length] = '\0';
  const char* behind_name = std::strrchr(text, ')');
  int parent = 0;
  if (behind_name == nullptr || std::sscanf(behind_name, ") %c %d", &entry.state, &parent) != 2) {
    return false;
  }
  entry.parent = parent;
  return true;
}

std::map<pid_t, Entry> all_processes() {
  std::map<pid_t, Entry> all;
  DIR* folder = ::opendir("/proc");
  if (folder == nullptr) return all;
  while (const dirent* item = ::readdir(folder)) {
    const pid_t pid = static_cast<pid_t>(std::atoi(item->d_name));
    Entry entry;
    if (pid > 0 && read_entry(pid, entry)) all.emplace(pid, entry);
  }
  ::closedir(folder);
  return all;
}

}  // namespace

std::vector<pid_t> descendants(pid_t root) {
  const std::map<pid_t, Entry> all = all_processes();
  std::set<pid_t> tree = {root};
  // Parents can have higher numbers than their children, so pass over the table until it is
  // stable.
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [pid, entry] : all) {
      if (entry.state != 'Z' && tree.contains(entry.parent)) grew |= tree.insert(pid).second;
    }
  }
  tree.erase(root);
  return {tree.begin(), tree.end()};
}

void kill_tree(pid_t root) {
  ::kill(root, SIGSTOP);
  std::set<pid_t> frozen;
  for (bool grew = true; grew;) {
    grew = false;
    for (const pid_t pid : descendants(root)) {
      if (!frozen.insert(pid).second) continue;
      ::kill(pid, SIGSTOP);
      grew = true;
    }
  }
  for (const pid_t pid : frozen) ::kill(pid, SIGKILL);
  ::kill(root, SIGKILL);
  int status = 0;
  while (::waitpid(root, &status, 0) < 0 && errno == EINTR) {
  }
  // Its descendants are ours now, if we are a subreaper: leave no zombies.
  for (const pid_t pid : frozen) {
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
  }
}

}  // namespace quorate::demo
