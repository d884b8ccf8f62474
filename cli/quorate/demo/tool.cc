#include "quorate/demo/tool.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace quorate::demo {

Result<ToolRun> ToolRun::start(io::Loop& loop, const std::string& program,
                               const std::vector<std::string>& arguments,
                               const Variables& variables) {
  const pid_t pid = ::fork();
  if (pid < 0) {
    return fail(ErrorKind::kIo, fmt::format("{}: can't start: {}", program, std::strerror(errno)));
  }
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // A signal of the terminal is for the demo alone: a tool that dies of it before the demo has
    // seen it would look like one that has failed. One that came since the fork is forgotten.
    ::setpgid(0, 0);
    for (const int signal : {SIGINT, SIGHUP, SIGQUIT}) {
      ::signal(signal, SIG_IGN);
      ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> words = {const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments) {
      words.push_back(const_cast<char*>(argument.c_str()));
    }
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    ::_exit(127);
  }
  io::Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  io::Watch watch;
  if (process.get() >= 0) watch = loop.watch(process.get(), POLLIN, [](short) {});
  return ToolRun(pid, std::move(process), std::move(watch));
}

ToolRun::~ToolRun() {
  watch_.reset();
  if (pid_ <= 0 || status_ || process_.get() < 0) return;
  ::kill(pid_, SIGKILL);
  int ended = 0;
  while (::waitpid(pid_, &ended, 0) < 0 && errno == EINTR) {
  }
}

std::optional<int> ToolRun::status() {
  if (status_) return status_;
  int ended = 0;
  if (::waitpid(pid_, &ended, WNOHANG) != pid_) return std::nullopt;
  watch_.reset();  // a pidfd stays readable
  status_ = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128;
  return status_;
}

}  // namespace quorate::demo
