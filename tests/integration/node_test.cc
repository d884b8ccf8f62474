#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <set>

#include "local_cluster.h"

using namespace quorate;

namespace {

constexpr Daemon kInGroups[] = {Daemon::kCib, Daemon::kAttributes, Daemon::kController,
                                Daemon::kFencer};
constexpr Daemon kAll[] = {Daemon::kCib,    Daemon::kAttributes, Daemon::kController,
                           Daemon::kFencer, Daemon::kExecutor,   Daemon::kScheduler};
constexpr const char* kAllNames = "node1 node2 node3";

struct Trio : LocalCluster {
  Trio() : LocalCluster(3, QUORATE_STAND_INS) {}
  bool complete() {
    for (int node = 1; node <= 3; ++node) {
      if (!all_up(node)) return false;
      for (const Daemon daemon : kInGroups)
        if (ask(node, daemon, "members") != kAllNames) return false;
    }
    return true;
  }
  void bring_up() {
    start_all();
    if (!until([this] { return complete(); }, 10'000)) FAIL(log());
  }
};

}  // namespace

TEST_CASE("three nodes start all daemons, whose groups find each other, in well under a second") {
  Trio cluster;
  const std::int64_t begun = io::Loop::monotonic_ms();
  cluster.bring_up();
  const std::int64_t took_ms = io::Loop::monotonic_ms() - begun;
  WARN("3 nodes x 6 daemons up and in their groups after " << took_ms << " ms");
  CHECK(took_ms < 5000);  // loaded machines and sanitizers; the figure is in the warning
  CHECK(cluster.hub_command("status").find("node3 up") != std::string::npos);
}

TEST_CASE("SIGTERM stops every daemon and leaves no process, socket or mark behind") {
  Trio cluster;
  cluster.bring_up();
  const std::int64_t begun = io::Loop::monotonic_ms();
  for (int node = 1; node <= 3; ++node) cluster.signal(node, SIGTERM);
  REQUIRE(cluster.until([&] { return cluster.end_of(1) && cluster.end_of(2) && cluster.end_of(3); },
                        10'000));
  WARN("3 nodes stopped after " << io::Loop::monotonic_ms() - begun << " ms");
  for (int node = 1; node <= 3; ++node) {
    CHECK(cluster.end_of(node)->end == ProcessResult::End::kExited);
    CHECK(cluster.end_of(node)->status == 0);
    CHECK(std::filesystem::is_empty(cluster.run_dir(node)));
  }
  CHECK(processes_of(cluster.folder()).empty());
}

TEST_CASE("any daemon that is killed is back in its group, the others never leave theirs") {
  Trio cluster;
  cluster.bring_up();
  for (const Daemon daemon : kAll) {
    INFO(daemon_name(daemon));
    const std::int32_t pid = cluster.pid_of(2, daemon);
    REQUIRE(pid > 0);
    const std::int64_t begun = io::Loop::monotonic_ms();
    REQUIRE(kill(pid, SIGKILL) == 0);
    if (!cluster.until(
            [&] {
              const std::int32_t now = cluster.pid_of(2, daemon);
              return now > 0 && now != pid && cluster.complete();
            },
            10'000))
      FAIL(cluster.log());
    WARN(daemon_name(daemon) << " is back " << io::Loop::monotonic_ms() - begun
                             << " ms after SIGKILL");
  }
  const auto restarted = cluster.status(2);
  const auto untouched = cluster.status(1);
  REQUIRE(restarted);
  REQUIRE(untouched);
  for (const DaemonStatus& daemon : restarted->daemons) CHECK(daemon.restarts == 1);
  for (const DaemonStatus& daemon : untouched->daemons) CHECK(daemon.restarts == 0);
}

TEST_CASE("a launcher that is killed and started again adopts its daemons") {
  Trio cluster;
  cluster.bring_up();
  std::map<Daemon, std::int32_t> before;
  for (const Daemon daemon : kAll) before[daemon] = cluster.pid_of(1, daemon);
  cluster.signal(1, SIGKILL);
  REQUIRE(cluster.until([&] { return cluster.end_of(1) != nullptr; }, 3000));
  CHECK(cluster.ask(1, Daemon::kCib, "members") == kAllNames);
  cluster.start(1);
  REQUIRE(cluster.until([&] { return cluster.complete(); }, 10'000));
  for (const Daemon daemon : kAll) CHECK(cluster.pid_of(1, daemon) == before[daemon]);
  CHECK(kill(before[Daemon::kFencer], SIGKILL) == 0);
  CHECK(cluster.until(
      [&] {
        const std::int32_t now = cluster.pid_of(1, Daemon::kFencer);
        return now > 0 && now != before[Daemon::kFencer] && cluster.complete();
      },
      10'000));
  cluster.signal(1, SIGTERM);
  REQUIRE(cluster.until([&] { return cluster.end_of(1) != nullptr; }, 10'000));
  CHECK(std::filesystem::is_empty(cluster.run_dir(1)));
}

TEST_CASE("a second launcher on a node is refused with 100 and disturbs nothing") {
  Trio cluster;
  cluster.bring_up();
  runtime::Processes extra(
      cluster.loop(), [](std::uint64_t, ProcessResult result) { CHECK(result.status == 100); });
  RunProcess second;
  second.request = 1;
  second.program = QUORATE_BIN "/quorated";
  second.env = cluster.environment(1);
  extra.start(second);
  REQUIRE(cluster.until([&] { return extra.running() == 0; }, 5000));
  CHECK(cluster.complete());
}

TEST_CASE("a daemon that must not run here (100) stops its node, and only its node") {
  Trio cluster;
  cluster.bring_up();
  cluster.ask(3, Daemon::kController, "exit 100");
  REQUIRE(cluster.until([&] { return cluster.end_of(3) != nullptr; }, 10'000));
  CHECK(cluster.end_of(3)->status == 100);
  CHECK(cluster.until(
      [&] {
        return cluster.ask(1, Daemon::kCib, "members") == "node1 node2" &&
               cluster.hub_command("status").find("node3 down") != std::string::npos;
      },
      5000));
}

TEST_CASE("panic (101) kills all processes of the node at once") {
  Trio cluster;
  cluster.bring_up();
  cluster.ask(2, Daemon::kFencer, "exit 101");
  REQUIRE(cluster.until([&] { return cluster.end_of(2) != nullptr; }, 10'000));
  CHECK(cluster.end_of(2)->status == 101);
  CHECK(cluster.until(
      [&] { return cluster.ask(1, Daemon::kController, "members") == "node1 node3"; }, 5000));
  CHECK(processes_of(cluster.run_dir(2)).empty());
}

TEST_CASE("a partition cuts groups in two and healing joins them") {
  Trio cluster;
  cluster.bring_up();
  CHECK(cluster.hub_command("isolate node1") == "ok\n");
  CHECK(cluster.until(
      [&] {
        return cluster.ask(1, Daemon::kCib, "members") == "node1" &&
               cluster.ask(2, Daemon::kCib, "members") == "node2 node3";
      },
      5000));
  CHECK(cluster.hub_command("heal") == "ok\n");
  CHECK(cluster.until([&] { return cluster.complete(); }, 5000));
}
