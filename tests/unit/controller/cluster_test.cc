#include "cluster.h"

#include <catch2/catch.hpp>

using namespace quorate;

namespace {

/// Probes and starts `web` on the lowest member, with a monitor, unless the CIB shows it running
/// somewhere; fences nodes that are lost and not expected down.
std::string plan_web(const ScheduleRequest& request, xml::Element cib) {
  std::string synapses;
  int id = 0;
  NodeNumber home = 0;
  NodeNumber running_on = 0;
  std::string fence_trigger;
  for (xml::Element state : xml::children(cib.first_child("status"), "node_state")) {
    const auto number = static_cast<NodeNumber>(std::stoul(std::string(state.id())));
    const bool alive = state.get_or("crmd", "0") != "0";
    const bool joined = state.get_or("join", {}) == "member";
    if (!alive && state.get_or("expected", {}) == "member") {
      synapses += fencing_synapse(++id, number);
      fence_trigger = "<trigger><crm_event id=\"" + std::to_string(id) + "\"/></trigger>";
      continue;
    }
    if (!alive || !joined) continue;
    if (home == 0) home = number;
    xml::for_each_descendant(state, [&](xml::Element e) {
      if (e.name() == "lrm_rsc_op" && e.id() == "web_last_0" &&
          e.get_or("operation", {}) == "start" && e.get_or("rc-code", {}) == "0") {
        running_on = number;
      }
    });
  }
  if (running_on == 0 && home != 0) {
    synapses += operation_synapse(++id, "web", "monitor", home, 7, fence_trigger);
    synapses += operation_synapse(id + 1, "web", "start", home, 0, trigger(id));
    synapses += operation_synapse(id + 2, "web", "monitor", home, 0, trigger(id + 1), 10'000);
  }
  return graph_text(request, synapses);
}

ControllerCluster started_cluster(std::size_t size = 3) {
  ControllerCluster cluster(size);
  cluster.plan = plan_web;
  std::set<NodeNumber> all;
  for (NodeNumber n = 1; n <= size; ++n) all.insert(n);
  cluster.install(all);
  return cluster;
}

}  // namespace

TEST_CASE("a starting cluster chooses one DC, joins all, plans, starts and comes to rest") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.dc() == 1);
  CHECK(cluster.state(1) == "S_IDLE");
  CHECK(cluster.state(2) == "S_NOT_DC");
  CHECK(cluster.state(3) == "S_NOT_DC");
  for (const NodeNumber n : {1U, 2U, 3U}) {
    CHECK(cluster.node_state(n, "join") == "member");
    CHECK(cluster.node_state(n, "expected") == "member");
    CHECK(cluster.node_state(n, "crmd") == "1700000000");
    CHECK(cluster.cib_has("//nodes/node[@id='" + std::to_string(n) + "' and @uname='n" +
                          std::to_string(n) + "']"));
  }
  CHECK(cluster.nodes.at(1).ran ==
        std::vector<std::string>{"web_monitor_0", "web_start_0", "web_monitor_10000"});
  CHECK(cluster.cib_has("//lrm_rsc_op[@id='web_last_0' and @operation='start' and @rc-code='0']"));
  CHECK(cluster.cib_has("//lrm_rsc_op[@id='web_monitor_10000' and @interval='10000']"));
  CHECK(cluster.cib_has("/cib[@have-quorum='1' and @dc-uuid='1']"));
  CHECK(cluster.cib_has("//nvpair[@name='dc-version']"));
  CHECK(cluster.nodes.at(1).core->idle());
}

