#include "agents/metadata.h"

#include <catch2/catch.hpp>

#include "agents/recorded_digests.h"

using namespace quorate;
using namespace quorate::agents;

namespace {

constexpr const char* kDummy = R"(<?xml version="1.0"?>
<resource-agent name="Dummy" version="3.0"><version>1.1</version>
 <parameters>
  <parameter name="state" unique-group="state"/>
  <parameter name="passwd" reloadable="1"/>
  <parameter name="fake" reloadable="1"><content type="string" default="dummy"/></parameter>
  <parameter name="op_sleep" reloadable="1"/>
  <parameter name="fail_start_on" reloadable="1"/>
  <parameter name="envfile" reloadable="1"/>
 </parameters>
 <actions><action name="start" timeout="20s"/><action name="reload-agent" timeout="20s"/></actions>
</resource-agent>)";

}  // namespace

TEST_CASE("what needs a restart and what is private comes from the metadata") {
  const auto metadata = parse_metadata(kDummy, "ocf:pacemaker:Dummy");
  REQUIRE(metadata);
  CHECK(metadata->reload_task() == "reload-agent");
  const RecordedDigests digests =
      recorded_digests({{"fake", "foo"}, {"passwd", "whatever"}}, 0, &*metadata);
  CHECK(digests.op_digest == "457016173e548c394dcf3896e3066412");
  CHECK(digests.op_force_restart == "  state  ");
  CHECK(digests.op_restart_digest == "f2317cad3d54cec5d7d7aa7d0bf35cf8");
  CHECK(digests.op_secure_params == "  passwd  ");
  CHECK(digests.op_secure_digest == "e989cbe4a0e9492305ffdc8c6391ffee");
}

TEST_CASE("a recurring action has no restart digest, but its timeout in the digest") {
  const auto metadata = parse_metadata(kDummy, "x");
  REQUIRE(metadata);
  const RecordedDigests digests = recorded_digests(
      {{"fake", "foo"}, {"passwd", "whatever"}, {"CRM_meta_timeout", "20000"}}, 10'000, &*metadata);
  CHECK(digests.op_digest == "f9a51bfe2c3d74c3b72202f3101682b7");
  CHECK_FALSE(digests.op_force_restart);
  CHECK(digests.op_secure_params == "  passwd  ");
}

TEST_CASE("names are listed in reverse order") {
  const auto metadata = parse_metadata(
      "<resource-agent><version>1.1</version><parameters><parameter name='server'/>"
      "<parameter name='port'/></parameters><actions><action name='reload-agent'/></actions>"
      "</resource-agent>",
      "remote");
  REQUIRE(metadata);
  CHECK(recorded_digests({}, 0, &*metadata).op_force_restart == "  port server  ");
}

TEST_CASE("old agents reload with reload, and restart for unique parameters") {
  const auto metadata = parse_metadata(
      "<resource-agent><parameters><parameter name='a' unique='1'/><parameter name='b'/>"
      "</parameters><actions><action name='reload'/><action name='reload-agent'/></actions>"
      "</resource-agent>",
      "old");
  REQUIRE(metadata);
  CHECK(metadata->reload_task() == "reload");
  CHECK(metadata->restart_parameters() == std::vector<std::string>{"a"});
}

TEST_CASE("without metadata only the main digest is recorded") {
  const RecordedDigests digests = recorded_digests({}, 0, nullptr);
  CHECK(digests.op_digest == "f2317cad3d54cec5d7d7aa7d0bf35cf8");
  CHECK_FALSE(digests.op_restart_digest);
  CHECK_FALSE(digests.op_secure_digest);
}

TEST_CASE("a document type without content, as most agents have, is skipped") {
  CHECK(
      parse_metadata("\n<?xml version='1.0'?>\n<!DOCTYPE resource-agent SYSTEM 'ra-api-1.dtd'>\n"
                     "<resource-agent name='x'/>",
                     "x"));
}

TEST_CASE("hostile metadata is an error that names the agent") {
  for (const std::string& text :
       {std::string(), std::string("no xml"), std::string("<a/>"), std::string(2'000'000, ' '),
        std::string("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><resource-agent/>")}) {
    const auto metadata = parse_metadata(text, "fence_x");
    REQUIRE_FALSE(metadata);
    CHECK(metadata.error().message.find("fence_x") != std::string::npos);
  }
  std::string many = "<resource-agent><parameters>";
  for (int i = 0; i < 12'000; ++i) many += "<parameter name='p'/>";
  const auto metadata = parse_metadata(many + "</parameters></resource-agent>", "fence_x");
  REQUIRE(metadata);
  CHECK(metadata->parameters.size() == 10'000);
}
