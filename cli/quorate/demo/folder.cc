#include "quorate/demo/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace quorate::demo {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPrefix = "quorate-demo.";
constexpr std::string_view kUnlockedPrefix = "quorate-demo-new.";
/// In the folder while its demo runs, and locked by it.
constexpr std::string_view kMark = "/running";

std::string temporary_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder == '/' ? folder : "/tmp";
}

/// Takes the lock of a folder; an empty one if another process holds it. Such locks go with their
/// process and aren't inherited.
io::Fd take_lock(const std::string& folder, int flags) {
  io::Fd fd(
      ::open((folder + std::string(kMark)).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fd && ::fcntl(fd.get(), F_SETLK, &whole) != 0) fd.reset();
  return fd;
}

/// Whether the environment a process was started with has this variable.
bool has_variable(pid_t pid, const std::string& variable) {
  std::ifstream in(fmt::format("/proc/{}/environ", pid), std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  content.insert(content.begin(), '\0');
  return content.find('\0' + variable + '\0') != std::string::npos;
}

/// Kills what runs from a folder, and what that starts meanwhile, and removes the folder.
void sweep(const std::string& folder) {
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    const auto found = processes_from(folder);
    if (found.empty()) break;
    for (const pid_t pid : found) ::kill(pid, SIGSTOP);
    for (const pid_t pid : found) ::kill(pid, SIGKILL);
    ::poll(nullptr, 0, 5);  // the dead take a moment to go
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

/// The janitor: waits for the end of the demo, then sweeps. Its own group and no files of the demo,
/// so that what ends the demo doesn't end it and nobody waits for it.
[[noreturn]] void watch_over(pid_t demo, const std::string& folder) {
  ::setsid();
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, demo, 0));
  ::dup2(process, 3);
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
  ::syscall(SYS_close_range, 4U, ~0U, 0U);
  pollfd end{3, POLLIN, 0};
  while (::getppid() == demo && ::poll(&end, 1, -1) < 0 && errno == EINTR) {
  }
  sweep(folder);
  ::_exit(0);
}

Error cannot_make(const std::string& where, int error) {
  return {ErrorKind::kIo,
          fmt::format("can't make a folder in {}: {}; set TMPDIR to one that can be written to",
                      where, std::strerror(error))};
}

}  // namespace

Result<DemoFolder> DemoFolder::make() {
  const std::string where = temporary_folder();
  // Gets its name when it is locked: another demo that starts now would sweep it up between.
  std::string unlocked = where + "/" + std::string(kUnlockedPrefix) + "XXXXXX";
  if (::mkdtemp(unlocked.data()) == nullptr) return tl::unexpected(cannot_make(where, errno));
  const std::string path =
      where + "/" + std::string(kPrefix) + unlocked.substr(unlocked.size() - 6);
  io::Fd lock = take_lock(unlocked, O_CREAT);
  if (!lock || ::rename(unlocked.c_str(), path.c_str()) != 0) {
    const int error = errno;
    std::error_code ignored;
    fs::remove_all(unlocked, ignored);
    return tl::unexpected(cannot_make(where, error));
  }
  DemoFolder folder(path, std::move(lock));
  const pid_t demo = ::getpid();
  folder.janitor_ = ::fork();
  if (folder.janitor_ == 0) watch_over(demo, path);
  return folder;
}

DemoFolder::DemoFolder(DemoFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      lock_(std::move(other.lock_)),
      janitor_(std::exchange(other.janitor_, -1)),
      stays_(other.stays_) {}

DemoFolder::~DemoFolder() {
  if (path_.empty()) return;
  if (janitor_ > 0) {
    ::kill(janitor_, SIGKILL);
    while (::waitpid(janitor_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  std::error_code ignored;
  if (!stays_) fs::remove_all(path_, ignored);
}

void DemoFolder::leave_for_inspection() {
  stays_ = true;
  ::unlink((path_ + std::string(kMark)).c_str());
}

std::vector<pid_t> processes_from(const std::string& folder) {
  std::vector<pid_t> found;
  DIR* all = ::opendir("/proc");
  if (all == nullptr) return found;
  while (const dirent* item = ::readdir(all)) {
    const pid_t pid = static_cast<pid_t>(std::atoi(item->d_name));
    if (pid <= 0 || pid == ::getpid()) continue;
    const std::string process = fmt::format("/proc/{}", pid);
    struct stat owner {};
    if (::stat(process.c_str(), &owner) != 0 || owner.st_uid != ::geteuid()) continue;
    if (has_variable(pid, fmt::format("{}={}", kDemoVariable, folder))) found.push_back(pid);
  }
  ::closedir(all);
  return found;
}

std::vector<std::string> remove_abandoned() {
  std::vector<std::string> removed;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(temporary_folder(), error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || name.size() != kPrefix.size() + 6) continue;
    struct stat found {};
    const std::string path = entry.path().string();
    if (::lstat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) ||
        found.st_uid != ::geteuid()) {
      continue;
    }
    if (!take_lock(path, 0)) continue;  // it runs, or is kept for a person
    sweep(path);
    removed.push_back(path);
  }
  return removed;
}

}  // namespace quorate::demo