TEST_CASE("the schedulers of the DC and of the next in line keep a copy of the CIB, others don't") {
  ControllerCluster cluster = started_cluster();
  const auto ready = [&](NodeNumber node) { return cluster.nodes.at(node).scheduler_ready; };
  CHECK(ready(1));
  cluster.advance(5'000);
  CHECK(ready(2));
  CHECK_FALSE(ready(3));
  cluster.crash(1);
  cluster.install({2, 3});
  REQUIRE(cluster.dc() == 2);
  CHECK(ready(2));
  CHECK_FALSE(ready(3));  // nobody has time for that while a node is fenced and recovered
  cluster.advance(5'000);
  CHECK(ready(3));
}

TEST_CASE("the scheduler of who is next in line keeps its copy when another node leaves") {
  ControllerCluster cluster = started_cluster();
  cluster.advance(5'000);
  REQUIRE(cluster.nodes.at(2).scheduler_ready);
  bool lost = false;
  cluster.before_event = [&](NodeNumber, const Event&) {
    lost = lost || !cluster.nodes.at(2).scheduler_ready;
  };
  cluster.crash(3);
  cluster.install({1, 2});
  cluster.advance(10'000);
  CHECK_FALSE(lost);
  CHECK(cluster.nodes.at(2).scheduler_ready);
}

TEST_CASE("a node that crashes is fenced and its resources start elsewhere") {
  ControllerCluster cluster = started_cluster();
  cluster.crash(1);
  cluster.install({2, 3});
  CHECK(cluster.dc() == 2);
  CHECK(cluster.fenced == std::vector<std::string>{"reboot n1"});
  CHECK(cluster.node_state(1, "expected") == "down");
  CHECK(cluster.node_state(1, "join") == "down");
  CHECK(cluster.node_state(1, "crmd") == "0");
  CHECK_FALSE(cluster.cib_has("//node_state[@id='1']/lrm"));
  CHECK(cluster.nodes.at(2).ran ==
        std::vector<std::string>{"web_monitor_0", "web_start_0", "web_monitor_10000"});
  CHECK(cluster.state(2) == "S_IDLE");
}

TEST_CASE("what is written while a fenced node is integrated doesn't say it is expected down") {
  ControllerCluster cluster = started_cluster();
  cluster.crash(3);
  cluster.install({1, 2});
  REQUIRE(cluster.fenced == std::vector<std::string>{"reboot n3"});
  REQUIRE(cluster.node_state(3, "expected") == "down");
  cluster.start(3);
  cluster.hold_cib_answers = true;
  cluster.install({1, 2, 3});
  REQUIRE(cluster.node_state(3, "join") == "member");
  REQUIRE(cluster.node_state(3, "expected") == "member");
  // Another node is lost before the DC knows that its write is done.
  NodeMembership layer;
  layer.ring = 50;
  layer.quorate = true;
  layer.members = {{1, "n1", 1}, {3, "n3", 1}};
  cluster.feed(1, layer);
  cluster.release_cib_answers();
  CHECK(cluster.node_state(3, "join") == "member");
  CHECK(cluster.node_state(3, "expected") == "member");
}

TEST_CASE("nothing starts elsewhere before fencing has succeeded") {
  ControllerCluster cluster = started_cluster();
  cluster.hold_fencing = true;
  cluster.crash(1);
  cluster.install({2, 3});
  CHECK(cluster.state(2) == "S_TRANSITION_ENGINE");
  CHECK(cluster.nodes.at(2).ran.empty());
  SECTION("a failure is tried again, up to the limit") {
    cluster.hold_fencing = false;
    cluster.fencing_succeeds = false;
    cluster.release_fencing();
    CHECK(cluster.fenced.size() == 10);
    CHECK(cluster.nodes.at(2).ran.empty());
    CHECK(cluster.state(2) == "S_IDLE");
  }
  SECTION("then it does") {
    cluster.release_fencing();
    CHECK(cluster.nodes.at(2).ran.size() == 3);
  }
  SECTION("a human on the DC's node may confirm meanwhile that it is down") {
    fencer::Notification confirmed;
    confirmed.operation.target = "n1";
    confirmed.operation.action = "off";
    confirmed.operation.client = "stonith_admin.77";
    confirmed.operation.origin = "n2";
    confirmed.operation.delegate = "a human";
    confirmed.operation.state = fencer::OperationState::kCompleted;
    confirmed.operation.result = {ocf::kOk, ExecutionStatus::kDone, {}};
    for (const NodeNumber node : {2U, 3U})
      cluster.feed(node,
                   SiblingMessage{Daemon::kFencer, fencer::encode(fencer::Answer(confirmed))});
    cluster.run();
    CHECK(cluster.node_state(1, "expected") == "down");
    // The attempt under way isn't waited for, and its end doesn't matter any more.
    CHECK(cluster.nodes.at(2).ran.size() == 3);
    cluster.hold_fencing = false;
    cluster.fencing_succeeds = false;
    cluster.release_fencing();
    CHECK(cluster.nodes.at(2).ran.size() == 3);
  }
  SECTION("a node that returns meanwhile joins only when the attempt has ended") {
    cluster.start(1);
    cluster.install({1, 2, 3});
    CHECK(cluster.dc() == 2);
    CHECK(cluster.state(1) == "S_PENDING");
    cluster.fencing_succeeds = false;
    cluster.release_fencing();
    CHECK(cluster.state(1) == "S_NOT_DC");
    CHECK(cluster.fenced.size() == 1);
    CHECK(cluster.node_state(1, "expected") == "member");
  }
  SECTION("a success doesn't count for a node that has come back") {
    cluster.start(1);
    cluster.install({1, 2, 3});
    cluster.release_fencing();
    CHECK_FALSE(cluster.nodes.at(1).exit);
    CHECK(cluster.state(1) == "S_NOT_DC");
    CHECK(cluster.node_state(1, "join") == "member");
  }
  SECTION("nor if the controller of the new life is away for a moment") {
    cluster.start(1);
    cluster.install({1, 2, 3});
    cluster.crash(1);
    for (const NodeNumber node : {2U, 3U}) {
      GroupView view;
      view.view = 50;
      view.ring = 3;  // the node stays in the cluster layer
      view.members = {{2, "n2", 1}, {3, "n3", 1}};
      view.left = {1};
      cluster.feed(node, view);
    }
    cluster.run();
    const std::vector<std::string> asked = cluster.nodes.at(2).attributes;
    cluster.release_fencing();
    CHECK(cluster.node_state(1, "expected") == "member");
    CHECK(cluster.nodes.at(2).attributes == asked);
  }
}

TEST_CASE("the controller's process alone has three seconds to come back") {
  ControllerCluster cluster = started_cluster();
  // Only the group changes: the node stays in the cluster layer.
  cluster.crash(3);
  const auto view_without = [&](NodeNumber node) {
    GroupView view;
    view.view = 50;
    view.ring = 1;  // still
    view.members = {{1, "n1", 1}, {2, "n2", 1}};
    view.left = {3};
    cluster.feed(node, view);
  };
  view_without(1);
  view_without(2);
  cluster.run();
  CHECK(cluster.fenced.empty());
  CHECK(cluster.node_state(3, "crmd") == "1700000000");
  cluster.advance(3'000);
  CHECK(cluster.fenced == std::vector<std::string>{"reboot n3"});
  CHECK(cluster.node_state(3, "in_ccm") == "1");
}

TEST_CASE("a DC that shows no life is deposed and the next one takes over") {
  ControllerCluster cluster = started_cluster();
  cluster.nodes.at(1).timers.clear();  // it hangs: no timer is served any more
  cluster.advance(11'000);
  CHECK_FALSE(cluster.nodes.at(1).core->is_dc());
  CHECK(cluster.dc() == 2);
  CHECK(cluster.state(2) == "S_IDLE");
}

TEST_CASE("results recorded while there was no DC are counted by the next one") {
  ControllerCluster cluster = started_cluster();
  const std::string entry =
      "<status><node_state id=\"2\"><lrm id=\"2\"><lrm_resources><lrm_resource id=\"db\" "
      "class=\"ocf\" "
      "provider=\"p\" type=\"t\"><lrm_rsc_op id=\"db_last_failure_0\" operation=\"monitor\" "
      "operation_key=\"db_monitor_10000\" interval=\"10000\" rc-code=\"7\" op-status=\"0\" "
      "call-id=\"9\" "
      "transition-key=\"4:1:0:00000000-0000-0000-0000-000000000001\"/></lrm_resource></"
      "lrm_resources>"
      "</lrm></node_state></status>";
  cluster.crash(1);
  cluster.plan = [](const ScheduleRequest& request, xml::Element) {
    return graph_text(request, {});
  };
  // The view is there, but not all hellos: no DC yet.
  GroupView view;
  view.view = 60;
  view.ring = 2;
  view.members = {{2, "n2", 1}, {3, "n3", 1}};
  view.left = {1};
  cluster.feed(2, view);
  CHECK_FALSE(cluster.nodes.at(2).core->is_dc());
  cluster.change_cib("status", entry, "quorate-controller");
  cluster.install({2, 3});
  CHECK(cluster.dc() == 2);
  const auto& asked = cluster.nodes.at(2).attributes;
  CHECK(std::count(asked.begin(), asked.end(), "fail-count-db#monitor_10000[n2]=value++") == 1);
}

TEST_CASE("a failure recorded while the DC didn't hear of changes is counted, once") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.dc() == 1);
  const auto& asked = cluster.nodes.at(1).attributes;
  const auto counted = [&] {
    return std::count(asked.begin(), asked.end(), "fail-count-db#monitor_10000[n2]=value++");
  };
  const auto fails = [&](const std::string& call) {
    cluster.replace_history(
        2,
        "<lrm id='2'><lrm_resources><lrm_resource id='db' type='Dummy' class='ocf'>"
        "<lrm_rsc_op id='db_last_failure_0' operation_key='db_monitor_10000' "
        "operation='monitor' interval='10000' rc-code='7' op-status='0' call-id='" +
            call +
            "' transition-key='4:1:0:00000000-0000-0000-0000-000000000001'/></lrm_resource>"
            "</lrm_resources></lrm>");
  };
  fails("9");
  cluster.feed(1, SiblingMessage{Daemon::kCib, encode(CibResync{})});
  cluster.run();
  CHECK(counted() == 1);
  cluster.feed(1, SiblingMessage{Daemon::kCib, encode(CibResync{})});
  cluster.run();
  CHECK(counted() == 1);
  fails("17");
  cluster.feed(1, SiblingMessage{Daemon::kCib, encode(CibResync{})});
  cluster.run();
  CHECK(counted() == 2);
}

TEST_CASE("a failed start is counted, recorded twice and leads to a new plan") {
  ControllerCluster cluster(1);
  int plans = 0;
  cluster.plan = [&](const ScheduleRequest& request, xml::Element cib) {
    return ++plans == 1 ? plan_web(request, cib) : graph_text(request, {});
  };
  cluster.run_action = [](NodeNumber, const executor::RunAction& action) {
    const bool start = action.task == "start";
    return AgentResult{start ? ocf::kError : ocf::kNotRunning, ExecutionStatus::kDone,
                       start ? "no licence" : ""};
  };
  cluster.install({1});
  CHECK(plans == 2);
  CHECK(cluster.state(1) == "S_IDLE");
  CHECK(cluster.cib_has("//lrm_rsc_op[@id='web_last_failure_0' and @exit-reason='no licence']"));
  CHECK(cluster.cib_has("//lrm_rsc_op[@id='web_last_0' and @rc-code='1']"));
  const auto& asked = cluster.nodes.at(1).attributes;
  CHECK(std::count(asked.begin(), asked.end(), "fail-count-web#start_0[n1]=INFINITY") == 1);
}

TEST_CASE("a configuration change leads to a plan that covers it; status alone doesn't") {
  ControllerCluster cluster = started_cluster();
  const std::size_t before = cluster.nodes.at(1).questions.size();
  cluster.change_cib("status", "<status><node_state id=\"2\" crm-debug-origin=\"x\"/></status>",
                     "quorate-controller");
  CHECK(cluster.nodes.at(1).questions.size() == before);
  cluster.change_cib("crm_config",
                     "<crm_config><cluster_property_set id=\"o\"><nvpair id=\"p\" name=\"x\" "
                     "value=\"y\"/></cluster_property_set></crm_config>",
                     "cibadmin");
  CHECK(cluster.nodes.at(1).questions.size() == before + 1);
  CHECK(cluster.state(1) == "S_IDLE");
}

TEST_CASE("what the DC says of the cluster is written again when a user's change took it away") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.cib_has("//nvpair[@name='dc-version' and @value='3.0.2-quorate']"));
  cluster.change_cib("crm_config",
                     "<crm_config><cluster_property_set id=\"cib-bootstrap-options\">"
                     "<nvpair id=\"cib-bootstrap-options-dc-version\" name=\"former\" value=\"y\"/>"
                     "<nvpair id=\"cib-bootstrap-options-cluster-infrastructure\" name=\"other\" "
                     "value=\"y\"/></cluster_property_set></crm_config>",
                     "cibadmin");
  CHECK(cluster.cib_has("//nvpair[@name='dc-version' and @value='3.0.2-quorate']"));
  CHECK(cluster.cib_has("//nvpair[@name='cluster-infrastructure']"));
}

TEST_CASE("a configuration that can't be scheduled leaves things as they are until it changes") {
  ControllerCluster cluster = started_cluster();
  cluster.plan = [](const ScheduleRequest&, xml::Element) { return std::string(); };
  const std::string change =
      "<crm_config><cluster_property_set id=\"o\"><nvpair id=\"p\" name=\"x\" value=\"";
  cluster.change_cib("crm_config", change + "1\"/></cluster_property_set></crm_config>",
                     "cibadmin");
  CHECK(cluster.state(1) == "S_IDLE");
  CHECK(cluster.logged(1, "can't be scheduled"));
  cluster.plan = plan_web;
  cluster.change_cib("crm_config", change + "2\"/></cluster_property_set></crm_config>",
                     "cibadmin");
  CHECK(cluster.state(1) == "S_IDLE");
}

TEST_CASE("a node that asks to be shut down leaves when the DC tells it to, without being fenced") {
  ControllerCluster cluster = started_cluster();
  bool order = false;
  cluster.plan = [&](const ScheduleRequest& request, xml::Element cib) {
    if (!order) return plan_web(request, cib);
    order = false;
    return graph_text(
        request,
        "<synapse id=\"0\"><action_set><crm_event id=\"1\" operation=\"do_shutdown\" "
        "operation_key=\"do_shutdown-n3\" on_node=\"n3\" on_node_uuid=\"3\"><attributes "
        "CRM_meta_op_no_wait=\"true\"/><downed><node id=\"3\"/></downed></crm_event>"
        "</action_set><inputs/></synapse>");
  };
  cluster.feed(3, ShutdownRequested{});
  cluster.run();
  const auto& asked = cluster.nodes.at(1).attributes;
  CHECK(std::count(asked.begin(), asked.end(), "shutdown[n3]=1700000000") == 1);
  CHECK_FALSE(cluster.nodes.at(3).exit);
  order = true;
  cluster.change_cib(
      "status",
      "<status><node_state id=\"3\"><transient_attributes id=\"3\"/></node_state></status>",
      "quorate-attributes");
  REQUIRE(cluster.nodes.at(3).exit);
  CHECK(cluster.nodes.at(3).exit->status == 0);
  cluster.crash(3);
  cluster.install({1, 2});
  CHECK(cluster.fenced.empty());
  CHECK(cluster.node_state(3, "expected") == "down");
  CHECK(cluster.node_state(3, "join") == "down");
}

namespace {

/// The replicas of these nodes alone are in the CIB's group; the ring is what it was.
void meet_replicas(ControllerCluster& cluster, const std::vector<quorate::NodeNumber>& members) {
  CibView view;
  view.view = 60;
  view.ring = 1;
  view.in_sync = true;
  view.members = members;
  cluster.feed(1, SiblingMessage{Daemon::kCib, encode(view)});
  cluster.run();
}

/// The node is shut down by the DC; its machine stays in the cluster layer.
void leave_in_order(ControllerCluster& cluster, quorate::NodeNumber gone,
                    const std::vector<Member>& rest) {
  const std::string id = std::to_string(gone);
  bool order = true;
  cluster.plan = [&](const ScheduleRequest& request, xml::Element cib) {
    if (!order) return plan_web(request, cib);
    order = false;
    return graph_text(request,
                      "<synapse id=\"0\"><action_set><crm_event id=\"1\" operation=\"do_shutdown\" "
                      "operation_key=\"do_shutdown-n" +
                          id + "\" on_node=\"n" + id + "\" on_node_uuid=\"" + id +
                          "\"><attributes CRM_meta_op_no_wait=\"true\"/><downed><node id=\"" + id +
                          "\"/></downed></crm_event></action_set><inputs/></synapse>");
  };
  cluster.feed(gone, ShutdownRequested{});
  cluster.change_cib("status",
                     "<status><node_state id=\"" + id + "\"><transient_attributes id=\"" + id +
                         "\"/></node_state></status>",
                     "quorate-attributes");
  REQUIRE(cluster.nodes.at(gone).exit);
  cluster.crash(gone);
  GroupView view;
  view.view = 50 - gone;
  view.ring = 1;
  view.members = rest;
  view.left = {gone};
  for (const Member& member : rest) cluster.feed(member.node, view);
  cluster.run();
  cluster.plan = plan_web;
}

}  // namespace

TEST_CASE("fewer replicas than make a quorum are quorate only if nobody else is to be awaited") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.nodes.at(1).fact);
  CHECK(cluster.nodes.at(1).fact->quorate);
  meet_replicas(cluster, {1});
  CHECK(cluster.nodes.at(1).fact->view == 60);
  CHECK_FALSE(cluster.nodes.at(1).fact->quorate);
  meet_replicas(cluster, {1, 2});
  CHECK(cluster.nodes.at(1).fact->quorate);

  leave_in_order(cluster, 3, {{1, "n1", 1}, {2, "n2", 1}});
  meet_replicas(cluster, {1});
  CHECK_FALSE(cluster.nodes.at(1).fact->quorate);
  leave_in_order(cluster, 2, {{1, "n1", 1}});
  meet_replicas(cluster, {1});
  CHECK(cluster.nodes.at(1).fact->quorate);
  CHECK(cluster.fenced.empty());
}

