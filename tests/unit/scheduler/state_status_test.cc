#include <catch2/catch.hpp>

#include "state_fixture.h"

using namespace quorate;
using namespace quorate::scheduler::testing;
using model::Role;

namespace {
const std::string kNoFencing = option("fencing-enabled", "false");
const std::string kFence = R"(<primitive id="fence" class="stonith" type="fence_x"/>)";

std::string start(const std::string& rsc, int call = 2) {
  return op({.id = rsc + "_last_0", .task = "start", .call = call});
}
std::string probe(const std::string& rsc, int code, int call = 1) {
  return op({.id = rsc + "_last_0", .task = "monitor", .call = call, .code = code, .expected = 7});
}
std::string attribute(const std::string& name, const std::string& value) {
  return "<nvpair id=\"x" + name + "\" name=\"" + name + "\" value=\"" + value + "\"/>";
}
}  // namespace

TEST_CASE("a node pending for too long is unclean but online") {
  State state(cib({.options = option("node-pending-timeout", "300s"),
                   .resources = kFence,
                   .status = R"(<node_state id="2" in_ccm="1676981697" crmd="0"/>)"}),
              1676981997);
  CHECK(state.node("n2").online);
  CHECK(state.node("n2").unclean);
  CHECK(state.actions() == "stonith-n2-reboot@n2? ");
}

TEST_CASE("a node pending for less is looked at again when the time has come") {
  State state(cib({.options = option("node-pending-timeout", "300s"),
                   .resources = kFence,
                   .status = R"(<node_state id="2" in_ccm="1676981697" crmd="0"/>)"}),
              1676981996);
  CHECK(state.node("n2").pending);
  CHECK(state.snapshot.recheck_by == 1676981997);
}

