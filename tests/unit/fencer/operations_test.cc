#include "fencing_cluster.h"

using namespace quorate;
using namespace quorate::fencer;

namespace {

const std::map<std::string, std::string> kNode3 = {{"pcmk_host_list", "node3"}};

Operation last_of(FencingCluster& cluster, NodeNumber n) {
  const auto history = cluster.history(n);
  REQUIRE_FALSE(history.empty());
  return history.back();
}

}  // namespace

TEST_CASE("a node is fenced by a peer and everyone hears of it") {
  FencingCluster cluster(3);
  cluster.add_device(2, "power", kNode3);
  cluster.fence(1, "node3", "reboot", 60, "stonith_admin", 7);
  CHECK_FALSE(cluster.answer(1));
  cluster.pass(200);
  REQUIRE(cluster.answer(1));
  CHECK(cluster.answer(1)->succeeded());
  CHECK(cluster.actions() == "node2:reboot");
  CHECK(cluster.calls[0].input.at("port") == "node3");
  CHECK(cluster.calls[0].input.at("nodename") == "node3");
  for (const NodeNumber n : {1, 2, 3}) {
    const Operation operation = last_of(cluster, n);
    CHECK(operation.state == OperationState::kCompleted);
    CHECK(operation.delegate == "node2");
    CHECK(operation.origin == "node1");
    CHECK(operation.client == "stonith_admin.42");
    CHECK(operation.incarnation == 7);
    CHECK(cluster.nodes.at(n).notifications.back().operation.target == "node3");
  }
}

TEST_CASE("without any device there is nothing to fence with") {
  FencingCluster cluster(2);
  cluster.fence(1, "node2", "off");
  REQUIRE(cluster.answer(1));
  CHECK(cluster.answer(1)->status == ExecutionStatus::kNoFenceDevice);
  CHECK(last_of(cluster, 2).state == OperationState::kFailed);
}

