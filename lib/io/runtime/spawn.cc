#include "io/runtime/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

namespace quorate::runtime {
namespace {

struct Pipe {
  io::Fd read;
  io::Fd write;
};

bool make_pipe(Pipe& pipe) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  pipe.read = io::Fd(ends[0]);
  pipe.write = io::Fd(ends[1]);
  return true;
}

void set_nonblocking(const io::Fd& fd) {
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

/// Pointers into strings that outlive it, with the null at the end.
std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

struct Attributes {
  posix_spawnattr_t value;
  Attributes() { posix_spawnattr_init(&value); }
  ~Attributes() { posix_spawnattr_destroy(&value); }
};

struct Actions {
  posix_spawn_file_actions_t value;
  Actions() { posix_spawn_file_actions_init(&value); }
  ~Actions() { posix_spawn_file_actions_destroy(&value); }
};

void set_attributes(Attributes& attributes, bool daemon) {
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes.value, &none);
  sigset_t all;
  sigemptyset(&all);
  for (int signal = 1; signal <= SIGRTMAX; ++signal)
    if (signal < 32 || signal >= SIGRTMIN) sigaddset(&all, signal);  // the rest is the C library's
  posix_spawnattr_setsigdefault(&attributes.value, &all);
  if (daemon) {
    flags |= POSIX_SPAWN_SETSID;
  } else {
    flags |= POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setpgroup(&attributes.value, 0);
    const int policy = sched_getscheduler(0);
    if (policy == SCHED_RR || policy == SCHED_FIFO) {
      const sched_param normal{};
      posix_spawnattr_setschedpolicy(&attributes.value, SCHED_OTHER);
      posix_spawnattr_setschedparam(&attributes.value, &normal);
      flags |= POSIX_SPAWN_SETSCHEDULER;
    }
  }
  posix_spawnattr_setflags(&attributes.value, flags);
}

}  // namespace

io::Fd open_process(pid_t pid) { return io::Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))); }

tl::expected<Spawned, int> spawn(const RunProcess& process) {
  Spawned spawned;
  Pipe in;
  Pipe out;
  Pipe err;
  Actions actions;
  const bool feed = !process.input.empty();
  if (!process.daemon) {
    if (!make_pipe(out) || !make_pipe(err) || (feed && !make_pipe(in)))
      return tl::unexpected(errno);
    posix_spawn_file_actions_adddup2(&actions.value, out.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions.value, err.write.get(), STDERR_FILENO);
  }
  if (feed)
    posix_spawn_file_actions_adddup2(&actions.value, in.read.get(), STDIN_FILENO);
  else
    posix_spawn_file_actions_addopen(&actions.value, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions.value, STDERR_FILENO + 1);
  Attributes attributes;
  set_attributes(attributes, process.daemon);

  std::vector<std::string> arguments{process.program};
  arguments.insert(arguments.end(), process.arguments.begin(), process.arguments.end());
  std::vector<std::string> environment;
  for (const auto& [name, value] : process.env) environment.push_back(name + "=" + value);
  const int error =
      posix_spawn(&spawned.pid, process.program.c_str(), &actions.value, &attributes.value,
                  pointers(arguments).data(), pointers(environment).data());
  if (error != 0) return tl::unexpected(error);

  if (!process.daemon && getpriority(PRIO_PROCESS, 0) != 0)
    setpriority(PRIO_PROCESS, static_cast<id_t>(spawned.pid), 0);
  spawned.process = open_process(spawned.pid);
  if (!spawned.process) {
    const int pidfd_error = errno;
    kill(-spawned.pid, SIGKILL);
    waitpid(spawned.pid, nullptr, 0);
    return tl::unexpected(pidfd_error);
  }
  spawned.input = std::move(in.write);
  spawned.out = std::move(out.read);
  spawned.err = std::move(err.read);
  for (const io::Fd* fd : {&spawned.input, &spawned.out, &spawned.err})
    if (*fd) set_nonblocking(*fd);
  return spawned;
}

}  // namespace quorate::runtime
