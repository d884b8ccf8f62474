#include <catch2/catch.hpp>

#include "cluster.h"

/// What is in flight on a node when the DC changes, or when the node comes back to it, is waited
/// for: until its end nobody knows whether the resource runs.

using namespace quorate;

namespace {

/// Has `web` started on the highest member, unless the CIB shows it running.
std::string start_web(const ScheduleRequest& request, xml::Element cib) {
  NodeNumber home = 0;
  bool runs = false;
  for (const xml::Element state : xml::children(cib.first_child("status"), "node_state")) {
    if (state.get_or("join", {}) != "member" || state.get_or("crmd", "0") == "0") continue;
    home = static_cast<NodeNumber>(std::stoul(std::string(state.id())));
    xml::for_each_descendant(state, [&](xml::Element e) {
      runs = runs || (e.id() == "web_last_0" && e.get_or("operation", {}) == "start" &&
                      e.get_or("rc-code", {}) == "0");
    });
  }
  return graph_text(request, runs ? "" : operation_synapse(1, "web", "start", home, 0));
}

std::string plan_nothing(const ScheduleRequest& request, xml::Element) {
  return graph_text(request, "");
}

ControllerCluster cluster_that_starts_web() {
  ControllerCluster cluster(3);
  cluster.plan = start_web;
  cluster.hold_actions = true;
  cluster.install({1, 2, 3});
  REQUIRE(cluster.dc() == 1);
  REQUIRE(cluster.nodes.at(3).ran == std::vector<std::string>{"web_start_0"});
  return cluster;
}

void check_started_once(ControllerCluster& cluster) {
  CHECK(cluster.nodes.at(1).ran.empty());
  CHECK(cluster.nodes.at(2).ran.empty());
  CHECK(cluster.nodes.at(3).ran == std::vector<std::string>{"web_start_0"});
}

void check_at_rest(ControllerCluster& cluster) {
  check_started_once(cluster);
  REQUIRE(cluster.dc() != 0);
  CHECK(cluster.state(cluster.dc()) == "S_IDLE");
  CHECK(cluster.cib_has("//node_state[@id='3']//lrm_rsc_op[@id='web_last_0' and @rc-code='0']"));
}

bool is_report_of(const Event& event, NodeNumber sender) {
  const auto* delivered = std::get_if<Delivered>(&event);
  return delivered != nullptr && delivered->sender == sender &&
         delivered->payload.find("<join-report") != std::string::npos;
}

}  // namespace

