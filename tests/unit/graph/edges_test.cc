#include <catch2/catch.hpp>

#include "graph/action.h"

namespace quorate::graph {

TEST_CASE("actions are numbered from 1 and listed newest first") {
  ActionGraph graph;
  model::Resource resource;
  Action& older = graph.add_action(&resource);
  Action& newer = graph.add_action(&resource);
  CHECK(older.number == 1);
  CHECK(newer.number == 2);
  CHECK(resource.newest_action == &newer);
  CHECK(newer.next_of_resource == &older);
  CHECK(graph.newest == &newer);
}

TEST_CASE("an edge that shares a tag with a known one is not added again") {
  ActionGraph graph;
  Action& first = graph.add_action(nullptr);
  Action& then = graph.add_action(nullptr);
  CHECK(graph.add_edge(first, then, tag::kSeq | tag::kPullThen));
  CHECK_FALSE(graph.add_edge(first, then, tag::kPullThen | tag::kBlockThen));
  CHECK(graph.add_edge(first, then, tag::kBlockThen));
  CHECK_FALSE(graph.add_edge(first, then, 0));
}

TEST_CASE("a disabled edge still keeps an equal one from being added") {
  ActionGraph graph;
  Action& first = graph.add_action(nullptr);
  Action& other = graph.add_action(nullptr);
  Action& then = graph.add_action(nullptr);
  graph.add_edge(first, other, tag::kSeq);  // then's list is the shorter one
  graph.add_edge(first, then, tag::kSeq);
  then.before->tags = 0;
  CHECK_FALSE(graph.add_edge(first, then, tag::kSeq));
}

TEST_CASE("an action without resource is found by its exact key") {
  ActionGraph graph;
  Action& action = graph.add_action(nullptr);
  action.key = "stonith-node1-reboot";
  graph.index_free_action(action);
  CHECK(graph.find_free_action("stonith-node1-reboot") == &action);
  CHECK(graph.find_free_action("stonith-Node1-reboot") == nullptr);
}

}  // namespace quorate::graph