TEST_CASE("a node that left is fenced with the first reason kept") {
  State state(cib(
      {.resources = kFence, .status = online(1) + R"(<node_state id="2" uname="n2" in_ccm="false"
                       crmd="offline" join="down" expected="member"/>)"}));
  CHECK(state.node("n2").unclean);
  CHECK(state.said("Cluster node n2 will be fenced: peer is no longer part of the cluster"));
  CHECK(state.graph.actions.front().reason == "peer is no longer part of the cluster");
}

TEST_CASE("a unique start makes a resource active, a stop ends it") {
  State state(cib({.options = kNoFencing,
                   .resources = dummy("a") + dummy("b"),
                   .status = online(1, history("a", start("a")) +
                                           history("b", op({.id = "b_last_0", .task = "stop"}))) +
                             online(2, history("a", probe("a", 7)))}));
  CHECK(state.resource("a").role == Role::kStarted);
  CHECK(state.active("a") == "n1 ");
  CHECK(state.resource("a").known_on.size() == 2);
  CHECK(state.resource("b").role == Role::kStopped);
}

TEST_CASE("entries are ordered by call, a last failure behind its equal") {
  const std::string failure = op({.id = "a_last_failure_0",
                                  .task = "monitor",
                                  .interval_ms = 10000,
                                  .call = 5,
                                  .code = 7,
                                  .extra = R"(last-rc-change="100")"});
  const std::string monitor = op({.id = "a_monitor_10000",
                                  .task = "monitor",
                                  .interval_ms = 10000,
                                  .call = 5,
                                  .extra = R"(last-rc-change="100")"});
  State state(cib({.options = kNoFencing,
                   .resources = dummy("a"),
                   .status = online(1, history("a", failure + start("a", 9) + monitor))}));
  const auto element =
      state.snapshot.sections.status.first_child().first_child("lrm").first_child().first_child();
  std::string order;
  for (const auto& e : scheduler::sorted_history(state.context, element).entries) {
    order += std::string(e.id()) + " ";
  }
  CHECK(order == "a_monitor_10000 a_last_failure_0 a_last_0 ");
}

TEST_CASE("surplus history of an anonymous clone gets an instance of its own") {
  const auto active = [](const std::string& id) {
    return history(id, op({.id = id + "_last_0", .task = "start"}));
  };
  const auto stopped = [](const std::string& id) {
    return history(id, op({.id = id + "_last_0", .task = "stop"}));
  };
  State state(cib(
      {.options = kNoFencing,
       .resources = "<clone id=\"c\">" + meta("c", "clone-max", "2") + "<group id=\"g\">" +
                    dummy("fs") + dummy("web") + "</group></clone>",
       .status = online(2, stopped("fs:0") + active("fs:1") + active("web:1") + active("web:0"))}));
  REQUIRE(state.resource("c").children.size() == 3);
  CHECK(state.resource("g:2").removed);
  const model::Resource& member = *state.resource("g:2").children[1];
  CHECK(member.id == "web:2");
  CHECK(member.history_id == "web:0");
  CHECK(state.resource("g:0").children[0]->history_id == "fs:1");
  CHECK(state.resource("g:0").children[1]->history_id == "web:1");
}

TEST_CASE("history without a resource makes a removed resource") {
  State state(cib({.options = kNoFencing, .status = online(1, history("old", start("old")))}));
  CHECK(state.resource("old").removed);
  CHECK(state.active("old") == "n1 ");
  CHECK(state.score("old", "n1") == -kInfinity);
}

TEST_CASE("a probe that says not installed is masked and bans the node") {
  State state(cib({.options = kNoFencing,
                   .resources = dummy("a"),
                   .status = online(1, history("a", probe("a", 5)))}));
  CHECK(state.resource("a").role == Role::kStopped);
  CHECK(state.score("a", "n1") == -kInfinity);
  CHECK(state.score("a", "n2") == 0);
  CHECK(state.said("Treating probe result 'Not installed' for a on n1 as 'not running'"));
  CHECK(state.snapshot.failed_operations.size() == 1);
}

TEST_CASE("a failed monitor restarts, a later successful start forgives it") {
  const std::string failed =
      op({.id = "a_last_failure_0", .task = "monitor", .interval_ms = 10000, .call = 5, .code = 1});
  State failing(cib({.options = kNoFencing,
                     .resources = dummy("a"),
                     .status = online(1, history("a", start("a") + failed))}));
  CHECK(failing.resource("a").failed);
  CHECK(failing.resource("a").must_stop);
  CHECK(failing.actions() == "a_monitor_10000@n1? a_stop_0@n1 ");
  State recovered(cib({.options = kNoFencing,
                       .resources = dummy("a"),
                       .status = online(1, history("a", start("a", 9) + failed))}));
  CHECK_FALSE(recovered.resource("a").failed);
  CHECK(recovered.actions().empty());
}

TEST_CASE("a failed stop fences, or blocks where nothing can be fenced") {
  const std::string histories = history("a", op({.id = "a_last_0", .task = "stop", .code = 1}));
  State fenced(cib({.resources = kFence + dummy("a"), .status = online(1) + online(2, histories)}));
  CHECK(fenced.node("n2").unclean);
  CHECK(fenced.said("Cluster node n2 will be fenced: a failed there"));
  State blocked(cib({.options = kNoFencing,
                     .resources = dummy("a"),
                     .status = online(1) + online(2, histories)}));
  CHECK(blocked.resource("a").blocked);
  CHECK_FALSE(blocked.resource("a").managed);
  CHECK(blocked.score("a", "n2") == -kInfinity);
}

TEST_CASE("an expired failure is ignored and its count cleared") {
  const std::string config = dummy("a", meta("a", "failure-timeout", "60s"));
  const std::string failed = op({.id = "a_last_failure_0",
                                 .task = "start",
                                 .call = 5,
                                 .code = 1,
                                 .extra = R"(last-rc-change="1000")"});
  const std::string counts =
      attribute("fail-count-a#start_0", "1") + attribute("last-failure-a#start_0", "1000");
  const std::string text = cib({.options = kNoFencing,
                                .resources = config,
                                .status = online(1, history("a", failed), counts)});
  State expired(text, 2000);
  CHECK(expired.said("Clearing failure of a on n1 because it expired"));
  CHECK(expired.actions() == "a_clear_failcount_0@n1 ");
  CHECK(expired.snapshot.failed_operations.empty());
  State fresh(text, 1010);
  CHECK(fresh.snapshot.recheck_by == 1061);
  CHECK(fresh.snapshot.failed_operations.size() == 1);
}

TEST_CASE("fail counts of an anonymous instance add up, old names don't count") {
  State state(cib(
      {.options = kNoFencing,
       .resources = "<clone id=\"c\">" + dummy("r") + "</clone>" + dummy("r.x"),
       .status = online(
           1, "",
           attribute("fail-count-r#start_0", "2") + attribute("fail-count-r:1#monitor_10000", "3") +
               attribute("fail-count-r", "50") + attribute("fail-count-r-x#stop_0", "INFINITY"))}));
  const auto count = [&](const char* id) {
    return scheduler::fail_count(state.context, state.resource(id), state.node("n1"), {}).count;
  };
  CHECK(count("r:0") == 5);
  CHECK(count("r.x") == kInfinity);  // a dot in an ID matches anything
}

TEST_CASE("failures that block don't expire") {
  const std::string config =
      dummy("a", meta("a", "failure-timeout", "10s") +
                     R"(<operations><op id="m" name="monitor" interval="10s" on-fail="block"/>
                        </operations>)");
  const std::string failed = op({.id = "a_last_failure_0",
                                 .task = "monitor",
                                 .interval_ms = 10000,
                                 .call = 5,
                                 .code = 1,
                                 .extra = R"(last-rc-change="1000")"});
  State state(cib({.options = kNoFencing,
                   .resources = config,
                   .status = online(1, history("a", start("a") + failed),
                                    attribute("fail-count-a#monitor_10000", "1") +
                                        attribute("last-failure-a#monitor_10000", "1000"))}),
              9000);
  CHECK(state.said("Ignoring failure timeout (10s) for a because it conflicts with on-fail=block"));
  CHECK(state.resource("a").blocked);
}

TEST_CASE("a migration that succeeded on the source only is partial") {
  const std::string away = op({.id = "a_last_0",
                               .task = "migrate_to",
                               .call = 8,
                               .extra = R"(migrate_source="n1" migrate_target="n2")"});
  State state(
      cib({.options = kNoFencing,
           .resources = dummy("a"),
           .status = online(1, history("a", away)) + online(2, history("a", probe("a", 7)))}));
  CHECK(state.active("a") == "n2 n1 ");
  CHECK(state.resource("a").partial_source == &state.node("n1"));
  CHECK(state.resource("a").partial_target == &state.node("n2"));
}

TEST_CASE("a finished migration leaves a dangling source") {
  const std::string peers = R"(migrate_source="n1" migrate_target="n2")";
  State state(cib(
      {.options = kNoFencing,
       .resources = dummy("a"),
       .status =
           online(1, history(
                         "a",
                         op({.id = "a_last_0", .task = "migrate_to", .call = 8, .extra = peers}))) +
           online(2, history("a", op({.id = "a_last_0",
                                      .task = "migrate_from",
                                      .call = 4,
                                      .extra = peers})))}));
  CHECK(state.active("a") == "n2 ");
  CHECK(state.resource("a").dangling_sources.size() == 1);
}

TEST_CASE("a migrated resource without migrate_source is left alone") {
  State state(
      cib({.options = kNoFencing,
           .resources = dummy("a"),
           .status = online(1, history("a", op({.id = "a_last_0", .task = "migrate_to"})))}));
  CHECK(state.said("Ignoring resource history entry a_last_0 without migrate_source and"));
}

TEST_CASE("an expired shutdown lock is deleted, a live one remembered") {
  const std::string options =
      kNoFencing + option("shutdown-lock", "true") + option("shutdown-lock-limit", "10min");
  const std::string text =
      cib({.options = options,
           .resources = dummy("a") + dummy("b"),
           .status = online(1) + online(2, history("a", "", R"(shutdown-lock="1000")") +
                                               history("b", "", R"(shutdown-lock="2000")"))});
  State state(text, 2000);
  CHECK(state.actions() == "a_lrm_delete_0@n2 ");
  CHECK(state.resource("b").lock_node == &state.node("n2"));
  scheduler::apply_shutdown_locks(state.context);
  CHECK(state.score("b", "n1") == -kInfinity);
  CHECK(state.snapshot.recheck_by == 2601);
}

TEST_CASE("guests are read after their launcher, whose failure resets them") {
  const std::string config = dummy("vm", meta("vm", "remote-node", "guest")) + dummy("app");
  const std::string guest_state =
      R"(<node_state id="guest" uname="guest" remote_node="true"><lrm id="guest">
         <lrm_resources>)" +
      history("app", start("app")) + "</lrm_resources></lrm></node_state>";
  const std::string connection =
      "<lrm_resource id=\"guest\" class=\"ocf\" provider=\"pacemaker\" type=\"remote\" "
      "container=\"vm\">" +
      start("guest") + "</lrm_resource>";
  State state(cib({.options = kNoFencing,
                   .resources = config,
                   .status = guest_state + online(1, history("vm", start("vm")) + connection)}));
  CHECK(state.node("guest").online);
  CHECK(state.active("app") == "guest ");
}

TEST_CASE("guests that are said to run on each other can't be fenced") {
  State state(cib({.resources = dummy("vm", meta("vm", "remote-node", "guest")) +
                                dummy("vm2", meta("vm2", "remote-node", "guest2"))}));
  state.resource("vm").active = {&state.node("guest2")};
  state.resource("vm2").active = {&state.node("guest")};
  state.node("guest").online = state.node("guest2").online = false;
  CHECK_FALSE(scheduler::can_fence(state.snapshot, state.node("guest")));
  state.node("guest").online = true;
  CHECK(scheduler::can_fence(state.snapshot, state.node("guest2")));
}

TEST_CASE("tickets remember what the status says") {
  State state(cib(
      {.options = kNoFencing, .status = R"(<tickets><ticket_state id="t" granted="true" standby="no"
                       last-granted="77" color="red"/></tickets>)"}));
  REQUIRE(state.snapshot.tickets.size() == 1);
  const model::Ticket& ticket = state.snapshot.tickets.front();
  CHECK(ticket.granted);
  CHECK_FALSE(ticket.standby);
  CHECK(ticket.last_granted == 77);
  CHECK(ticket.state.get("color") == "red");
}

TEST_CASE("red health keeps resources away unless they allow it") {
  State state(cib({.options = kNoFencing + option("node-health-strategy", "only-green"),
                   .resources = dummy("a") + dummy("b", meta("b", "allow-unhealthy-nodes", "true")),
                   .status = online(1, "", attribute("#health_disk", "red"))}));
  scheduler::apply_node_health(state.context);
  REQUIRE(state.snapshot.locations.size() == 1);
  CHECK(state.snapshot.locations.front()->resource == &state.resource("a"));
  CHECK(state.snapshot.locations.front()->nodes.front().score == -kInfinity);
}

TEST_CASE("the failure threshold bans a node") {
  State state(cib({.options = kNoFencing,
                   .resources = dummy("a", meta("a", "migration-threshold", "3")),
                   .status = online(1, "", attribute("fail-count-a#start_0", "3"))}));
  scheduler::apply_failure_threshold(state.context, state.resource("a"), state.node("n1"));
  CHECK(state.score("a", "n1") == -kInfinity);
  CHECK(state.said("a cannot run on n1 due to reaching migration threshold"));
}
