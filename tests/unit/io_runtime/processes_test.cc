#include "io/runtime/processes.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "../io_ipc/folder.h"

using namespace quorate;
using namespace quorate::runtime;
using End = ProcessResult::End;

namespace {

struct Runner {
  io::Loop loop;
  std::map<std::uint64_t, ProcessResult> ended;
  Processes processes{loop, [this](std::uint64_t request, ProcessResult result) {
                        CHECK(ended.emplace(request, std::move(result)).second);
                      }};

  static RunProcess shell(std::uint64_t request, const std::string& script) {
    RunProcess run;
    run.request = request;
    run.program = "/bin/sh";
    run.arguments = {"-c", script};
    run.env = {{"PATH", "/usr/bin:/bin"}};
    return run;
  }
  ProcessResult finish(const RunProcess& run) {
    processes.start(run);
    REQUIRE(loop.run_until([&] { return ended.contains(run.request); }, 5000));
    return ended[run.request];
  }
};

bool alive(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  const auto bracket = text.rfind(')');
  return bracket != std::string::npos && text[bracket + 2] != 'Z';
}

}  // namespace

TEST_CASE("a process gives its output, error output and status") {
  Runner runner;
  const auto result = runner.finish(Runner::shell(1, "echo out; echo err >&2; exit 7"));
  CHECK(result.end == End::kExited);
  CHECK(result.status == 7);
  CHECK(result.out == "out\n");
  CHECK(result.err == "err\n");
  CHECK_FALSE(result.truncated);
}

