#include <chrono>

#include "placement_fixture.h"

using namespace quorate;
using namespace quorate::scheduler;

// There are 2^n ways through the colocations of n resources that are all kept apart.
TEST_CASE("resources that must all be apart are placed in a moment") {
  std::string resources;
  std::string set;
  for (int i = 0; i < 24; ++i) {
    const std::string id = "r" + std::to_string(i);
    resources += primitive(id);
    set += "<resource_ref id='" + id + "'/>";
  }
  const auto start = std::chrono::steady_clock::now();
  PlacedCluster cluster({{"n1", "n2", "n3"},
                         "",
                         resources,
                         "<rsc_colocation id='c' score='-INFINITY'><resource_set id='s'>" + set +
                             "</resource_set></rsc_colocation>"});
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(1));
  CHECK(cluster.node_of("r0") == "n1");
  CHECK(cluster.node_of("r1") == "n2");
  CHECK(cluster.node_of("r2") == "n3");
  for (int i = 3; i < 24; ++i) CHECK(cluster.node_of("r" + std::to_string(i)).empty());
  CHECK(cluster.said(
      "Preferences of colocated resources count for each other in part only, because too many "
      "resources are colocated with each other"));
}
