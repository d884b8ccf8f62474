#include <catch2/catch.hpp>

#include "agents/fence_metadata.h"
#include "agents/metadata.h"
#include "agents/systemd.h"

using namespace quorate;
using namespace quorate::agents;

TEST_CASE("a resource type names a unit") {
  CHECK(unit_name("nginx") == "nginx.service");
  CHECK(unit_name("nginx.socket") == "nginx.socket");
  CHECK(unit_name("foo.target") == "foo.target.service");
  CHECK(unit_name("foo@.service") == "foo@pacemaker.service");
  CHECK(unit_name("foo@") == "foo@pacemaker.service");
  CHECK(unit_name("foo@bar") == "foo@bar.service");
}

TEST_CASE("a unit's state is the monitor's result") {
  const auto state = [](const char* text) {
    return unit_outcome("monitor", "x", {1, true, text, ""});
  };
  CHECK(state("active").succeeded());
  CHECK(state("reloading").succeeded());
  CHECK(state("activating").status == ExecutionStatus::kPending);
  CHECK(state("failed") == AgentResult{7, ExecutionStatus::kDone, "failed"});
}

TEST_CASE("a job that fails, and a unit that is missing, are told apart") {
  CHECK(unit_outcome("start", "x", {1, true, "", ""}).succeeded());
  CHECK(unit_outcome("start", "x", {1, false, "", "failed"}) ==
        AgentResult{1, ExecutionStatus::kError,
                    "systemd start job for x.service failed with result 'failed'"});
  CHECK(unit_outcome("stop", "x", {1, false, "", "timeout"}).status == ExecutionStatus::kTimedOut);
  CHECK(unit_outcome("stop", "x", {1, false, "", "not-found"}).succeeded());
  CHECK(unit_outcome("start", "x", {1, false, "", "not-found"}) ==
        AgentResult{5, ExecutionStatus::kNotInstalled, "systemd unit x.service not found"});
}

TEST_CASE("a unit's metadata is well-formed whatever its description") {
  CHECK(parse_metadata(unit_metadata("x", "A <b> & \x01\xff"), "x"));
}

TEST_CASE("tools see fence agents that start and stop, and don't ask for the target") {
  const auto shown = shown_fence_metadata(
      "<?xml version='1.0'?><resource-agent><parameters><parameter name='port' required='1'/>"
      "<parameter name='ip' required='1'/></parameters><actions><action name='on'/></actions>"
      "</resource-agent>",
      "fence_x");
  REQUIRE(shown);
  CHECK(shown->find("<parameter name=\"port\" required=\"0\"/>") != std::string::npos);
  CHECK(shown->find("<parameter name=\"ip\" required=\"1\"/>") != std::string::npos);
  CHECK(shown->find("    <action name=\"on\"/>\n    <action name=\"stop\" timeout=\"20s\"/>\n"
                    "    <action name=\"start\" timeout=\"20s\"/>\n") != std::string::npos);
}
