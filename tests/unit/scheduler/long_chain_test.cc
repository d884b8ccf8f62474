#include <catch2/catch.hpp>

#include "scheduler/schedule.h"

using namespace quorate;

// Neither by depth of recursion nor, in time, by the square of the length.
TEST_CASE("a chain of orders as long as a configuration can hold blocks to its end") {
  constexpr int kLength = 3000;
  std::string resources;
  std::string constraints = "<rsc_location id='ban' rsc='r0' node='n1' score='-INFINITY'/>";
  for (int i = 0; i < kLength; ++i) {
    const std::string number = std::to_string(i);
    resources += "<primitive id='r" + number + "' class='ocf' provider='pacemaker' type='Dummy'/>";
    if (i == 0) continue;
    constraints += "<rsc_order id='o" + number + "' first='r" + std::to_string(i - 1) +
                   "' then='r" + number + "'/>";
  }
  const auto document = xml::Document::parse(
      "<cib have-quorum='1' dc-uuid='1'><configuration><crm_config><cluster_property_set id='o'>"
      "<nvpair id='o-f' name='fencing-enabled' value='false'/></cluster_property_set></crm_config>"
      "<nodes><node id='1' uname='n1'/></nodes><resources>" +
      resources + "</resources><constraints>" + constraints +
      "</constraints></configuration><status><node_state id='1' uname='n1' in_ccm='true' "
      "crmd='online' join='member' expected='member'/></status></cib>");
  REQUIRE(document);
  scheduler::Input input;
  input.cib = document->root();
  input.now_seconds = 1'700'000'000;
  const auto run = scheduler::schedule(input);
  REQUIRE(run);
  int started = 0;
  for (const graph::Action& action : run->actions->actions) {
    started += action.task == "start" && action.runnable() && action.required() ? 1 : 0;
  }
  CHECK(started == 0);
}
