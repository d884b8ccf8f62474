#include <catch2/catch.hpp>

#include "group.h"
#include "messages/cib_health.h"

using namespace quorate;
using namespace quorate::replica;
using namespace quorate::replica::test;

namespace {

constexpr ClientId kAsker = 77;

/// What the replica answers a status tool.
std::vector<std::string> concerns_of(Replica& replica) {
  Effects effects;
  replica.handle(ClientConnected{kAsker, {}}, {}, effects);
  replica.handle(ClientMessage{kAsker, encode(CibHealthQuestion{})}, {}, effects);
  for (const Effect& effect : effects) {
    const auto* reply = std::get_if<Reply>(&effect);
    if (reply == nullptr || reply->client != kAsker) continue;
    const auto health = decode_cib_health(reply->payload);
    REQUIRE(health);
    return health->concerns;
  }
  FAIL("no answer");
  return {};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

cib::Request create(const std::string& id) {
  cib::Request request;
  request.operation = cib::Operation::kCreate;
  request.section = "crm_config";
  request.data = "<cluster_property_set id=\"" + id + "\"/>";
  return request;
}

void start_all(Group& group) {
  for (NodeNumber number = 1; number <= group.size(); ++number) group.start(number);
  group.heal();
  group.settle();
}

}  // namespace

TEST_CASE("a replica in good order has no concerns") {
  Group group(3, 1);
  start_all(group);
  CHECK(concerns_of(group.replica(1)).empty());
}

TEST_CASE("changes without quorum that were superseded are named, on the node that made them") {
  Group group(3, 2);
  start_all(group);
  group.partition({{1}, {2, 3}});
  group.settle();
  group.ask(1, create("alone"));
  group.ask(2, create("together"));
  group.settle();
  CHECK(concerns_of(group.replica(1)).empty());
  group.heal();
  group.settle();
  const std::string said = joined(concerns_of(group.replica(1)));
  CHECK(said.find("changes made without quorum, the last by ") == 0);
  CHECK(said.find("kept as cib.replaced-") != std::string::npos);
  CHECK(concerns_of(group.replica(2)).empty());
}

TEST_CASE("a node that only missed changes while it was cut off has no concerns") {
  Group group(3, 3);
  start_all(group);
  group.partition({{1}, {2, 3}});
  group.settle();
  group.ask(2, create("together"));
  group.settle();
  group.heal();
  group.settle();
  CHECK(concerns_of(group.replica(1)).empty());
}

TEST_CASE("a damaged file and a disk that can't be written to are concerns") {
  ReplicaConfig config;
  config.node = 1;
  config.node_name = "n1";
  config.files = {{"cib.xml", "<cib"}, {"cib.xml.sig", "0123456789abcdef0123456789abcdef"}};
  Replica replica(std::move(config));
  Effects effects;
  replica.handle(Started{}, {}, effects);
  const std::string said = joined(concerns_of(replica));
  CHECK(said.find("a damaged copy is kept as cib.damaged") != std::string::npos);

  std::uint64_t last_write = 0;
  for (const Effect& effect : effects) {
    if (const auto* write = std::get_if<WriteFile>(&effect)) last_write = write->request;
  }
  REQUIRE(last_write != 0);
  replica.handle(FileWritten{last_write, false, "No space left on device"}, {}, effects);
  CHECK(joined(concerns_of(replica)).find("writing to disk failed: No space left on device") !=
        std::string::npos);
}

TEST_CASE("what isn't a cib-health message is refused") {
  CHECK_FALSE(decode_cib_health("<cib-health-question protocol='1'/>"));
  CHECK_FALSE(decode_cib_health("nonsense"));
  CHECK_FALSE(is_cib_health_question("<cib-query/>"));
  const CibHealth health{{"a <b> & c", "d"}};
  CHECK(decode_cib_health(encode(health))->concerns == health.concerns);
}