TEST_CASE(
    "the environment is exactly the given one, standard input what was given, no descriptor "
    "leaks") {
  Runner runner;
  RunProcess run;
  run.request = 1;
  run.program = "/usr/bin/env";
  run.env = {{"A", "1"}, {"B", "two words"}};
  CHECK(runner.finish(run).out == "A=1\nB=two words\n");

  auto cat = Runner::shell(2, "cat");
  cat.input = std::string(300'000, 'i');
  cat.max_output_bytes = 1 << 20;
  CHECK(runner.finish(cat).out == cat.input);
  CHECK(runner.finish(Runner::shell(3, "cat")).out.empty());  // /dev/null

  const auto descriptors = runner.finish(Runner::shell(4, "ls /proc/self/fd"));
  CHECK(descriptors.out == "0\n1\n2\n3\n");  // 3 is ls reading the folder
}

TEST_CASE("a process has a group of its own, default signals and an empty mask") {
  Runner runner;
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigset_t before;
  sigprocmask(SIG_BLOCK, &blocked, &before);
  const auto result = runner.finish(
      Runner::shell(1,
                    "ps -o pid=,pgid= -p $$ 2>/dev/null || cut -d' ' -f1,5 /proc/$$/stat; "
                    "grep -E 'SigBlk|SigIgn' /proc/self/status"));
  sigprocmask(SIG_SETMASK, &before, nullptr);
  std::istringstream text(result.out);
  pid_t pid = 0;
  pid_t group = 0;
  text >> pid >> group;
  CHECK(pid == group);
  CHECK(group != getpgrp());
  INFO(result.out);
  CHECK(result.out.find("SigBlk:\t0000000000000000") != std::string::npos);
  // posix_spawn leaves the C library's own two signals ignored in children of programs with
  // threads.
  constexpr unsigned long long kLibrary = 3ULL << 31;
  const auto ignored = std::stoull(result.out.substr(result.out.find("SigIgn:") + 8), nullptr, 16);
  CHECK((ignored & ~kLibrary) == 0);
}

TEST_CASE("on timeout the whole group is killed") {
  Runner runner;
  Folder folder;
  auto run = Runner::shell(1, "sleep 100 & echo $! > " + (folder / "pid") + "; wait");
  run.timeout_ms = 150;
  const auto result = runner.finish(run);
  CHECK(result.end == End::kTimedOut);
  CHECK(result.exec_ms >= 150);
  CHECK(result.exec_ms < 2000);
  pid_t pid = 0;
  std::ifstream(folder / "pid") >> pid;
  REQUIRE(pid > 0);
  CHECK(runner.loop.run_until([&] { return !alive(pid); }, 2000));
}

TEST_CASE("with a grace a process may end in order at its timeout") {
  Runner runner;
  auto run = Runner::shell(1, "trap 'echo bye; exit 3' TERM; while :; do sleep 0.01; done");
  run.timeout_ms = 100;
  run.term_grace_ms = 3000;
  const auto result = runner.finish(run);
  CHECK(result.end == End::kTimedOut);
  CHECK(result.status == 3);
  CHECK(result.out == "bye\n");
}

TEST_CASE("killing ends a process by signal; signalling what has ended does nothing") {
  Runner runner;
  runner.processes.start(Runner::shell(1, "sleep 100"));
  runner.processes.signal(1, SIGKILL);
  REQUIRE(runner.loop.run_until([&] { return runner.ended.contains(1); }, 3000));
  CHECK(runner.ended[1].end == End::kSignalled);
  CHECK(runner.ended[1].status == SIGKILL);
  runner.processes.signal(1, SIGKILL);
  CHECK(runner.processes.running() == 0);
}

TEST_CASE("output beyond the bound is discarded, and the process still ends") {
  Runner runner;
  auto run = Runner::shell(1, "head -c 3000000 /dev/zero");
  run.max_output_bytes = 1000;
  const auto result = runner.finish(run);
  CHECK(result.end == End::kExited);
  CHECK(result.status == 0);
  CHECK(result.out.size() == 1000);
  CHECK(result.truncated);
}

TEST_CASE("a background child that keeps the pipes open isn't waited for, nor killed") {
  Runner runner;
  const auto result = runner.finish(Runner::shell(1, "sleep 30 & echo $!"));
  CHECK(result.status == 0);
  CHECK(result.exec_ms < 5000);
  const pid_t pid = std::stoi(result.out);
  CHECK(alive(pid));
  kill(pid, SIGKILL);
}

TEST_CASE("what can't be started says why") {
  Runner runner;
  RunProcess run;
  run.request = 1;
  run.program = "/no/such/program";
  const auto missing = runner.finish(run);
  CHECK(missing.end == End::kCouldNotStart);
  CHECK(missing.status == ENOENT);
  run.request = 2;
  run.program = "/etc/passwd";
  CHECK(runner.finish(run).status == EACCES);
}

TEST_CASE("children die with the runner, daemons don't") {
  Folder folder;
  pid_t daemon = 0;
  pid_t child = 0;
  {
    Runner runner;
    auto run = Runner::shell(1, "exec sleep 100");
    runner.processes.start(run);
    child = runner.processes.pid_of(1);
    run.request = 2;
    run.daemon = true;
    runner.processes.start(run);
    daemon = runner.processes.pid_of(2);
    CHECK(getsid(daemon) == daemon);
  }
  CHECK_FALSE(alive(child));
  REQUIRE(alive(daemon));

  Runner next;
  RunProcess adopt;
  adopt.request = 5;
  adopt.adopt_pid = daemon;
  next.processes.start(adopt);
  next.loop.run_until([] { return false; }, 30);
  CHECK(next.ended.empty());
  next.processes.signal(5, SIGTERM);
  REQUIRE(next.loop.run_until([&] { return next.ended.contains(5); }, 3000));
  CHECK(next.ended[5].status == -1);
}

TEST_CASE("what a runner that died left at work is ended by the next one, services of it are not") {
  Folder folder;
  const std::string record = folder.path() + "/children";
  pid_t agent = 0;
  pid_t service = 0;
  const pid_t dies = fork();
  REQUIRE(dies >= 0);
  if (dies == 0) {
    // The agent starts a service that outlives it, in a session of its own, and goes on.
    io::Loop loop;
    Processes processes(
        loop, [](std::uint64_t, ProcessResult) {}, record);
    processes.start(Runner::shell(
        1, "setsid sleep 100 & echo $! >" + folder.path() + "/service; sleep 100; true"));
    processes.start(Runner::shell(2, "exit 0"));
    loop.run_until([&] { return processes.pid_of(2) == 0; }, 5000);
    loop.run_until(
        [&] {
          return std::filesystem::exists(folder.path() + "/service") && processes.pid_of(2) == 0;
        },
        5000);
    loop.run_until([] { return false; }, 100);
    std::ofstream(folder.path() + "/agent") << processes.pid_of(1);
    ::kill(getpid(), SIGKILL);
  }
  waitpid(dies, nullptr, 0);
  std::ifstream(folder.path() + "/agent") >> agent;
  std::ifstream(folder.path() + "/service") >> service;
  REQUIRE(alive(agent));
  REQUIRE(alive(service));

  io::Loop loop;
  Processes next(
      loop, [](std::uint64_t, ProcessResult) {}, record);
  const auto ended = next.end_former();
  REQUIRE(ended);
  CHECK(*ended == 1);
  CHECK_FALSE(alive(agent));
  CHECK(alive(service));
  kill(service, SIGKILL);
}

TEST_CASE("a process that has got the number of a former child isn't touched") {
  Folder folder;
  const std::string record = folder.path() + "/children";
  Runner runner;
  runner.processes.start(Runner::shell(1, "exec sleep 100"));
  const pid_t pid = runner.processes.pid_of(1);
  std::ofstream(record) << pid << " 1\nrubbish\n";
  ChildRecord next(record);
  const auto ended = next.end_former();
  REQUIRE(ended);
  CHECK(*ended == 0);
  CHECK(alive(pid));
}
