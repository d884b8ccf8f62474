#include "io/runtime/child_record.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <vector>

#include "io/runtime/spawn.h"

namespace quorate::runtime {
namespace {

/// When the process was started, in ticks since boot; 0 if there is none or it has ended.
std::uint64_t start_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  fields >> field;
  if (field == "Z" || field == "X") return 0;
  constexpr int kStart = 22;  // proc(5)
  for (int number = 4; number <= kStart; ++number) fields >> field;
  return fields ? std::stoull(field) : 0;
}

bool ends_within(pid_t pid, std::uint64_t start, int patience_ms) {
  const io::Fd process = open_process(pid);
  if (!process || start_of(pid) != start) return true;
  ::kill(-pid, SIGKILL);
  pollfd poll_for{process.get(), POLLIN, 0};
  return ::poll(&poll_for, 1, patience_ms) == 1;
}

}  // namespace

ChildRecord::~ChildRecord() {
  if (file_ && children_.empty()) ::unlink(path_.c_str());
}

void ChildRecord::add(pid_t pid) {
  if (path_.empty()) return;
  children_[pid] = start_of(pid);
  write();
}

void ChildRecord::remove(pid_t pid) {
  if (children_.erase(pid) > 0) write();
}

void ChildRecord::write() {
  if (!file_) file_ = io::Fd(::open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (!file_) return;
  std::string text;
  for (const auto& [pid, start] : children_) {
    text += std::to_string(pid) + " " + std::to_string(start) + "\n";
  }
  // Lines of former contents that a crash between the two leaves behind are told by their times.
  if (::pwrite(file_.get(), text.data(), text.size(), 0) < 0) return;
  if (::ftruncate(file_.get(), static_cast<off_t>(text.size())) < 0) return;
}

Result<std::size_t> ChildRecord::end_former(int patience_ms) {
  std::size_t ended = 0;
  std::ifstream file(path_);
  pid_t pid = 0;
  std::uint64_t start = 0;
  while (!path_.empty() && file >> pid >> start) {
    if (pid <= 1 || start == 0 || start_of(pid) != start || ::getpgid(pid) != pid) continue;
    if (!ends_within(pid, start, patience_ms)) {
      return fail(ErrorKind::kTimeout,
                  "process " + std::to_string(pid) +
                      ", started by a former process of this daemon, can't be killed: it hangs in "
                      "the kernel; nothing is started here until it is gone");
    }
    ++ended;
  }
  if (!path_.empty()) ::unlink(path_.c_str());
  return ended;
}

}  // namespace quorate::runtime
