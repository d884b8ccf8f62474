#include <csignal>
#include <filesystem>
#include <set>

#include "live_cluster.h"

using namespace quorate;

namespace {

constexpr Daemon kAll[] = {Daemon::kCib,      Daemon::kAttributes, Daemon::kFencer,
                           Daemon::kExecutor, Daemon::kScheduler,  Daemon::kController,
                           Daemon::kLauncher};

int other_than(int node) { return node == 1 ? 2 : 1; }

}  // namespace

TEST_CASE("a node that dies is fenced by its switch, its resource runs elsewhere, and it returns") {
  LiveCluster cluster;
  cluster.bring_up();
  cluster.add_fence_devices();
  cluster.add_witness("web");
  cluster.eventually("web to run", [&] { return cluster.node_of("web") != 0; });
  cluster.settle();
  const int lost = cluster.node_of("web");
  const int left = other_than(lost);
  const std::int64_t killed = io::Loop::monotonic_ms();
  cluster.cut_power(lost);
  cluster.eventually("web to run elsewhere", [&] { return cluster.node_of("web") != 0; });
  WARN("web runs elsewhere " << io::Loop::monotonic_ms() - killed << " ms after its node died");
  CHECK(cluster.node_of("web") != lost);
  REQUIRE(cluster.switch_requests.size() == 1);
  CHECK(cluster.switch_requests.front() == "reboot node" + std::to_string(lost));
  cluster.start_again(lost);
  cluster.eventually("the node to be a member again", [&] { return cluster.all_members(); });
  cluster.tool(left, "crm_resource", {"--wait", "--timeout", "20s"});
  CHECK(cluster.journal("start web") == 2);
  CHECK(cluster.switch_requests.size() == 1);
  CHECK_FALSE(cluster.ever_twice());
}

TEST_CASE("a node that is stopped in order hands its resources over and leaves unfenced") {
  LiveCluster cluster;
  cluster.bring_up();
  cluster.add_fence_devices();
  cluster.add_witness("web");
  cluster.eventually("web to run", [&] { return cluster.node_of("web") != 0; });
  cluster.settle();
  const int leaving = cluster.node_of("web");
  const int left = other_than(leaving);
  cluster.signal(leaving, SIGTERM);
  cluster.eventually("its end", [&] { return cluster.end_of(leaving) != nullptr; });
  CHECK(cluster.end_of(leaving)->status == 0);
  cluster.eventually("web to run elsewhere", [&] { return cluster.node_of("web") != 0; });
  CHECK(cluster.node_of("web") != leaving);
  CHECK(cluster.journal("stop web node" + std::to_string(leaving)) == 1);
  cluster.eventually("the CIB to say that it left", [&] { return cluster.members(left) == 2; });
  cluster.tool(left, "crm_resource", {"--wait", "--timeout", "20s"});
  CHECK(cluster.switch_requests.empty());
  CHECK_FALSE(cluster.ever_twice());
  cluster.start_again(leaving);
  cluster.eventually("the node to be a member again", [&] { return cluster.all_members(); });
}

