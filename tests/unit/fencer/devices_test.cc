#include <catch2/catch.hpp>

#include "fencing_cluster.h"

using namespace quorate;
using namespace quorate::fencer;

namespace {

std::vector<std::string> able(FencingCluster& cluster, const std::string& target) {
  cluster.say(1, ListDevices{5, target});
  cluster.pass(5'000);
  return cluster.nodes.at(1).replies.back().names;
}

const std::vector<std::string> kNone;

}  // namespace

TEST_CASE("a device lists its targets by running its agent, and remembers them for a minute") {
  FencingCluster cluster(1);
  cluster.list_output = "1,fake_port_1\n2,other\n";
  cluster.add_device(1, "d", {});
  CHECK(able(cluster, "fake_port_1") == std::vector<std::string>{"d"});
  CHECK(able(cluster, "FAKE_port_1") == std::vector<std::string>{"d"});
  CHECK(able(cluster, "nobody") == kNone);
  CHECK(cluster.actions() == "node1:list");
  cluster.pass(60'000);
  able(cluster, "other");
  CHECK(cluster.actions() == "node1:list node1:list");
}

TEST_CASE("when list fails the last list counts; if there was none, status is asked") {
  FencingCluster cluster(1);
  cluster.list_output = "x\n";
  cluster.add_device(1, "d", {});
  CHECK(able(cluster, "x").size() == 1);
  cluster.pass(60'000);
  cluster.agent = [](const FencingCluster::Call& call) { return call.action == "list" ? 1 : 2; };
  CHECK(able(cluster, "x").size() == 1);
  cluster.add_device(1, "e", {});
  CHECK(able(cluster, "y") == kNone);
  cluster.calls.clear();
  CHECK(able(cluster, "y") == std::vector<std::string>{"e"});
  bool status_asked = false;
  for (const auto& call : cluster.calls) status_asked |= call.action == "status";
  CHECK(status_asked);
}

TEST_CASE("status of 0 or 2 means that the device knows the target, 1 that it doesn't") {
  FencingCluster cluster(1);
  cluster.add_device(1, "d", {{"pcmk_host_check", "status"}});
  int status = 2;
  cluster.agent = [&](const FencingCluster::Call&) { return status; };
  CHECK(able(cluster, "x").size() == 1);
  status = 1;
  CHECK(able(cluster, "x") == kNone);
}

TEST_CASE("a host map names ports, which the agent gets") {
  FencingCluster cluster(2);
  cluster.add_device(1, "d", {{"pcmk_host_map", "node2:7;node3:8"}});
  CHECK(able(cluster, "node3").size() == 1);
  CHECK(able(cluster, "7").size() == 1);  // Quirk: ports count as targets
  CHECK(able(cluster, "node4") == kNone);
  cluster.fence(1, "node2", "off");
  cluster.pass(1'000);
  REQUIRE(cluster.calls.size() == 1);
  CHECK(cluster.calls[0].input.at("port") == "7");
  CHECK_FALSE(cluster.calls[0].input.contains("pcmk_host_map"));
}

TEST_CASE("an agent without reboot gets off, and the operation stays a reboot") {
  FencingCluster cluster(2);
  cluster.metadata = "<resource-agent><actions><action name='off'/></actions></resource-agent>";
  cluster.add_device(1, "d", {{"pcmk_host_list", "node2"}});
  cluster.fence(1, "node2", "reboot");
  cluster.pass(1'000);
  CHECK(cluster.actions() == "node1:off");
  CHECK(cluster.history(1).back().action == "reboot");
}

TEST_CASE("unfencing that must run on the target runs nowhere else") {
  FencingCluster cluster(2);
  cluster.metadata =
      "<resource-agent><actions><action name='on' automatic='1' on_target='1'/>"
      "<action name='off'/></actions></resource-agent>";
  for (const NodeNumber n : {1, 2}) {
    cluster.add_device(n, "fabric", {{"pcmk_host_list", "node1 node2 gone"}});
  }
  cluster.fence(1, "node2", "on");
  cluster.pass(1'000);
  CHECK(cluster.actions() == "node2:on");
  cluster.fence(1, "gone", "on");
  cluster.pass(1'000);
  CHECK(cluster.answer(1)->status == ExecutionStatus::kNoFenceDevice);
}

TEST_CASE("one action at a time runs on a device; a delayed one blocks nobody") {
  FencingCluster cluster(1);
  cluster.agent_ms = 1'000;
  cluster.add_device(1, "d", {{"pcmk_host_list", "a b c"}, {"pcmk_delay_base", "a:10s"}});
  cluster.fence(1, "a", "off", 60, "one");
  cluster.fence(1, "b", "off", 60, "two");
  cluster.fence(1, "c", "off", 60, "three");
  cluster.pass(500);
  CHECK(cluster.calls.size() == 1);
  CHECK(cluster.calls[0].input.at("nodename") == "b");
  cluster.pass(1'000);
  CHECK(cluster.calls.size() == 2);
  cluster.pass(8'400);
  CHECK(cluster.calls.size() == 2);
  cluster.pass(200);
  REQUIRE(cluster.calls.size() == 3);
  CHECK(cluster.calls[2].input.at("nodename") == "a");
}

TEST_CASE("a random delay stays within its bounds and differs by seed") {
  std::set<std::int64_t> delays;
  for (unsigned nodes = 1; nodes <= 8; ++nodes) {
    FencingCluster cluster(nodes);
    const NodeNumber last = nodes;  // its seed is its number
    cluster.add_device(
        last, "d", {{"pcmk_host_list", "x"}, {"pcmk_delay_base", "2"}, {"pcmk_delay_max", "9"}});
    const std::int64_t start = cluster.now_ms;
    cluster.fence(last, "x", "off");
    while (cluster.calls.empty() && cluster.now_ms < start + 20'000) cluster.pass(1'000);
    const std::int64_t delay_s = (cluster.now_ms - start) / 1000;
    CHECK(delay_s >= 2);
    CHECK(delay_s <= 9);
    delays.insert(delay_s);
  }
  CHECK(delays.size() > 1);
}

TEST_CASE("a device removed before its turn fails what waited for it") {
  FencingCluster cluster(1);
  cluster.add_device(1, "d", {{"pcmk_host_list", "x"}, {"pcmk_delay_base", "10"}});
  cluster.fence(1, "x", "off");
  cluster.pass(1'000);
  cluster.say(1, RemoveDevice{6, "d"});
  cluster.pass(1);
  REQUIRE(cluster.answer(1));
  CHECK(cluster.calls.empty());
  CHECK(cluster.history(1).back().result.reason ==
        "Device was removed before action could be executed");
}

TEST_CASE("only started devices are monitored, and only the privileged register") {
  FencingCluster cluster(1);
  cluster.say(1, RunDevice{1, "d", "monitor", "", 20});
  CHECK(cluster.answer(1)->reason == "'d' not found");
  PeerCredentials somebody;
  cluster.give(1, ClientConnected{2, somebody});
  cluster.give(1, ClientMessage{2, encode(Request(AddDevice{1, "d", "fence_x", {}, false}))});
  CHECK(cluster.answer(1)->exit_code == ocf::kInsufficientPrivileges);
  cluster.add_device(1, "d", {});
  cluster.say(1, RunDevice{1, "d", "monitor", "", 20});
  cluster.pass(1'000);
  CHECK(cluster.answer(1)->succeeded());
  cluster.say(1, RunDevice{1, "d", "off", "node2", 20});
  CHECK(cluster.answer(1)->exit_code == ocf::kInvalidParameter);
}

TEST_CASE("an agent whose metadata can't be had is asked again later") {
  FencingCluster cluster(1);
  const std::string good = cluster.metadata;
  cluster.metadata = "nonsense";
  cluster.add_device(1, "d", {});
  cluster.list_output = "x\n";
  CHECK(able(cluster, "anybody").size() == 1);  // nothing is known, so no host check
  cluster.metadata = good;
  cluster.pass(20'000);
  CHECK(able(cluster, "anybody") == kNone);
  CHECK(able(cluster, "x").size() == 1);
}
