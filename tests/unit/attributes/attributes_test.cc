#include <catch2/catch.hpp>

#include "attributes/cib_form.h"
#include "cluster.h"

using namespace quorate;

namespace {

AttributeCluster three_nodes() {
  AttributeCluster cluster;
  for (const NodeNumber n : {1U, 2U, 3U}) cluster.start(n);
  cluster.install({1, 2, 3}, std::set<NodeNumber>{1, 2, 3});
  cluster.run();
  return cluster;
}

std::string last_cib_data(AttributeCluster& cluster, NodeNumber node) {
  REQUIRE_FALSE(cluster.nodes.at(node).cib.empty());
  return cluster.nodes.at(node).cib.back().what.data;
}

}  // namespace

TEST_CASE("a value set on one node is known on all and written by the lowest member only") {
  AttributeCluster cluster = three_nodes();
  for (const NodeNumber n : {1U, 2U, 3U}) cluster.nodes.at(n).cib.clear();
  cluster.set(2, "ping", "100", "n1");
  for (const NodeNumber n : {1U, 2U, 3U}) CHECK(cluster.get(n, "ping", "n1") == "100");
  CHECK(cluster.nodes.at(2).cib.empty());
  CHECK(cluster.nodes.at(3).cib.empty());
  REQUIRE(cluster.nodes.at(1).cib.size() == 1);
  CHECK(
      last_cib_data(cluster, 1) ==
      R"(<status><node_state id="1"><transient_attributes id="1"><instance_attributes id="status-1"><nvpair id="status-1-ping" name="ping" value="100"/></instance_attributes></transient_attributes></node_state></status>)");
}

TEST_CASE("increments made at the same moment on two nodes both count") {
  AttributeCluster cluster = three_nodes();
  cluster.set(1, "c", "1", "n1");
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kUpdate;
  request.name = "c";
  request.value = "value++";
  request.node = "n1";
  cluster.ask(2, request);
  cluster.ask(3, request);
  cluster.run();
  CHECK(cluster.get(1, "c", "n1") == "3");
  CHECK(cluster.get(3, "c", "n1") == "3");
}

TEST_CASE("a deleted value is known but unset, an unknown name isn't") {
  AttributeCluster cluster = three_nodes();
  cluster.set(1, "ping", "1", "n1");
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kDelete;
  request.name = "ping";
  request.node = "n1";
  cluster.ask(1, request);
  cluster.run();
  CHECK(cluster.get(1, "ping", "n1") == "~");
  CHECK(cluster.get(1, "never", "n1") == "-");
  CHECK(cluster.nodes.at(1).cib.back().what.operation == cib::Operation::kDelete);
}

TEST_CASE("a value that differs only in letter case stays") {
  AttributeCluster cluster = three_nodes();
  cluster.set(1, "a", "yes", "n1");
  cluster.set(1, "a", "Yes", "n1");
  CHECK(cluster.get(2, "a", "N1") == "yes");
}

TEST_CASE("dampened values are written together when the timer has run out") {
  AttributeCluster cluster = three_nodes();
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kUpdate;
  request.name = "load";
  request.value = "3";
  request.dampening = "5s";
  cluster.nodes.at(1).cib.clear();
  cluster.ask(2, request);
  cluster.run();
  CHECK(cluster.nodes.at(1).cib.empty());
  CHECK(cluster.get(1, "load", "n2") == "3");
  REQUIRE(cluster.nodes.at(1).timers.size() == 1);
  const auto [timer, delay] = *cluster.nodes.at(1).timers.begin();
  CHECK(delay == 5000);
  cluster.set(2, "load", "4");
  cluster.feed(1, TimerFired{timer});
  REQUIRE(cluster.nodes.at(1).cib.size() == 1);
  CHECK(last_cib_data(cluster, 1).find("value=\"4\"") != std::string::npos);

  SECTION("a change of dampening writes at once") {
    cluster.set(2, "load", "5");
    CHECK(cluster.nodes.at(1).cib.size() == 1);
    request.kind = AttributeRequest::Kind::kUpdateDelay;
    request.dampening = "0";
    cluster.ask(3, request);
    cluster.run();
    CHECK(cluster.nodes.at(1).cib.size() == 2);
  }
}