/// One resource per node is started and stopped as proof that everything works: that takes the CIB,
/// attributes, a plan, an order and an agent on the very node.
TEST_CASE("SIGKILL of any daemon on any node is survived within 5 s without a trace") {
  LiveCluster cluster;
  cluster.bring_up();
  cluster.add_fence_devices();
  cluster.add_witness("web");
  for (int node = 1; node <= 3; ++node) {
    const std::string n = std::to_string(node);
    cluster.add_witness("pulse" + n);
    cluster.configure("constraints", "<rsc_location id='l" + n + "' rsc='pulse" + n +
                                         "' node='node" + n + "' score='INFINITY'/>");
  }
  cluster.eventually("web to run", [&] { return cluster.node_of("web") != 0; });
  cluster.settle();
  const int home = cluster.node_of("web");
  // One failure, to be remembered.
  cluster.on("monitor", "case $name in web) exit 1;; esac");
  cluster.eventually("the failure to count", [&] {
    return !cluster.attribute(other_than(home), home, "fail-count-web#monitor_1000").empty();
  });
  cluster.on("monitor", "");
  cluster.settle();
  const int web_node = cluster.node_of("web");
  const int starts = cluster.journal("start web");
  const int stops = cluster.journal("stop web");
  const std::string failures = cluster.attribute(1, home, "fail-count-web#monitor_1000");

  int beat = 0;
  for (const Daemon daemon : kAll) {
    for (int node = 1; node <= 3; ++node) {
      INFO(daemon_name(daemon) << " of node" << node);
      const std::string n = std::to_string(node);
      const std::string mark = std::to_string(++beat);
      const std::string pulse = "pulse" + n;
      const bool was_active = cluster.node_of(pulse) == node;
      const std::int32_t pid =
          daemon == Daemon::kLauncher ? cluster.launcher_pid(node) : cluster.pid_of(node, daemon);
      REQUIRE(pid > 0);
      const std::int64_t killed = io::Loop::monotonic_ms();
      REQUIRE(kill(pid, SIGKILL) == 0);
      if (daemon == Daemon::kLauncher) {
        // systemd starts it again.
        cluster.eventually("its end", [&] { return !cluster.running(node); });
        cluster.start(node);
      }
      cluster.eventually(
          "the daemon to be back",
          [&] {
            if (daemon != Daemon::kLauncher) {
              const std::int32_t now = cluster.pid_of(node, daemon);
              if (now <= 0 || now == pid) return false;
            }
            return cluster.all_up(node);
          },
          5'000);
      cluster.tool(node, "crm_attribute",
                   {"-l", "reboot", "-N", "node" + n, "-n", "beat", "-v", mark});
      cluster.tool(node, "crm_attribute",
                   {"-l", "reboot", "-N", "node" + n, "-n", "beat", "-v", mark});
      cluster.tool(
          node, "cibadmin",
          {"-M", "-c", "-o", "resources", "--xml-text",
           "<primitive id='" + pulse + "'><meta_attributes id='" + pulse + "-meta'><nvpair id='" +
               pulse + "-role' name='target-role' value='" + (was_active ? "Stopped" : "Started") +
               "'/></meta_attributes></primitive>"});
      cluster.eventually(
          "everything to work again",
          [&] {
            return (cluster.node_of(pulse) == node) != was_active &&
                   cluster.attribute(other_than(node), node, "beat") == mark &&
                   cluster.all_members();
          },
          10'000);
      const std::int64_t took = io::Loop::monotonic_ms() - killed;
      CHECK(took <= 5'000);
      CHECK(cluster.switch_requests.empty());
      CHECK(cluster.active("web") == "node" + std::to_string(web_node));
      CHECK(cluster.journal("start web") == starts);
      CHECK(cluster.journal("stop web") == stops);
      for (int asked = 1; asked <= 3; ++asked)
        CHECK(cluster.attribute(asked, home, "fail-count-web#monitor_1000") == failures);
      UNSCOPED_INFO(took << " ms");
      std::printf("%s of node%d: %lld ms\n", std::string(daemon_name(daemon)).c_str(), node,
                  static_cast<long long>(took));
    }
  }
  CHECK_FALSE(cluster.ever_twice());
}

TEST_CASE(
    "transitions have numbers of their own, and what they were planned from can be replayed") {
  LiveCluster cluster;
  cluster.bring_up_with_witness("web");
  // The DC's log says from which file the plan that started web was made.
  const std::string log = cluster.log();
  const std::string from = "derived from ";
  std::string replayed;
  std::set<std::string> numbers;
  for (std::size_t at = log.find(from); at != std::string::npos; at = log.find(from, at + 1)) {
    const std::size_t begin = log.rfind("Processing graph ", at) + 17;
    CHECK(numbers.insert(log.substr(begin, log.find(' ', begin) - begin)).second);
    const std::size_t end = log.find_first_of(" \n", at + from.size());
    const std::string file = log.substr(at + from.size(), end - at - from.size());
    cluster.eventually(file, [&] { return std::filesystem::exists(file); });
    const std::string shown = cluster.tool(1, "crm_simulate", {"-S", "-x", file});
    CHECK_THAT(shown, Catch::Matchers::Contains("Using the original execution date"));
    if (shown.find("web             start on") != std::string::npos) replayed = shown;
  }
  CHECK(numbers.size() >= 2);
  INFO(log);
  CHECK_THAT(replayed, Catch::Matchers::Contains("start on " + cluster.active("web")));
}