TEST_CASE("a node that was unfenced is known to be, and with which devices") {
  ControllerCluster cluster = started_cluster();
  bool order = true;
  cluster.plan = [&](const ScheduleRequest& request, xml::Element cib) {
    if (!order) return plan_web(request, cib);
    order = false;
    return graph_text(
        request,
        "<synapse id=\"0\"><action_set><crm_event id=\"1\" operation=\"stonith\" "
        "operation_key=\"stonith-n3-on\" on_node=\"n3\" on_node_uuid=\"3\"><attributes "
        "CRM_meta_stonith_action=\"on\" CRM_meta_digests_all=\"d:fence_x:a1,\" "
        "CRM_meta_digests_secure=\"d:fence_x:b2,\"/></crm_event></action_set><inputs/></synapse>");
  };
  cluster.change_cib(
      "status",
      "<status><node_state id=\"3\"><transient_attributes id=\"3\"/></node_state></status>",
      "quorate-attributes");
  REQUIRE(cluster.fenced == std::vector<std::string>{"on n3"});
  const auto& asked = cluster.nodes.at(1).attributes;
  CHECK(std::count(asked.begin(), asked.end(), "#digests-all[n3]=d:fence_x:a1,") == 1);
  CHECK(std::count(asked.begin(), asked.end(), "#digests-secure[n3]=d:fence_x:b2,") == 1);
  CHECK(std::count(asked.begin(), asked.end(), "#node-unfenced[n3]=1700000000") == 1);
}

