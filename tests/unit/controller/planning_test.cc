#include <catch2/catch.hpp>

#include "cluster.h"

/// When a plan is asked for, and which is adopted.

using namespace quorate;

namespace {

void set_option(ControllerCluster& cluster, const std::string& name, const std::string& value) {
  cluster.change_cib("crm_config",
                     "<crm_config><cluster_property_set id=\"options\"><nvpair id=\"options-" +
                         name + "\" name=\"" + name + "\" value=\"" + value +
                         "\"/></cluster_property_set></crm_config>",
                     "cibadmin");
}

}  // namespace

TEST_CASE("a graph with another number than the one asked for isn't carried out") {
  ControllerCluster cluster(1);
  cluster.plan = [](ScheduleRequest request, xml::Element) {
    request.graph_number = 1;
    return graph_text(request, operation_synapse(1, "web", "start", 1, 0));
  };
  cluster.install({1});
  REQUIRE(cluster.nodes.at(1).ran.size() == 1);
  set_option(cluster, "another", "change");
  REQUIRE(cluster.nodes.at(1).questions.size() == 2);
  CHECK(cluster.nodes.at(1).ran.size() == 1);
  CHECK(cluster.logged(1, "Plan refused: the scheduler's graph has the number 1, not the 2"));
}

TEST_CASE("a delayed plan also waits for what is being written, and is made after that") {
  ControllerCluster cluster(1);
  cluster.install({1});
  set_option(cluster, "transition-delay", "2s");
  cluster.advance(10'000);
  const std::size_t before = cluster.nodes.at(1).questions.size();
  set_option(cluster, "another", "change");
  // A write of the controller that isn't answered when the delay is over.
  cluster.hold_cib_answers = true;
  ControllerRequest request;
  request.kind = ControllerRequest::Kind::kHistory;
  request.wish.kind = HistoryWish::Kind::kFail;
  request.wish.node = "n1";
  request.wish.resource = "web";
  request.wish.privileged = true;
  request.wish.identity = {"web", "", "ocf", "pacemaker", "Dummy", ""};
  cluster.ask(1, request);
  cluster.advance(1'999);
  CHECK(cluster.nodes.at(1).questions.size() == before);
  cluster.advance(5'000);
  CHECK(cluster.nodes.at(1).questions.size() == before);
  cluster.release_cib_answers();
  cluster.advance(2'000);
  CHECK(cluster.nodes.at(1).questions.size() > before);
}
