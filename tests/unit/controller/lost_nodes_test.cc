#include <catch2/catch.hpp>

#include "cluster.h"

/// What is recorded of lost nodes of which this DC has known little or nothing.

using namespace quorate;

TEST_CASE("members lost before this DC has integrated them may have been running something") {
  ControllerCluster cluster(3);
  cluster.crash(1);
  cluster.install({2, 3});
  // Node 1 joins with a copy of the CIB from its disk, which has no status, and doesn't get
  // another.
  cluster.start(1);
  cluster.hold_cib_answers = true;
  cluster.install({1, 2, 3});
  cluster.crash(2);
  cluster.crash(3);
  cluster.forget_status();
  cluster.hold_cib_answers = false;
  cluster.release_cib_answers();
  cluster.install({1}, false);
  CHECK(cluster.dc() == 1);
  for (const NodeNumber lost : {NodeNumber{2}, NodeNumber{3}}) {
    CHECK(cluster.node_state(lost, "crmd") == "0");
    // Without it, it would count as shut down in order: nobody would fence it.
    CHECK(cluster.node_state(lost, "expected") == "member");
  }
}

TEST_CASE(
    "a node that only the cluster layer has shown, before anybody was integrated, isn't recorded") {
  ControllerCluster cluster(3);
  cluster.crash(2);
  cluster.crash(3);
  NodeMembership layer{7, true, {{1, "node1", 0}, {2, "node2", 0}}, {}};
  for (NodeNumber node = 1; node <= 3; ++node) {
    layer.configured.push_back({node, "node" + std::to_string(node), 0});
  }
  cluster.feed(1, layer);
  layer.members.pop_back();
  cluster.feed(1, layer);
  cluster.install({1}, false);
  CHECK(cluster.dc() == 1);
  CHECK(cluster.node_state(1, "expected") == "member");
  CHECK_FALSE(cluster.cib_has("//node_state[@id='2']"));  // as for node 3: startup fencing decides
  CHECK_FALSE(cluster.cib_has("//node_state[@id='3']"));
}