TEST_CASE("two partitions that meet again have one DC, and both histories are in the CIB") {
  ControllerCluster cluster = started_cluster();
  cluster.hold_fencing = true;
  cluster.install({2, 3});
  CHECK(cluster.nodes.at(2).core->is_dc());
  cluster.install({1, 2, 3});
  CHECK((cluster.dc() == 1 || cluster.dc() == 2));
  cluster.fencing_succeeds = false;
  cluster.release_fencing();
  for (const NodeNumber n : {1U, 2U, 3U}) CHECK(cluster.node_state(n, "join") == "member");
  CHECK(cluster.cib_has("//node_state[@id='1']//lrm_rsc_op[@id='web_last_0']"));
}

TEST_CASE("when quorum comes back, nodes that arrive a little later aren't fenced") {
  ControllerCluster cluster = started_cluster();
  cluster.plan = [](const ScheduleRequest& request, xml::Element cib) {
    return request.quorate ? plan_web(request, cib) : graph_text(request, {});
  };
  for (const NodeNumber n : {1U, 2U, 3U}) cluster.install({n}, false);
  cluster.install({2, 3});
  cluster.advance(3'000);
  CHECK(cluster.fenced.empty());
  SECTION("it comes in time") {
    cluster.install({1, 2, 3});
    cluster.advance(6'000);
    CHECK(cluster.fenced.empty());
  }
  SECTION("it doesn't come") {
    cluster.advance(3'000);
    CHECK(cluster.fenced.size() == 1);
  }
}

TEST_CASE("a node that comes up before the agent that fenced it returns keeps its new state") {
  ControllerCluster cluster(3);
  cluster.plan = plan_web;
  cluster.hold_fencing = true;
  cluster.change_cib("status",
                     "<status><node_state id=\"3\" uname=\"n3\" in_ccm=\"0\" crmd=\"0\" "
                     "join=\"member\" expected=\"member\"/></status>",
                     "test");
  cluster.install({1, 2});
  cluster.advance(30'000);
  cluster.install({1, 2, 3});
  cluster.release_fencing();
  REQUIRE(cluster.fenced.size() == 1);
  CHECK_FALSE(cluster.nodes.at(3).exit);
  CHECK(cluster.node_state(3, "join") == "member");
  CHECK(cluster.node_state(3, "expected") == "member");
}

TEST_CASE("the last words of a former DC about the membership are set right") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.dc() == 1);
  cluster.change_cib("status", "<status><node_state id=\"1\" crmd=\"0\" join=\"down\"/></status>",
                     "quorate-controller");
  CHECK(cluster.node_state(1, "crmd") != "0");
  CHECK(cluster.node_state(1, "join") == "member");
  cluster.change_cib({}, "<cib have-quorum=\"0\" dc-uuid=\"2\"/>", "quorate-controller");
  CHECK(cluster.cib_has("/cib[@dc-uuid='1' and @have-quorum='1']"));
}

TEST_CASE(
    "after the last words of a former DC that a member was fenced its history is written again") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.dc() == 1);
  constexpr const char* kRuns =
      "//node_state[@id='1']//lrm_rsc_op[@id='web_last_0' and @operation='start']";
  REQUIRE(cluster.cib_has(kRuns));
  const std::size_t ran = cluster.nodes.at(1).ran.size();
  const std::string states = GENERATE("", "<status><node_state id='1' join='down'/></status>");
  CAPTURE(states);
  cluster.remove_from_cib("/cib/status/node_state[@id='1']/lrm", states, "quorate-controller");
  CHECK(cluster.cib_has(kRuns));
  CHECK(cluster.nodes.at(1).ran.size() == ran);
  CHECK(cluster.node_state(1, "join") == "member");
  CHECK(cluster.state(1) == "S_IDLE");
}

