#include "placement_fixture.h"

using namespace quorate;
using namespace quorate::scheduler;

namespace {
std::string bundle(const std::string& id) {
  return "<bundle id='" + id +
         "'><podman image='i' replicas='1'/><network control-port='3121' "
         "ip-range-start='192.168.122.10'/>" +
         primitive(id + "-in") + "</bundle>";
}
}  // namespace

TEST_CASE("a bundle whose inside is colocated with the bundle is placed") {
  PlacedCluster cluster(
      {{"n1", "n2"}, "", bundle("b"), colocation("1", "b-clone", "b", "-INFINITY")});
  CHECK_FALSE(cluster.snapshot.find_resource("b")->open);
  CHECK_FALSE(cluster.node_of("b-podman-0").empty());
}

TEST_CASE("bundles whose insides are colocated in a loop are placed") {
  PlacedCluster cluster(
      {{"n1", "n2"},
       "",
       bundle("b") + bundle("c") + bundle("d"),
       colocation("1", "b-clone", "c", "100") + colocation("2", "c-clone", "d", "100") +
           colocation("3", "d-clone", "b", "INFINITY") + colocation("4", "b", "c", "1")});
  for (const char* id : {"b", "c", "d"}) {
    CHECK_FALSE(cluster.snapshot.find_resource(id)->open);
    CHECK_FALSE(cluster.node_of(std::string(id) + "-podman-0").empty());
  }
}