TEST_CASE("a new DC waits for what its predecessor has in flight") {
  ControllerCluster cluster = cluster_that_starts_web();
  cluster.crash(1);
  cluster.install({2, 3});
  REQUIRE(cluster.dc() == 2);
  check_started_once(cluster);
  SECTION("as long as it takes") {
    for (int minute = 0; minute < 10; ++minute) cluster.advance(60'000);
    check_started_once(cluster);
    CHECK_FALSE(cluster.nodes.at(2).core->idle());
  }
  cluster.end_actions(3);
  cluster.run();
  check_at_rest(cluster);
}

TEST_CASE("a DC waits for what it had in flight itself before it was DC again") {
  ControllerCluster cluster = cluster_that_starts_web();
  cluster.plan = plan_nothing;
  cluster.install({1}, false);
  cluster.plan = start_web;
  cluster.install({2, 3});
  REQUIRE(cluster.dc() == 2);
  check_started_once(cluster);
  cluster.install({1, 2, 3});
  check_started_once(cluster);
  cluster.end_actions(3);
  cluster.run();
  check_at_rest(cluster);
}

TEST_CASE("a DC waits for what it had in flight on a node that was cut off and is back") {
  ControllerCluster cluster = cluster_that_starts_web();
  cluster.plan = plan_nothing;
  cluster.install({1, 2});
  cluster.plan = start_web;
  cluster.install({1, 2, 3});
  REQUIRE(cluster.dc() == 1);
  check_started_once(cluster);
  cluster.end_actions(3);
  cluster.run();
  check_at_rest(cluster);
}

TEST_CASE("what was in flight on a node that is lost isn't waited for") {
  ControllerCluster cluster = cluster_that_starts_web();
  cluster.crash(1);
  cluster.install({2, 3});
  cluster.crash(3);
  cluster.install({2});
  CHECK(cluster.nodes.at(2).ran == std::vector<std::string>{"web_start_0"});
}

TEST_CASE("the DC asks again what is in flight if it doesn't hear of its end") {
  ControllerCluster cluster = cluster_that_starts_web();
  cluster.crash(1);
  cluster.install({2, 3});
  const auto run_action = std::exchange(cluster.run_action, [](NodeNumber, const auto&) {
    return AgentResult{ocf::kOk, ExecutionStatus::kCancelled, {}};
  });
  cluster.end_actions(3);
  cluster.run();
  cluster.run_action = run_action;
  check_started_once(cluster);
  cluster.hold_actions = false;
  cluster.advance(60'000);
  CHECK(cluster.state(2) == "S_IDLE");
}

TEST_CASE("a result that comes between a node's report and its integration isn't lost") {
  ControllerCluster cluster = cluster_that_starts_web();
  cluster.crash(1);
  bool ended = false;
  cluster.before_event = [&](NodeNumber node, const Event& event) {
    if (ended || node != 2 || !is_report_of(event, 3)) return;
    ended = true;
    cluster.end_actions(3);
  };
  cluster.install({2, 3});
  REQUIRE(ended);
  check_at_rest(cluster);
}

namespace {

/// Fences whoever is lost, and has `web` started on node 2 unless the CIB shows it running.
std::string start_on_2(const ScheduleRequest& request, xml::Element cib) {
  bool runs = false;
  std::string fencing;
  std::string fenced;
  for (const xml::Element state : xml::children(cib.first_child("status"), "node_state")) {
    const auto node = static_cast<NodeNumber>(std::stoul(std::string(state.id())));
    const bool lost = state.get_or("crmd", "0") == "0" && state.get_or("expected", {}) == "member";
    if (lost) fencing += fencing_synapse(static_cast<int>(10 + node), node);
    if (lost) fenced += trigger(static_cast<int>(10 + node));
    xml::for_each_descendant(state, [&](xml::Element e) {
      runs = runs || (!lost && e.id() == "web_last_0" && e.get_or("rc-code", {}) == "0");
    });
  }
  if (!runs) fencing += operation_synapse(1, "web", "start", 2, 0, fenced);
  return graph_text(request, fencing);
}

}  // namespace

TEST_CASE("what a member that hangs has in flight isn't known to a new DC before it says so") {
  ControllerCluster cluster(4);
  cluster.plan = [](const ScheduleRequest& request, xml::Element) {
    return graph_text(request, operation_synapse(1, "web", "start", 1, 0));
  };
  cluster.hold_actions = true;
  cluster.install({1, 2, 3, 4});
  REQUIRE(cluster.dc() == 1);
  REQUIRE(cluster.nodes.at(1).ran == std::vector<std::string>{"web_start_0"});
  cluster.plan = start_on_2;
  cluster.hang(1);
  cluster.crash(4);
  cluster.install({1, 2, 3});
  cluster.advance(6'000);
  REQUIRE(cluster.dc() == 2);
  CHECK(cluster.nodes.at(2).ran.empty());
  CHECK(cluster.fenced == std::vector<std::string>{"reboot n4"});
  cluster.hold_actions = false;
  SECTION("it says so") {
    cluster.go_on(1);
    CHECK(cluster.nodes.at(2).ran.empty());
    cluster.end_actions(1);
    cluster.run();
    CHECK(cluster.nodes.at(2).ran.empty());
    CHECK(cluster.cib_has("//node_state[@id='1']//lrm_rsc_op[@id='web_last_0' and @rc-code='0']"));
  }
  SECTION("it is lost") {
    cluster.crash(1);
    cluster.install({2, 3});
    CHECK(cluster.fenced.back() == "reboot n1");
    CHECK(cluster.nodes.at(2).ran == std::vector<std::string>{"web_start_0"});
  }
  SECTION("it does after all, when it was given up and nobody fenced it") {
    cluster.plan = plan_nothing;
    cluster.advance(31'000);
    CHECK(cluster.node_state(1, "crmd") == "0");
    CHECK(cluster.node_state(1, "expected") == "member");
    cluster.go_on(1);
    cluster.end_actions(1);
    cluster.run();
    CHECK(cluster.node_state(1, "crmd") != "0");
    CHECK(cluster.node_state(1, "join") == "member");
  }
  SECTION("it never does: that is as good as lost") {
    cluster.advance(31'000);
    CHECK(cluster.fenced.back() == "reboot n1");
    CHECK(cluster.nodes.at(2).ran == std::vector<std::string>{"web_start_0"});
  }
  CHECK(cluster.state(cluster.dc()) == "S_IDLE");
}
