#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <set>

#include "placement_fixture.h"
#include "scheduler/placement/merge_sort.h"
#include "scheduler/placement/table_order.h"
#include "scheduler/placement/utilization.h"

using namespace quorate;
using namespace quorate::scheduler;

namespace {

std::string strategy(const std::string& name) {
  return "<nvpair id='o2' name='placement-strategy' value='" + name + "'/>";
}
std::string utilization(const std::string& cpu) {
  static int number = 0;
  const std::string id = std::to_string(++number);
  return "<utilization id='u" + id + "'><nvpair id='w" + id + "' name='cpu' value='" + cpu +
         "'/></utilization>";
}

}  // namespace

TEST_CASE("with balanced placement the node with more free capacity is taken") {
  PlacedCluster cluster({{"n1", "n2"},
                         strategy("balanced"),
                         primitive("a", utilization("1")) + primitive("b", utilization("1")),
                         "",
                         {},
                         "<utilization id='nu%N'><nvpair id='nw%N' name='cpu' value='%N'/>"
                         "</utilization>"},
                        true);
  CHECK(cluster.node_of("a") == "n2");
  CHECK(cluster.node_of("b") == "n1");
  CHECK(cluster.line("Original: n2 capacity") == "cpu=2");
  CHECK(cluster.line("Remaining: n2 capacity") == "cpu=1");
  CHECK(cluster.line("pcmk__assign_resource: a utilization on n2") == "cpu=1");
}

TEST_CASE("what has to be together needs a node with room for all of it") {
  PlacedCluster cluster(
      {{"n1", "n2", "n3", "n4", "n5", "n6"},
       strategy("utilization"),
       primitive("a", utilization("2")) + primitive("b", utilization("2")) +
           primitive("c", utilization("2")),
       colocation("1", "b", "a", "INFINITY") + colocation("2", "c", "a", "INFINITY"),
       {},
       "<utilization id='nu%N'><nvpair id='nw%N' name='cpu' value='%N'/>"
       "</utilization>"});
  CHECK(cluster.node_of("a") == "n6");
  CHECK(cluster.node_of("c") == "n6");
}

TEST_CASE("minimal placement fills nodes by name") {
  PlacedCluster cluster({{"n1", "n2"}, strategy("minimal"), primitive("a") + primitive("b")});
  CHECK(cluster.node_of("a") == "n1");
  CHECK(cluster.node_of("b") == "n1");
}

TEST_CASE("utilization is a leading integer of 32 bits") {
  CHECK(utilization_number("4GB") == 4);
  CHECK(utilization_number("3.9") == 3);
  CHECK(utilization_number("none") == std::numeric_limits<std::int32_t>::min());
  CHECK(utilization_number("99999999999") == std::numeric_limits<std::int32_t>::max());
}

TEST_CASE("tables are walked in the order of their hash slots") {
  const auto walk = [](const std::vector<std::string_view>& keys) {
    std::vector<std::string_view> result;
    for (const std::size_t i : table_order(keys)) result.push_back(keys[i]);
    return result;
  };
  using Keys = std::vector<std::string_view>;
  CHECK(walk({"1031448768", "1048225984"}) == Keys{"1048225984", "1031448768"});
  CHECK(walk({"1", "2", "3"}) == Keys{"1", "3", "2"});
}

TEST_CASE("walking a table visits each key once, whatever the number of keys") {
  rc::check([](const std::set<std::string>& texts) {
    const std::vector<std::string_view> keys(texts.begin(), texts.end());
    std::vector<std::size_t> order = table_order(keys);
    std::sort(order.begin(), order.end());
    RC_ASSERT(order.size() == keys.size());
    for (std::size_t i = 0; i < order.size(); ++i) RC_ASSERT(order[i] == i);
  });
}

TEST_CASE("the merge sort is stable") {
  rc::check([](std::vector<std::pair<int, int>> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = {values[i].first % 5, static_cast<int>(i)};
    }
    std::vector<std::pair<int, int>> expected = values;
    std::sort(expected.begin(), expected.end());
    merge_sort(values, [](const auto& a, const auto& b) { return a.first - b.first; });
    RC_ASSERT(values == expected);
  });
}

TEST_CASE("any tangle of colocations is placed, nothing on a node it is banned from") {
  rc::check([] {
    const int count = *rc::gen::inRange(2, 8);
    std::string resources;
    std::string constraints;
    const auto name = [](int i) { return "r" + std::to_string(i); };
    for (int i = 0; i < count; ++i) {
      if (i % 3 == 1) {
        resources += "<group id='" + name(i) + "'>" + primitive(name(i) + "a") +
                     primitive(name(i) + "b") + "</group>";
      } else if (i % 3 == 2) {
        resources += "<clone id='" + name(i) + "'>" + primitive(name(i) + "p") + "</clone>";
      } else {
        resources += primitive(name(i));
      }
    }
    const int links = *rc::gen::inRange(0, 12);
    for (int i = 0; i < links; ++i) {
      const auto score =
          *rc::gen::element<std::string>("INFINITY", "-INFINITY", "100", "-100", "1", "500000");
      constraints += colocation("c" + std::to_string(i), name(*rc::gen::inRange(0, count)),
                                name(*rc::gen::inRange(0, count)), score);
    }
    PlacedCluster cluster({{"n1", "n2", "n3"}, "", resources, constraints});
    for (const model::Resource& resource : cluster.snapshot.all_resources) {
      RC_ASSERT(!resource.busy);
      RC_ASSERT(!resource.visited);
      if (resource.assigned) RC_ASSERT(resource.assigned->score >= 0);
    }
  });
}