TEST_CASE("private attributes never reach the CIB") {
  AttributeCluster cluster = three_nodes();
  cluster.nodes.at(1).cib.clear();
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kUpdate;
  request.name = "secret";
  request.value = "x";
  request.is_private = true;
  cluster.ask(1, request);
  cluster.run();
  cluster.set(1, "secret", "y");
  CHECK(cluster.get(3, "secret", "n1") == "y");
  CHECK(cluster.nodes.at(1).cib.empty());
}

TEST_CASE("a node that leaves loses its values in memory and CIB; the next member writes") {
  AttributeCluster cluster = three_nodes();
  cluster.set(1, "a", "1");
  cluster.set(2, "a", "2");
  cluster.nodes.at(2).cib.clear();
  cluster.install({2, 3}, std::set<NodeNumber>{});
  cluster.report_nodes({2, 3});
  cluster.run();
  CHECK(cluster.get(2, "a", "n1") == "~");
  CHECK(cluster.get(3, "a", "n2") == "2");
  bool erased = false;
  bool written = false;
  for (const CibRequest& request : cluster.nodes.at(2).cib) {
    erased |= request.what.section == attributes::transient_attributes_xpath("1");
    written |= request.what.data.find("status-2-a") != std::string::npos;
  }
  CHECK(erased);
  CHECK(written);
}

TEST_CASE("a joining node learns all values, remote nodes' too, and starts without own ones") {
  AttributeCluster cluster = three_nodes();
  cluster.set(1, "a", "1");
  AttributeRequest remote;
  remote.kind = AttributeRequest::Kind::kUpdate;
  remote.name = "a";
  remote.value = "r";
  remote.node = "remote1";
  remote.node_is_remote = true;
  cluster.ask(2, remote);
  cluster.run();
  cluster.install({1, 2}, std::set<NodeNumber>{});
  cluster.run();
  cluster.start(3);
  cluster.install({1, 2, 3}, std::set<NodeNumber>{3});
  cluster.run();
  CHECK(cluster.get(3, "a", "n1") == "1");
  CHECK(cluster.get(3, "a", "remote1") == "r");
  CHECK(cluster.get(3, "a", "n3") == "~");
}

TEST_CASE("after a partition each node's own values survive, and increments meanwhile count once") {
  AttributeCluster cluster = three_nodes();
  cluster.set(1, "a", "1");
  cluster.set(3, "a", "3");
  // n3 is cut off and changes its value; the others change theirs.
  std::map<NodeNumber, std::set<NodeNumber>> none;
  none[3] = {};
  cluster.install({3}, none);
  cluster.run();
  cluster.set(3, "a", "33");
  none = {{1, {}}, {2, {}}};
  cluster.install({1, 2}, none);
  cluster.run();
  cluster.set(1, "a", "11");
  // Healed: each side sees the other join. A change arrives before the parts of the merge.
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kUpdate;
  request.name = "a";
  request.value = "value++";
  request.node = "n3";
  cluster.ask(1, request);
  cluster.install({1, 2, 3}, {{1, {3}}, {2, {3}}, {3, {1, 2}}});
  cluster.run();
  for (const NodeNumber n : {1U, 2U, 3U}) {
    CHECK(cluster.get(n, "a", "n1") == "11");
    CHECK(cluster.get(n, "a", "n3") == "34");
  }
}

TEST_CASE("a view change during a merge starts it again without losing anything") {
  AttributeCluster cluster = three_nodes();
  cluster.set(1, "a", "1");
  cluster.set(2, "a", "2");
  cluster.install({1, 2}, std::set<NodeNumber>{});
  cluster.run();
  cluster.start(3);
  cluster.install({1, 2, 3}, std::set<NodeNumber>{3});
  cluster.bus.clear();  // the parts never arrive: their senders' view ended
  cluster.install({2, 3}, std::set<NodeNumber>{});
  cluster.report_nodes({2, 3});
  cluster.run();
  CHECK(cluster.get(3, "a", "n2") == "2");
  CHECK(cluster.get(3, "a", "n1") == "~");
}