TEST_CASE("a verified device is preferred, a failing peer is followed by the next") {
  FencingCluster cluster(3);
  cluster.add_device(1, "a", kNode3);
  cluster.add_device(2, "b", kNode3);
  cluster.monitor(2, "b");
  cluster.agent = [](const FencingCluster::Call& call) { return call.node == "node2" ? 1 : 0; };
  cluster.fence(1, "node3", "off");
  cluster.pass(5'000);
  CHECK(cluster.actions() == "node2:off node2:off node1:off");
  CHECK(cluster.answer(1)->succeeded());
}

TEST_CASE("a device that fails is tried again after a second, then the next one of the node") {
  FencingCluster cluster(2);
  cluster.add_device(1, "false1", {{"pcmk_host_list", "node2"}}, "fence_false");
  cluster.add_device(1, "true1", {{"pcmk_host_list", "node2"}}, "fence_true");
  cluster.agent = [](const FencingCluster::Call& call) {
    return call.agent == "fence_false" ? 1 : 0;
  };
  cluster.fence(1, "node2", "off");
  cluster.pass(150);
  CHECK(cluster.calls.size() == 1);
  cluster.pass(1'000);
  CHECK(cluster.calls.size() == 2);
  cluster.pass(1'000);
  CHECK(cluster.calls.size() == 3);
  CHECK(cluster.calls[2].agent == "fence_true");
  CHECK(cluster.answer(1)->succeeded());
}

TEST_CASE("an agent that hangs is given up, and no other peer is asked without topology") {
  FencingCluster cluster(3);
  cluster.add_device(1, "a", kNode3);
  cluster.agent = [](const FencingCluster::Call&) { return std::nullopt; };
  cluster.fence(1, "node3", "off", 5);
  cluster.pass(4'999);
  CHECK_FALSE(cluster.answer(1));
  cluster.pass(1'001);
  REQUIRE(cluster.answer(1));
  CHECK(cluster.answer(1)->status == ExecutionStatus::kTimedOut);
  CHECK(cluster.answer(1)->reason == "Fence agent did not complete within 5s");
  CHECK(cluster.calls.size() == 1);
}

TEST_CASE("the client is told how long it may take") {
  FencingCluster cluster(2);
  for (const char* id : {"a", "b", "c"}) cluster.add_device(1, id, {{"pcmk_host_list", "node2"}});
  cluster.fence(1, "node2", "off", 5);
  REQUIRE_FALSE(cluster.nodes.at(1).replies.empty());
  CHECK(cluster.nodes.at(1).replies[0].more_to_come);
  CHECK(cluster.nodes.at(1).replies[0].wait_s == 18);
}

TEST_CASE("a node doesn't fence itself while a peer can, but does when alone") {
  FencingCluster cluster(2);
  cluster.add_device(1, "own", {{"pcmk_host_list", "node1"}});
  cluster.add_device(2, "other", {{"pcmk_host_list", "node1"}});
  cluster.fence(1, "node1", "reboot");
  cluster.pass(200);
  CHECK(cluster.actions() == "node2:reboot");
  CHECK(last_of(cluster, 2).origin == "node2");
  CHECK(cluster.answer(1)->succeeded());
  cluster.calls.clear();
  cluster.lose(2);
  cluster.fence(1, "node1", "reboot");
  cluster.pass(200);
  CHECK(cluster.actions() == "node1:reboot");
}

TEST_CASE("the target's own device is left alone unless self-fencing is allowed") {
  FencingCluster cluster(2);
  cluster.add_device(2, "own", {{"pcmk_host_list", "node2"}});
  Fence request;
  request.request = 5;
  request.target = "node2";
  request.action = "off";
  request.allow_self_fencing = false;
  cluster.say(1, request);
  cluster.pass(1'000);
  CHECK(cluster.calls.empty());
  CHECK(cluster.answer(1)->status == ExecutionStatus::kNoFenceDevice);
}

TEST_CASE("identical requests of different clients are merged") {
  FencingCluster cluster(3);
  cluster.add_device(2, "power", kNode3);
  cluster.fence(1, "node3", "off", 60, "one");
  cluster.fence(2, "NODE3", "off", 60, "two");
  cluster.pass(200);
  CHECK(cluster.calls.size() == 1);
  CHECK(cluster.answer(1)->succeeded());
  CHECK(cluster.answer(2)->succeeded());
  const auto history = cluster.history(3);
  REQUIRE(history.size() == 2);
  CHECK(history[1].merged);
  CHECK(history[1].state == OperationState::kCompleted);
  CHECK(history[1].delegate == "node2");
}

TEST_CASE("requests of one client, or for another incarnation, aren't merged") {
  FencingCluster cluster(3);
  cluster.add_device(2, "power", kNode3);
  cluster.fence(1, "node3", "off", 60, "one", 4);
  cluster.fence(1, "node3", "off", 60, "one", 4);
  cluster.fence(2, "node3", "off", 60, "two", 5);
  cluster.pass(1'000);
  CHECK(cluster.calls.size() == 3);
}

TEST_CASE("a recent success will do, if it was for this incarnation") {
  FencingCluster cluster(2);
  cluster.add_device(1, "power", {{"pcmk_host_list", "node2"}});
  cluster.fence(1, "node2", "off", 60, "x", 4);
  cluster.pass(1'000);
  Fence request;
  request.target = "node2";
  request.action = "off";
  request.tolerance_s = 10;
  request.incarnation = 4;
  cluster.say(1, request);
  cluster.pass(1'000);
  CHECK(cluster.calls.size() == 1);
  request.incarnation = 5;
  cluster.say(1, request);
  cluster.pass(1'000);
  CHECK(cluster.calls.size() == 2);
  cluster.pass(10'000);
  request.incarnation = 0;
  cluster.say(1, request);
  cluster.pass(1'000);
  CHECK(cluster.calls.size() == 3);
}

TEST_CASE("when the executing peer is lost, another one takes over") {
  FencingCluster cluster(4);
  cluster.add_device(2, "a", kNode3);
  cluster.add_device(4, "b", kNode3);
  cluster.monitor(2, "a");
  cluster.agent_ms = 5'000;
  cluster.fence(1, "node3", "off");
  cluster.pass(100);
  CHECK(cluster.actions() == "node2:off");
  cluster.lose(2);
  cluster.pass(6'000);
  CHECK(cluster.actions() == "node2:off node4:off");
  CHECK(cluster.answer(1)->succeeded());
  CHECK(last_of(cluster, 4).delegate == "node4");
}

TEST_CASE("when the originator is lost, the executioner's success still counts for all") {
  FencingCluster cluster(4);
  cluster.add_device(2, "a", kNode3);
  cluster.agent_ms = 5'000;
  cluster.fence(1, "node3", "off");
  cluster.pass(100);
  cluster.lose(1);
  CHECK(last_of(cluster, 4).state == OperationState::kExecuting);
  cluster.pass(6'000);
  for (const NodeNumber n : {2, 3, 4}) {
    CHECK(last_of(cluster, n).state == OperationState::kCompleted);
    CHECK(last_of(cluster, n).delegate == "node2");
  }
}

TEST_CASE("when the originator is lost before anyone executes, the operation fails everywhere") {
  FencingCluster cluster(3);
  cluster.add_device(2, "a", {});  // host check by list, which takes a while
  cluster.fence(1, "node3", "off");
  cluster.lose(1);
  for (const NodeNumber n : {2, 3}) {
    CHECK(last_of(cluster, n).state == OperationState::kFailed);
    CHECK(last_of(cluster, n).result.reason == "Originator is dead");
  }
  cluster.pass(60'000);
}

TEST_CASE("a joiner learns the history; an operation of its former life is presumed failed") {
  FencingCluster cluster(3);
  cluster.add_device(2, "power", kNode3);
  cluster.fence(1, "node3", "off");
  cluster.pass(1'000);
  cluster.agent_ms = 30'000;
  cluster.fence(3, "node1", "on");
  CHECK(cluster.history(2).size() == 2);
  cluster.lose(3);
  cluster.join(3);
  const auto history = cluster.history(3);
  REQUIRE(history.size() == 2);
  CHECK(history[0].state == OperationState::kCompleted);
  CHECK(history[1].state == OperationState::kFailed);
}

TEST_CASE("manual confirmation is a success by a human, known to all") {
  FencingCluster cluster(3);
  cluster.say(1, Confirm{9, "node3", "stonith_admin", 6});
  cluster.settle();
  CHECK(cluster.answer(1)->succeeded());
  const Operation operation = last_of(cluster, 2);
  CHECK(operation.delegate == "a human");
  CHECK(operation.action == "off");
  CHECK(operation.state == OperationState::kCompleted);
  CHECK(operation.incarnation == 6);
}

TEST_CASE("history is cleaned on all nodes, pending operations stay") {
  FencingCluster cluster(2);
  cluster.add_device(1, "power", {{"pcmk_host_list", "node2"}});
  cluster.fence(1, "node2", "off");
  cluster.pass(1'000);
  cluster.fence(1, "node2", "on");
  cluster.say(2, CleanHistory{1, ""});
  cluster.settle();
  for (const NodeNumber n : {1, 2}) {
    const auto history = cluster.history(n);
    REQUIRE(history.size() == 1);
    CHECK(is_pending(history[0].state));
  }
}

TEST_CASE("a synchronised history is gathered from all nodes") {
  FencingCluster cluster(2);
  cluster.say(1, GetHistory{7, "", true});
  CHECK(cluster.nodes.at(1).replies.empty());
  cluster.settle();
  REQUIRE(cluster.nodes.at(1).replies.size() == 1);
  CHECK(cluster.nodes.at(1).replies[0].request == 7);
}

TEST_CASE("a success for an earlier incarnation never pretends to be one for a later") {
  FencingCluster cluster(3);
  cluster.add_device(2, "power", kNode3);
  cluster.agent_ms = 5'000;
  cluster.fence(1, "node3", "reboot", 60, "crmd", 3);
  cluster.pass(1'000);
  cluster.fence(2, "node3", "reboot", 60, "other", 8);
  cluster.pass(20'000);
  std::vector<std::uint64_t> incarnations;
  for (const Operation& operation : cluster.history(1)) {
    CHECK(operation.state == OperationState::kCompleted);
    incarnations.push_back(operation.incarnation);
  }
  CHECK(incarnations == std::vector<std::uint64_t>{3, 8});
  CHECK(cluster.calls.size() == 2);
}
