#include "placement_fixture.h"

using namespace quorate;
using namespace quorate::scheduler;

namespace {
std::string promotable(const std::string& id, const std::string& child) {
  return "<clone id='" + id + "'>" + meta("promotable", "true") + child + "</clone>";
}
}  // namespace

TEST_CASE("a clone runs on every node, as often as it may") {
  PlacedCluster cluster({{"n1", "n2"}, "", "<clone id='c'>" + primitive("p") + "</clone>"});
  CHECK(cluster.node_of("p:0") == "n1");
  CHECK(cluster.node_of("p:1") == "n2");
}

TEST_CASE("two instances of a unique clone on one node are spread over two") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         "<clone id='c'><meta_attributes id='m'>"
                         "<nvpair id='1' name='globally-unique' value='true'/>"
                         "<nvpair id='2' name='clone-max' value='2'/>"
                         "<nvpair id='3' name='clone-node-max' value='2'/>"
                         "<nvpair id='4' name='resource-stickiness' value='0'/></meta_attributes>" +
                             primitive("p") + "</clone>",
                         location("1", "c", "n1", "100") + location("2", "c", "n2", "100"),
                         {{"n1", "p:0"}, {"n1", "p:1"}}});
  CHECK(cluster.node_of("p:0") == "n1");
  CHECK(cluster.node_of("p:1") == "n2");
}

TEST_CASE("an instance without promotion score isn't promoted until a location asks for it") {
  const std::string resources = promotable("c", primitive("p"));
  PlacedCluster none({{"n1", "n2"}, "", resources});
  CHECK(none.line("p:0 promotion score on n1") == "-1");
  CHECK(none.snapshot.find_resource("p:0")->next_role == model::Role::kUnpromoted);
  PlacedCluster wanted(
      {{"n1", "n2"}, "", resources, location("l", "c", "n2", "50", "role='Promoted'")});
  CHECK(wanted.line("p:1 promotion score on n2") == "49");
  CHECK(wanted.snapshot.find_resource("p:1")->next_role == model::Role::kPromoted);
  CHECK(wanted.snapshot.find_resource("p:0")->next_role == model::Role::kUnpromoted);
}

TEST_CASE("a resource follows the promoted instance, which takes over its preferences") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         promotable("c", primitive("p")) + primitive("vip"),
                         location("1", "c", "n1", "50", "role='Promoted'") +
                             location("2", "c", "n2", "50", "role='Promoted'") +
                             location("3", "vip", "n2", "1000") +
                             colocation("4", "vip", "c", "INFINITY", "with-rsc-role='Promoted'")});
  // Its preference counts when instances are distributed and again when roles are chosen.
  CHECK(cluster.line("p:0 promotion score on n2") == "2049");
  CHECK(cluster.node_of("vip") == "n2");
  CHECK(cluster.score("vip", "n1") == "-INFINITY");
}

TEST_CASE("an interleaved instance goes with the one on its node") {
  PlacedCluster cluster(
      {{"n1", "n2"},
       "",
       "<clone id='c1'>" + primitive("p") + "</clone><clone id='c2'>" + meta("interleave", "true") +
           primitive("q") + "</clone>",
       location("1", "c1", "n2", "-INFINITY") + colocation("2", "c2", "c1", "INFINITY")});
  CHECK(cluster.node_of("q:0") == "n1");
  CHECK(cluster.node_of("q:1").empty());
}

TEST_CASE("the members of a group share a node, stickiness adding up along the chain") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         "<group id='g'>" + meta("resource-stickiness", "100") + primitive("a") +
                             primitive("b") + primitive("c") + "</group>",
                         "",
                         {{"n2", "a"}, {"n2", "b"}, {"n2", "c"}}});
  CHECK(cluster.score("a", "n2") == "300");
  CHECK(cluster.score("b", "n2") == "200");
  CHECK(cluster.score("c", "n2") == "100");
  CHECK(cluster.score("b", "n1") == "-INFINITY");
  CHECK(cluster.node_of("g") == "n2");
}