TEST_CASE(
    "a manager that dies alone and comes back finds its node's values, and nobody lost them") {
  AttributeCluster cluster = three_nodes();
  cluster.report_nodes({1, 2, 3});
  cluster.set(2, "fail-count-web#monitor_10000", "1");
  cluster.set(1, "fail-count-web#monitor_10000", "2");
  const NodeNumber died = GENERATE(1U, 2U);
  const std::string name = AttributeCluster::name(died);
  const std::string value = died == 1 ? "2" : "1";
  for (const NodeNumber n : {1U, 2U, 3U}) cluster.nodes.at(n).cib.clear();
  std::set<NodeNumber> left = {1, 2, 3};
  left.erase(died);
  cluster.install(left, std::set<NodeNumber>{});
  cluster.run();
  CHECK(cluster.get(3, "fail-count-web#monitor_10000", name) == value);
  // A failure on that node is counted meanwhile.
  cluster.set(3, "fail-count-web#monitor_10000", "value++", name);

  SECTION("in time") {
    cluster.start(died);
    cluster.install({1, 2, 3}, std::set<NodeNumber>{died});
    cluster.report_nodes({1, 2, 3});
    cluster.run();
    const std::string counted = died == 1 ? "3" : "2";
    for (const NodeNumber n : {1U, 2U, 3U})
      CHECK(cluster.get(n, "fail-count-web#monitor_10000", name) == counted);
    for (const NodeNumber n : {1U, 2U, 3U})
      for (const CibRequest& request : cluster.nodes.at(n).cib)
        CHECK(request.what.section != attributes::transient_attributes_xpath(std::to_string(died)));
  }
  SECTION("not within 3 s: they are forgotten") {
    for (const NodeNumber n : left) {
      std::vector<TimerId> timers;
      for (const auto& [timer, delay] : cluster.nodes.at(n).timers)
        if (delay == 3000) timers.push_back(timer);
      for (const TimerId timer : timers) cluster.feed(n, TimerFired{timer});
    }
    cluster.run();
    CHECK(cluster.get(3, "fail-count-web#monitor_10000", name) == "~");
    cluster.start(died);
    cluster.install({1, 2, 3}, std::set<NodeNumber>{died});
    cluster.report_nodes({1, 2, 3});
    cluster.run();
    CHECK(cluster.get(died, "fail-count-web#monitor_10000", name) == "~");
  }
  SECTION("after the node itself was lost: they belong to its former life") {
    cluster.report_nodes(left);
    cluster.bus.clear();  // the order to forget them never came
    cluster.start(died);
    cluster.report_nodes({1, 2, 3});
    cluster.install({1, 2, 3}, std::set<NodeNumber>{died});
    cluster.report_nodes({1, 2, 3});
    cluster.run();
    for (const NodeNumber n : {1U, 2U, 3U})
      CHECK(cluster.get(n, "fail-count-web#monitor_10000", name) == "~");
  }
}

TEST_CASE("the values of a node whose manager is stopped in order are forgotten at once") {
  AttributeCluster cluster = three_nodes();
  cluster.set(2, "shutdown", "1234");
  cluster.feed(2, ShutdownRequested{});
  cluster.run();
  CHECK(cluster.get(1, "shutdown", "n2") == "~");
}

TEST_CASE("what is forgotten of a node for its fencing isn't what it has set since") {
  AttributeCluster cluster = three_nodes();
  cluster.set(2, "color", "red");
  AttributeRequest fenced;
  fenced.kind = AttributeRequest::Kind::kPurge;
  fenced.node = "n2";
  fenced.unless_member = true;
  SECTION("it is back, or not known to be gone") {
    cluster.ask(1, fenced);
    cluster.run();
    CHECK(cluster.get(3, "color", "n2") == "red");
  }
  SECTION("it is gone") {
    cluster.install({1, 3}, std::set<NodeNumber>{});
    cluster.run();
    cluster.ask(1, fenced);
    cluster.run();
    CHECK(cluster.get(3, "color", "n2") == "~");
  }
}

