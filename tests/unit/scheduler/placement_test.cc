#include "placement_fixture.h"

using namespace quorate;
using namespace quorate::scheduler;

TEST_CASE("resources without scores are spread over the nodes by name") {
  PlacedCluster cluster({{"n2", "n1"}, "", primitive("a") + primitive("b") + primitive("c")});
  CHECK(cluster.node_of("a") == "n1");
  CHECK(cluster.node_of("b") == "n2");
  CHECK(cluster.node_of("c") == "n1");
}

TEST_CASE("a resource stays where it is if that is as good as the best") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         primitive("a") + primitive("b", meta("resource-stickiness", "10")),
                         location("l", "b", "n1", "10"),
                         {{"n2", "b"}}});
  CHECK(cluster.score("b", "n1") == "10");
  CHECK(cluster.score("b", "n2") == "10");
  CHECK(cluster.node_of("b") == "n2");
}

TEST_CASE("location scores are added newest first, which saturation makes visible") {
  PlacedCluster cluster(
      {{"n1"},
       "",
       primitive("a") + primitive("b"),
       location("1", "a", "n1", "-300000") + location("2", "a", "n1", "600000") +
           location("3", "a", "n1", "600000") + location("4", "b", "n1", "600000") +
           location("5", "b", "n1", "600000") + location("6", "b", "n1", "-300000")});
  CHECK(cluster.score("a", "n1") == "INFINITY");
  CHECK(cluster.score("b", "n1") == "900000");
}

TEST_CASE("a primary takes over its dependent's preferences, attenuated by the score") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         primitive("a", meta("resource-stickiness", "100")) +
                             primitive("b", meta("resource-stickiness", "100")),
                         colocation("c", "a", "b", "500000"),
                         {{"n1", "a"}, {"n2", "b"}}});
  CHECK(cluster.score("b", "n1") == "50");
  CHECK(cluster.score("b", "n2") == "100");
  CHECK(cluster.score("a", "n2") == "500000");
  CHECK(cluster.node_of("a") == "n2");
}

TEST_CASE("a ban behind two groups that avoid each other becomes a finite preference") {
  PlacedCluster cluster(
      {{"n1", "n2"},
       "",
       "<group id='g1'>" + primitive("a1") + primitive("b1") + "</group><group id='g2'>" +
           primitive("a2") + primitive("b2") + "</group>",
       location("l", "b2", "n1", "-INFINITY") + colocation("c", "g2", "g1", "-5000")});
  CHECK(cluster.score("a1", "n1") == "5000");
  CHECK(cluster.score("a1", "n2") == "0");
}

TEST_CASE("a mandatory colocation bans other nodes, an optional one never leaves none") {
  PlacedCluster cluster(
      {{"n1", "n2"},
       "",
       primitive("p") + primitive("must") + primitive("may") + primitive("avoid"),
       location("l", "p", "n1", "1") + location("m", "may", "n2", "-INFINITY") +
           location("v", "avoid", "n2", "-INFINITY") + colocation("1", "must", "p", "INFINITY") +
           colocation("2", "may", "p", "5") + colocation("3", "avoid", "p", "-5")});
  CHECK(cluster.score("must", "n1") == "0");
  CHECK(cluster.score("must", "n2") == "-INFINITY");
  CHECK(cluster.score("may", "n1") == "5");
  CHECK(cluster.score("avoid", "n1") == "0");
  CHECK(cluster.node_of("avoid") == "n1");
}

TEST_CASE("of several records a group contributes, the first counts for all of them") {
  const std::string resources = "<group id='g'>" + primitive("a") + primitive("b") + "</group>" +
                                primitive("x") + primitive("y") + primitive("z");
  const std::string constraints =
      location("1", "x", "n1", "INFINITY") + location("2", "y", "n2", "INFINITY") +
      location("3", "z", "n2", "INFINITY") + colocation("4", "g", "x", "100") +
      colocation("5", "g", "y", "1000");
  PlacedCluster plain({{"n1", "n2"}, "", resources, constraints});
  CHECK(plain.score("a", "n1") == "100");
  CHECK(plain.score("a", "n2") == "1000");
  PlacedCluster quirk({{"n1", "n2"}, "", resources, constraints + colocation("6", "a", "z", "10")});
  CHECK(quirk.score("a", "n1") == "200");
  CHECK(quirk.score("a", "n2") == "10");
}

TEST_CASE("a loop of mandatory colocations ends and keeps all together") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         primitive("a") + primitive("b") + primitive("c"),
                         colocation("1", "a", "b", "INFINITY") +
                             colocation("2", "b", "c", "INFINITY") +
                             colocation("3", "c", "a", "INFINITY")});
  CHECK(cluster.node_of("a") == cluster.node_of("b"));
  CHECK(cluster.node_of("b") == cluster.node_of("c"));
  CHECK(cluster.listing.lines.front() == "pcmk__primitive_assign: c allocation score on n1: 0");
}

TEST_CASE("sets colocate their members in order, and an earlier set with a later one") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         primitive("a") + primitive("b") + primitive("c"),
                         location("l", "c", "n2", "5") +
                             "<rsc_colocation id='s' score='INFINITY'>"
                             "<resource_set id='s1'><resource_ref id='a'/><resource_ref id='b'/>"
                             "</resource_set><resource_set id='s2'><resource_ref id='c'/>"
                             "</resource_set></rsc_colocation>"});
  const auto& records = cluster.snapshot.colocations;
  REQUIRE(records.size() == 2);
  CHECK(records[0].id == "s1");
  CHECK(records[0].dependent->id == "b");
  CHECK(records[0].primary->id == "a");
  CHECK(records[1].id == "s");
  CHECK(records[1].dependent->id == "a");
  CHECK(records[1].primary->id == "c");
  CHECK(cluster.node_of("b") == "n2");
}