TEST_CASE("a plan made from the last words of a former DC isn't carried out") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.dc() == 1);
  bool spoken = false;
  cluster.plan = [&](const ScheduleRequest& request, xml::Element) {
    if (std::exchange(spoken, true)) return graph_text(request, {});
    // Ordered between question and answer: the plan is made from it.
    cluster.change_cib("status", "<status><node_state id=\"2\" crmd=\"0\"/></status>",
                       "quorate-controller");
    return graph_text(request, fencing_synapse(1, 2));
  };
  cluster.change_cib("resources",
                     "<resources><primitive id=\"new\" class=\"ocf\" type=\"Dummy\"/></resources>",
                     "cibadmin");
  REQUIRE(spoken);
  CHECK(cluster.fenced.empty());
  CHECK(cluster.node_state(2, "crmd") != "0");
  CHECK(cluster.state(1) == "S_IDLE");
}

TEST_CASE("a node that hangs in an action is given up after timeout and cluster-delay") {
  ControllerCluster cluster(1);
  cluster.hold_actions = true;
  int plans = 0;
  cluster.plan = [&](const ScheduleRequest& request, xml::Element cib) {
    return ++plans == 1 ? plan_web(request, cib) : graph_text(request, {});
  };
  cluster.install({1});
  CHECK(cluster.state(1) == "S_TRANSITION_ENGINE");
  cluster.advance(79'000);
  CHECK(plans == 1);
  cluster.advance(2'000);
  CHECK(plans == 2);
  CHECK(cluster.cib_has("//lrm_rsc_op[@op-status='2' and @call-id='-1']"));
}

TEST_CASE("when nothing happens the scheduler is asked again after the recheck interval") {
  ControllerCluster cluster = started_cluster();
  const std::size_t before = cluster.nodes.at(1).questions.size();
  cluster.advance(14 * 60'000);
  CHECK(cluster.nodes.at(1).questions.size() == before);
  cluster.advance(61'000);
  CHECK(cluster.nodes.at(1).questions.size() == before + 1);
}

TEST_CASE(
    "without all nodes the first plan waits for a stable quorum, and nobody unseen is fenced") {
  ControllerCluster cluster(3);
  cluster.plan = [](const ScheduleRequest& request, xml::Element) {
    return graph_text(request, fencing_synapse(1, 3));
  };
  cluster.install({1, 2});
  CHECK(cluster.nodes.at(1).questions.empty());
  cluster.advance(6'000);
  CHECK(cluster.nodes.at(1).questions.size() == 1);
  CHECK(cluster.fenced.empty());
  cluster.advance(15'000);
  CHECK(cluster.fenced == std::vector<std::string>{"reboot n3"});
}

TEST_CASE("tools hear of states, the DC and nodes, and can wait until the cluster is idle") {
  ControllerCluster cluster = started_cluster();
  ControllerRequest request;
  request.kind = ControllerRequest::Kind::kStatus;
  request.node = "N1";
  cluster.ask(2, request);
  CHECK(cluster.nodes.at(2).replies.back().state == "S_IDLE");
  request.kind = ControllerRequest::Kind::kDcLookup;
  cluster.ask(3, request);
  CHECK(cluster.nodes.at(3).replies.back().node == "n1");
  request.kind = ControllerRequest::Kind::kNodes;
  cluster.ask(3, request);
  CHECK(cluster.nodes.at(3).replies.back().nodes.size() == 3);
  request.kind = ControllerRequest::Kind::kWaitIdle;
  cluster.ask(3, request);
  CHECK(cluster.nodes.at(3).replies.back().state == "S_IDLE");
  request.kind = ControllerRequest::Kind::kStatus;
  request.node = "nowhere";
  cluster.ask(2, request);
  CHECK(cluster.nodes.at(2).replies.back().error == ErrorKind::kNotFound);
}

TEST_CASE("a member isn't forgotten, by name or by id, a node nobody knows is") {
  ControllerCluster cluster = started_cluster();
  ControllerRequest request;
  request.kind = ControllerRequest::Kind::kForgetNode;
  request.node = "N2";
  cluster.ask(1, request);
  CHECK_FALSE(cluster.nodes.at(1).replies.back().ok);
  CHECK(cluster.nodes.at(1).replies.back().message ==
        "n2 is an active member of the cluster: stop it first");
  request.node.clear();
  request.node_id = "3";
  cluster.ask(1, request);
  CHECK_FALSE(cluster.nodes.at(1).replies.back().ok);
  request.node_id = "77";
  cluster.ask(1, request);
  CHECK(cluster.nodes.at(1).replies.back().ok);
  request.kind = ControllerRequest::Kind::kNodes;
  cluster.ask(1, request);
  CHECK(cluster.nodes.at(1).replies.back().nodes.size() == 3);
}

TEST_CASE("a refresh forgets the resource and has everything planned again") {
  ControllerCluster cluster = started_cluster();
  const std::size_t before = cluster.nodes.at(1).questions.size();
  cluster.plan = [](const ScheduleRequest& request, xml::Element) {
    return graph_text(request, {});
  };
  ControllerRequest request;
  request.kind = ControllerRequest::Kind::kHistory;
  request.wish.kind = HistoryWish::Kind::kRefresh;
  request.wish.node = "n1";
  request.wish.resource = "web";
  cluster.ask(2, request);
  CHECK(cluster.nodes.at(2).replies.back().ok);
  CHECK_FALSE(cluster.cib_has("//lrm_resource[@id='web']"));
  CHECK(cluster.cib_has("//nvpair[@name='last-lrm-refresh']"));
  CHECK(cluster.nodes.at(1).questions.size() > before);
}

TEST_CASE("a simulated failure counts as one and leads to a new plan") {
  ControllerCluster cluster = started_cluster();
  ControllerRequest request;
  request.kind = ControllerRequest::Kind::kHistory;
  request.wish.kind = HistoryWish::Kind::kFail;
  request.wish.node = "n1";
  request.wish.resource = "web";
  request.wish.identity = {"web", "", "ocf", "pacemaker", "Dummy", ""};
  cluster.ask(3, request);
  CHECK(cluster.nodes.at(3).replies.back().ok);
  CHECK(cluster.cib_has("//lrm_rsc_op[@id='web_last_failure_0' and @operation='asyncmon']"));
  const auto& asked = cluster.nodes.at(1).attributes;
  CHECK(std::count(asked.begin(), asked.end(), "fail-count-web#asyncmon_0[n1]=value++") == 1);
}

TEST_CASE("a simulated failure of a resource without history is older than what comes after it") {
  ControllerCluster cluster = started_cluster();
  ControllerRequest request;
  request.kind = ControllerRequest::Kind::kHistory;
  request.wish.node = "n1";
  request.wish.resource = "db";
  request.wish.kind = HistoryWish::Kind::kFail;
  request.wish.identity = {"db", "", "ocf", "pacemaker", "Dummy", ""};
  cluster.ask(3, request);
  REQUIRE(cluster.cib_has("//lrm_rsc_op[@operation='asyncmon']"));
  // The executor's next call ids are its own, a few dozens here.
  CHECK_FALSE(cluster.cib_has("//lrm_rsc_op[@call-id>1000]"));
}

TEST_CASE("hostile messages of any sender change nothing") {
  ControllerCluster cluster = started_cluster();
  for (const std::string text :
       {"", "<", "<hello protocol='1' view='1'/>", "<order protocol='1' to='1' kind='rsc_op'/>",
        "<join-report protocol='1' dc='1'/>", "<answer protocol='1' to='1' transition-key='x'/>",
        "<depose protocol='1' dc='7'/>", "<relayed-wish protocol='1' to='1'/>"}) {
    for (const NodeNumber n : {1U, 2U, 3U}) {
      cluster.feed(n, Delivered{1, 77, text});
      cluster.feed(n, ClientMessage{9, text});
      for (const Daemon daemon : {Daemon::kCib, Daemon::kExecutor, Daemon::kAttributes,
                                  Daemon::kFencer, Daemon::kScheduler}) {
        cluster.feed(n, SiblingMessage{daemon, text});
      }
    }
  }
  cluster.run();
  CHECK(cluster.dc() == 1);
  CHECK(cluster.state(1) == "S_IDLE");
}

TEST_CASE(
    "a controller isn't joined before its executor is there: nothing would know how to probe") {
  ControllerCluster cluster = started_cluster();
  cluster.crash(3);
  cluster.install({1, 2});
  cluster.advance(5'000);
  cluster.start(3, false);
  cluster.install({1, 2, 3});
  cluster.advance(10'000);
  CHECK(cluster.state(3) == "S_PENDING");
  cluster.feed(3, SiblingUp{Daemon::kExecutor});
  cluster.run();
  CHECK(cluster.state(3) == "S_NOT_DC");
  CHECK_FALSE(cluster.cib_has("//lrm_rsc_op[@op-status!='0']"));
}

TEST_CASE("the daemons around it may restart; an executor that restarts has all redetected") {
  ControllerCluster cluster = started_cluster();
  for (const Daemon daemon :
       {Daemon::kScheduler, Daemon::kFencer, Daemon::kAttributes, Daemon::kCib}) {
    cluster.feed(1, SiblingDown{daemon});
    cluster.feed(1, SiblingUp{daemon});
    cluster.run();
  }
  CHECK_FALSE(cluster.nodes.at(1).exit);
  cluster.nodes.at(1).ran.clear();
  cluster.feed(1, SiblingDown{Daemon::kExecutor});
  cluster.feed(1, SiblingUp{Daemon::kExecutor});
  cluster.run();
  CHECK(cluster.nodes.at(1).ran.size() == 3);
  cluster.feed(1, SiblingDown{Daemon::kCib});
  cluster.advance(30'000);
  REQUIRE(cluster.nodes.at(1).exit);
  CHECK(cluster.nodes.at(1).exit->status == 1);
}

TEST_CASE("nothing is planned for a view until its quorum is known") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.dc() == 1);
  cluster.crash(2);
  cluster.crash(3);
  // The group's view of the new ring comes first; that quorum was lost with it comes later.
  GroupView alone;
  alone.view = 50;
  alone.ring = 2;
  alone.members = {{1, "n1", 1}};
  alone.left = {2, 3};
  cluster.feed(1, alone);
  cluster.run();
  cluster.nodes.at(1).questions.clear();
  cluster.change_cib("crm_config",
                     "<crm_config><cluster_property_set id='s'><nvpair id='s-b' "
                     "name='batch-limit' value='3'/></cluster_property_set></crm_config>",
                     "cibadmin");
  cluster.run();
  CHECK(cluster.nodes.at(1).questions.empty());
  NodeMembership layer;
  layer.ring = 2;
  layer.quorate = false;
  layer.members = {{1, "n1", 1}};
  for (const NodeNumber n : {1U, 2U, 3U}) layer.configured.push_back({n, "n", 0});
  cluster.feed(1, layer);
  cluster.run();
  REQUIRE_FALSE(cluster.nodes.at(1).questions.empty());
  for (const ScheduleRequest& question : cluster.nodes.at(1).questions)
    CHECK_FALSE(question.quorate);
}

TEST_CASE("a new DC waits three seconds for the controller of the former one") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.dc() == 1);
  // The DC's process dies, its node doesn't.
  cluster.crash(1);
  for (const NodeNumber node : {2U, 3U}) {
    GroupView view;
    view.view = 50;
    view.ring = 1;
    view.members = {{2, "n2", 1}, {3, "n3", 1}};
    view.left = {1};
    cluster.feed(node, view);
  }
  cluster.run();
  REQUIRE(cluster.nodes.at(2).core->is_dc());
  cluster.advance(2'900);
  CHECK(cluster.nodes.at(2).questions.empty());
  CHECK(cluster.fenced.empty());
  SECTION("it comes back and nothing happens to its node") {
    cluster.start(1);
    cluster.install({1, 2, 3});
    cluster.advance(10'000);
    CHECK_FALSE(cluster.nodes.at(2).questions.empty());
    CHECK(cluster.fenced.empty());
  }
  SECTION("it doesn't and its node is fenced") {
    cluster.advance(200);
    CHECK(cluster.fenced == std::vector<std::string>{"reboot n1"});
  }
}

TEST_CASE("a DC that loses and regains its office within a view integrates its members") {
  ControllerCluster cluster = started_cluster(1);
  REQUIRE(cluster.state(1) == "S_IDLE");
  // It is writing the history of a member when its CIB turns out not to be the cluster's.
  JoinReport report;
  report.view = cluster.nodes.at(1).core->membership().view();
  report.dc = 1;
  report.lrm = "<lrm id='1'><lrm_resources/></lrm>";
  cluster.feed(1, Delivered{100, 1, encode(ControllerMessage(report))});
  ControllerHello hello;
  hello.view = report.view;
  hello.entered_view = cluster.nodes.at(1).core->membership().entered_view();
  hello.name = "n1";
  hello.feature_set = kFeatureSet;
  cluster.feed(1, Delivered{101, 1, encode(ControllerMessage(hello))});
  CHECK_FALSE(cluster.nodes.at(1).core->is_dc());
  hello.eligible = true;
  cluster.feed(1, Delivered{102, 1, encode(ControllerMessage(hello))});
  cluster.run();
  CHECK(cluster.nodes.at(1).core->is_dc());
  cluster.start(2);
  cluster.install({1, 2});
  CHECK(cluster.node_state(2, "join") == "member");
}

TEST_CASE("a DC whose copy of the CIB is another partition's now has the histories written again") {
  ControllerCluster cluster = started_cluster();
  REQUIRE(cluster.dc() == 1);
  constexpr const char* kRuns =
      "//node_state[@id='1']//lrm_rsc_op[@id='web_last_0' and @operation='start']";
  REQUIRE(cluster.cib_has(kRuns));
  cluster.plan = [&](const ScheduleRequest& request, xml::Element) {
    CHECK(cluster.cib_has(kRuns));
    return graph_text(request, {});
  };
  cluster.feed(1, SiblingDown{Daemon::kCib});
  cluster.replace_history(1, "<lrm id='1'><lrm_resources/></lrm>");
  cluster.feed(1, SiblingUp{Daemon::kCib});
  const std::size_t asked = cluster.nodes.at(1).questions.size();
  cluster.run();
  CHECK(cluster.cib_has(kRuns));
  CHECK(cluster.nodes.at(1).questions.size() > asked);
  CHECK(cluster.state(1) == "S_IDLE");
}