TEST_CASE("clients that wait are answered when the change is in effect") {
  AttributeCluster cluster = three_nodes();
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kUpdate;
  request.id = 7;
  request.name = "w";
  request.value = "1";
  request.wait = AttributeWait::kCluster;
  cluster.ask(1, request);
  CHECK(cluster.nodes.at(1).replies.empty());
  SECTION("on all nodes") {
    cluster.run();
    REQUIRE(cluster.nodes.at(1).replies.size() == 1);
    CHECK(cluster.nodes.at(1).replies[0].id == 7);
    CHECK(cluster.nodes.at(1).replies[0].ok);
  }
  SECTION("or told that it took too long") {
    REQUIRE(cluster.nodes.at(1).timers.size() == 1);
    cluster.feed(1, TimerFired{cluster.nodes.at(1).timers.begin()->first});
    REQUIRE(cluster.nodes.at(1).replies.size() == 1);
    CHECK(cluster.nodes.at(1).replies[0].error == ErrorKind::kTimeout);
  }
}

TEST_CASE("patterns and clearing of failures reach what matches") {
  AttributeCluster cluster = three_nodes();
  cluster.set(1, "fail-count-db#monitor_10000", "1", "n2");
  cluster.set(1, "last-failure-db#monitor_10000", "99", "n2");
  cluster.set(1, "fail-count-web#start_0", "INFINITY", "n1");
  AttributeRequest request;
  request.kind = AttributeRequest::Kind::kClearFailures;
  request.resource = "db";
  cluster.ask(3, request);
  cluster.run();
  CHECK(cluster.get(1, "fail-count-db#monitor_10000", "n2") == "~");
  CHECK(cluster.get(1, "last-failure-db#monitor_10000", "n2") == "~");
  CHECK(cluster.get(1, "fail-count-web#start_0", "n1") == "INFINITY");
  request = AttributeRequest();
  request.kind = AttributeRequest::Kind::kDelete;
  request.pattern = "^fail-count-";
  request.node = "n1";
  cluster.ask(1, request);
  cluster.run();
  CHECK(cluster.get(2, "fail-count-web#start_0", "n1") == "~");
}

TEST_CASE("a failed write is tried again after two seconds") {
  AttributeCluster cluster = three_nodes();
  cluster.cib_answers = false;
  cluster.nodes.at(1).cib.clear();
  cluster.set(1, "a", "1");
  REQUIRE(cluster.nodes.at(1).cib.size() == 1);
  CibReply refused;
  refused.id = cluster.nodes.at(1).cib[0].id;
  refused.code = cib::Code::kPermissionDenied;
  cluster.feed(1, SiblingMessage{Daemon::kCib, encode(refused)});
  REQUIRE(cluster.nodes.at(1).timers.size() == 1);
  CHECK(cluster.nodes.at(1).timers.begin()->second == 2000);
  cluster.feed(1, TimerFired{cluster.nodes.at(1).timers.begin()->first});
  CHECK(cluster.nodes.at(1).cib.size() == 2);
}

TEST_CASE("odd names become valid ids; hostile messages change nothing") {
  AttributeCluster cluster = three_nodes();
  cluster.set(1, "we/ird", "1");
  CHECK(last_cib_data(cluster, 1).find("id=\"status-1-we.ird\" name=\"we/ird\"") !=
        std::string::npos);
  CHECK(attributes::xml_id("9a") == "_a");
  for (const NodeNumber n : {1U, 2U, 3U}) {
    cluster.feed(n,
                 Delivered{1, 9, "<attribute-change protocol='1'><attribute/></attribute-change>"});
    cluster.feed(n, Delivered{1, 9, "\x01garbage"});
    cluster.feed(n, ClientMessage{1, ""});
    cluster.feed(n, SiblingMessage{Daemon::kCib, "<"});
  }
  CHECK(cluster.get(1, "we/ird", "n1") == "1");
}
