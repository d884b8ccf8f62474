#include <algorithm>
#include <catch2/catch.hpp>

#include "cluster.h"

/// The fencing of a lost node doesn't wait for what is in flight elsewhere; everything else does.

using namespace quorate;

namespace {

using Ran = std::vector<std::string>;

bool runs(xml::Element cib, const std::string& resource) {
  bool found = false;
  xml::for_each_descendant(cib, [&](xml::Element e) {
    found = found || (e.id() == resource + "_last_0" && e.get_or("operation", {}) == "start" &&
                      e.get_or("rc-code", {}) == "0");
  });
  return found;
}

/// Fences whoever is lost, and starts `slow` on node 2 and `quick` on node 1, which wait for
/// nothing.
std::string plan_both(const ScheduleRequest& request, xml::Element cib) {
  std::string synapses;
  bool alive[10] = {};
  for (const xml::Element state : xml::children(cib.first_child("status"), "node_state")) {
    const auto number = static_cast<NodeNumber>(std::stoul(std::string(state.id())));
    alive[number] = state.get_or("crmd", "0") != "0";
    if (!alive[number] && state.get_or("expected", {}) == "member") {
      synapses += fencing_synapse(static_cast<int>(number), number);
    }
  }
  if (alive[2] && !runs(cib, "slow")) synapses += operation_synapse(12, "slow", "start", 2, 0);
  if (alive[1] && !runs(cib, "quick")) {
    synapses += operation_synapse(11, "quick", "start", 1, 0, runs(cib, "slow") ? "" : trigger(12));
  }
  return graph_text(request, synapses);
}

/// `quick` waits for nothing in plans made from now on.
std::string plan_quick_at_once(const ScheduleRequest& request, xml::Element cib) {
  std::string graph = plan_both(request, cib);
  const std::string input = trigger(12);
  if (const auto at = graph.find(input); at != std::string::npos) graph.erase(at, input.size());
  return graph;
}

/// `slow` is being started on node 2, and doesn't end.
ControllerCluster cluster_with_slow_start(std::size_t size) {
  ControllerCluster cluster(size);
  cluster.plan = plan_both;
  cluster.hold_actions = true;
  std::set<NodeNumber> all;
  for (NodeNumber node = 1; node <= size; ++node) all.insert(node);
  cluster.install(all);
  REQUIRE(cluster.dc() == 1);
  REQUIRE(cluster.nodes.at(2).ran == Ran{"slow_start_0"});
  REQUIRE(cluster.nodes.at(1).ran.empty());
  cluster.plan = plan_quick_at_once;
  return cluster;
}

void check_ends_well(ControllerCluster& cluster) {
  cluster.hold_actions = false;
  cluster.end_actions(2);
  cluster.run();
  CHECK(cluster.nodes.at(2).ran == Ran{"slow_start_0"});
  CHECK(cluster.state(cluster.dc()) == "S_IDLE");
  CHECK(runs(xml::Document::parse(cluster.cib(), "cib")->root(), "slow"));
}

}  // namespace

TEST_CASE(
    "a lost node is fenced while an action is in flight on another, and nothing else is done") {
  ControllerCluster cluster = cluster_with_slow_start(3);
  cluster.crash(3);
  cluster.install({1, 2});
  CHECK(cluster.fenced == Ran{"reboot n3"});
  CHECK(cluster.node_state(3, "join") == "down");
  CHECK(cluster.nodes.at(1).ran.empty());
  CHECK(cluster.nodes.at(2).ran == Ran{"slow_start_0"});
  CHECK_FALSE(cluster.nodes.at(1).core->idle());
  check_ends_well(cluster);
  CHECK(cluster.nodes.at(1).ran == Ran{"quick_start_0"});
  CHECK(cluster.fenced == Ran{"reboot n3"});
}

TEST_CASE("what ends while the lost node is being fenced is followed by a whole plan after that") {
  ControllerCluster cluster = cluster_with_slow_start(3);
  cluster.hold_fencing = true;
  cluster.crash(3);
  cluster.install({1, 2});
  cluster.hold_actions = false;
  cluster.end_actions(2);
  cluster.run();
  CHECK(cluster.nodes.at(1).ran.empty());
  cluster.hold_fencing = false;
  cluster.release_fencing();
  CHECK(cluster.fenced == Ran{"reboot n3"});
  check_ends_well(cluster);
  CHECK(cluster.nodes.at(1).ran == Ran{"quick_start_0"});
}

TEST_CASE("a new DC fences the former one while what that had ordered is in flight") {
  ControllerCluster cluster = cluster_with_slow_start(3);
  cluster.crash(1);
  cluster.install({2, 3});
  REQUIRE(cluster.dc() == 2);
  CHECK(cluster.fenced == Ran{"reboot n1"});
  CHECK(cluster.nodes.at(2).ran == Ran{"slow_start_0"});
  CHECK_FALSE(cluster.nodes.at(2).core->idle());
  check_ends_well(cluster);
  CHECK(cluster.fenced == Ran{"reboot n1"});
}

TEST_CASE("a second node that is lost doesn't wait for the fencing of the first, done once") {
  ControllerCluster cluster = cluster_with_slow_start(5);
  cluster.hold_fencing = true;
  cluster.crash(4);
  cluster.install({1, 2, 3, 5});
  cluster.crash(5);
  cluster.install({1, 2, 3});
  CHECK(cluster.fenced.empty());
  cluster.release_fencing();
  std::sort(cluster.fenced.begin(), cluster.fenced.end());
  CHECK(cluster.fenced == Ran{"reboot n4", "reboot n5"});
  cluster.hold_fencing = false;
  check_ends_well(cluster);
  CHECK(cluster.nodes.at(1).ran == Ran{"quick_start_0"});
  CHECK(cluster.fenced.size() == 2);
}

TEST_CASE("fencing that fails is tried again while an action is in flight, up to the limit") {
  ControllerCluster cluster = cluster_with_slow_start(3);
  cluster.fencing_succeeds = false;
  cluster.crash(3);
  cluster.install({1, 2});
  CHECK(cluster.fenced.size() == 10);
  CHECK(cluster.nodes.at(1).ran.empty());
  cluster.fencing_succeeds = true;
  check_ends_well(cluster);
  CHECK(cluster.node_state(3, "join") == "down");
  CHECK(cluster.nodes.at(1).ran == Ran{"quick_start_0"});
}

TEST_CASE("a node that leaves in order needs no plan before what is in flight has ended") {
  ControllerCluster cluster = cluster_with_slow_start(3);
  const std::size_t questions = cluster.nodes.at(1).questions.size();
  cluster.feed(3, ShutdownRequested{});
  cluster.run();
  CHECK(cluster.nodes.at(1).questions.size() == questions);
  CHECK(cluster.fenced.empty());
}

TEST_CASE("a node whose action in flight nobody hears of any more is asked for it") {
  ControllerCluster cluster = cluster_with_slow_start(3);
  cluster.crash(3);
  cluster.install({1, 2});
  const auto run_action = std::exchange(cluster.run_action, [](NodeNumber, const auto&) {
    return AgentResult{ocf::kOk, ExecutionStatus::kCancelled, {}};
  });
  cluster.end_actions(2);
  cluster.run();
  CHECK(cluster.nodes.at(1).ran.empty());
  cluster.run_action = run_action;
  cluster.hold_actions = false;
  cluster.advance(60'000);
  CHECK(cluster.state(1) == "S_IDLE");
  CHECK(cluster.nodes.at(1).ran == Ran{"quick_start_0"});
}