TEST_CASE("behind a referenced set the walk goes on where that set is written") {
  PlacedCluster cluster(
      {{"n1", "n2"},
       "",
       primitive("a") + primitive("b") + primitive("c") + primitive("d"),
       "<rsc_colocation id='c1' score='1'><resource_set id='s1'><resource_ref id='a'/>"
       "<resource_ref id='b'/></resource_set><resource_set id='s2'><resource_ref id='c'/>"
       "</resource_set></rsc_colocation>"
       "<rsc_location id='l' node='n2' score='7'><resource_set id-ref='s1'/>"
       "<resource_set id='s3'><resource_ref id='d'/></resource_set></rsc_location>"});
  for (const model::Location* record : cluster.snapshot.locations) {
    CHECK(record->resource->id != "d");
  }
  CHECK(cluster.snapshot.locations.size() == 3);
}

TEST_CASE("sets that refer to each other in a circle don't hang the walk") {
  PlacedCluster cluster(
      {{"n1"},
       "",
       primitive("a"),
       "<rsc_location id='1' node='n1' score='1'><resource_set id='s1'><resource_ref id='a'/>"
       "</resource_set><resource_set id-ref='s2'/></rsc_location>"
       "<rsc_location id='2' node='n1' score='1'><resource_set id='s2'><resource_ref id='a'/>"
       "</resource_set><resource_set id-ref='s1'/></rsc_location>"});
  CHECK(cluster.snapshot.locations.size() == 4);
}

TEST_CASE("tags and templates stand for their members, unknown names are reported") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         primitive("a") + primitive("b"),
                         location("l", "both", "n2", "5") + location("m", "nobody", "n2", "5") +
                             "<rsc_colocation id='c' rsc='a' with-rsc='gone' score='1'/>"
                             "<rsc_magic id='x'/>",
                         {},
                         "",
                         "",
                         "<tag id='both'><obj_ref id='a'/><obj_ref id='b'/></tag>"});
  CHECK(cluster.score("a", "n2") == "5");
  CHECK(cluster.score("b", "n2") == "5");
  CHECK(cluster.said("No resource, template, or tag named 'nobody'"));
  CHECK(cluster.said("Ignoring constraint 'c' because 'gone' is not a valid resource or tag"));
  CHECK(cluster.said("Unsupported constraint type: rsc_magic"));
}

TEST_CASE("a pattern's submatches name the attribute a rule's score comes from") {
  PlacedCluster cluster(
      {{"n1", "n2"},
       "",
       primitive("ip-db") + primitive("other"),
       "<rsc_location id='l' rsc-pattern='ip-(.*)'><rule id='r' score-attribute='weight-%1'>"
       "<expression id='e' attribute='#uname' operation='eq' value='n2'/></rule></rsc_location>",
       {},
       "<instance_attributes id='a%N'><nvpair id='v%N' name='weight-db' value='%N'/>"
       "</instance_attributes>"});
  CHECK(cluster.score("ip-db", "n1") == "0");
  CHECK(cluster.score("ip-db", "n2") == "2");
  CHECK(cluster.score("other", "n2") == "0");
}

TEST_CASE("a resource whose ticket isn't granted runs nowhere") {
  const std::string constraint = "<rsc_ticket id='t' rsc='a' ticket='T'/>";
  PlacedCluster lost({{"n1"}, "", primitive("a"), constraint});
  CHECK(lost.node_of("a").empty());
  PlacedCluster granted({{"n1"},
                         "",
                         primitive("a"),
                         constraint,
                         {},
                         "",
                         "<tickets><ticket_state id='T' granted='true'/></tickets>"});
  CHECK(granted.node_of("a") == "n1");
}

TEST_CASE("discovery made exclusive by a location leaves no other node") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         primitive("a"),
                         location("l", "a", "n2", "0", "resource-discovery='exclusive'")});
  CHECK(cluster.score("a", "n1") == "-INFINITY");
  CHECK(cluster.score("a", "n2") == "0");
}

TEST_CASE("an unmanaged resource stays whatever the scores say") {
  PlacedCluster cluster({{"n1", "n2"},
                         "",
                         primitive("a", meta("is-managed", "false")),
                         location("l", "a", "n2", "INFINITY"),
                         {{"n1", "a"}}});
  CHECK(cluster.node_of("a") == "n1");
}

TEST_CASE(
    "a chain of colocations longer than any real one is placed without exhausting the stack") {
  std::string resources;
  std::string constraints;
  constexpr int kCount = 1100;
  for (int i = 0; i < kCount; ++i) {
    resources += primitive("r" + std::to_string(i));
    if (i == 0) continue;
    constraints += colocation("c" + std::to_string(i), "r" + std::to_string(i - 1),
                              "r" + std::to_string(i), "INFINITY");
  }
  PlacedCluster cluster({{"n1", "n2"}, "", resources, constraints});
  for (const model::Resource* resource : cluster.snapshot.resources) CHECK_FALSE(resource->open);
}

TEST_CASE("of two connection resources left for one guest each decides about its node") {
  const std::string guest =
      primitive("vm", meta("remote-node", "guest") + meta("target-role", "Stopped"));
  const std::string left_over =
      "<primitive id='guest' class='ocf' provider='pacemaker' type='remote'>" +
      meta("container", "vm") + meta("is-managed", "false") + "</primitive>";
  PlacedCluster cluster({{"n1"}, "", guest + left_over, "", {{"n1", "guest"}}});
  const model::Node* node = cluster.snapshot.find_node_by_name("guest");
  REQUIRE(node != nullptr);
  CHECK(node->online);
  CHECK(node->shutdown);
}
