#include "quorate/demo/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "quorate/demo/process_tree.h"

namespace quorate::demo {

namespace {

/// The keeper: adopts whatever its descendants leave behind, passes SIGTERM on, ends when its last
/// child has. Only async-signal-safe calls after fork() matter little here: the demo has no other
/// threads when it starts machines.
[[noreturn]] void keep(const std::string& program, const Variables& variables, pid_t demo) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != demo) ::_exit(1);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::setpgid(0, 0);
  const pid_t launcher = ::fork();
  if (launcher == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, 0);
    ::dup2(null, 1);
    ::execl(program.c_str(), program.c_str(), nullptr);
    ::_exit(127);
  }
  while (true) {
    int caught = 0;
    ::sigwait(&signals, &caught);
    if (caught == SIGTERM) ::kill(launcher, SIGTERM);
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, &status, WNOHANG)) > 0) {
    }
    if (ended < 0 && errno == ECHILD) ::_exit(0);
  }
}

}  // namespace

DemoMachine::DemoMachine(std::string name, std::string program, Variables variables)
    : name_(std::move(name)), program_(std::move(program)), variables_(std::move(variables)) {}

DemoMachine::~DemoMachine() { power_off(); }

Result<void> DemoMachine::power_on() {
  if (on()) return {};
  const pid_t demo = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    return fail(ErrorKind::kIo,
                fmt::format("{}: can't start a process: {}", name_, std::strerror(errno)));
  }
  if (pid == 0) keep(program_, variables_, demo);
  keeper_ = pid;
  return {};
}

void DemoMachine::power_off() {
  if (!on()) return;
  kill_tree(keeper_);
  keeper_ = -1;
}

void DemoMachine::shut_down() {
  if (on()) ::kill(keeper_, SIGTERM);
}

bool DemoMachine::has_ended() {
  if (!on()) return false;
  int status = 0;
  if (::waitpid(keeper_, &status, WNOHANG) != keeper_) return false;
  keeper_ = -1;
  return true;
}

}  // namespace quorate::demo
