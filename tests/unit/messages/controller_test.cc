#include "messages/controller.h"

#include <catch2/catch.hpp>

#include "messages/attributes.h"
#include "messages/scheduler.h"

using namespace quorate;

namespace {
template <class T>
T round_trip(const T& message) {
  const auto decoded = decode_controller_message(encode(ControllerMessage(message)));
  REQUIRE(decoded);
  REQUIRE(std::holds_alternative<T>(*decoded));
  return std::get<T>(*decoded);
}
}  // namespace

TEST_CASE("an order between controllers arrives as it was sent") {
  ActionOrder order;
  order.to = 3;
  order.kind = "rsc_op";
  order.transition_key = "4:2:7:0123";
  order.task = "monitor";
  order.operation_key = "web_monitor_0";
  order.on_node = "n3";
  order.shutdown_lock = "17";
  order.no_wait = true;
  order.resource = ResourceIdentity{"web", "web:0", "ocf", "heartbeat", "apache", ""};
  order.parameters = {{"1", "a <b> \"c\""}, {"CRM_meta_timeout", ""}};
  const ActionOrder got = round_trip(order);
  CHECK(got.to == 3);
  CHECK(got.operation_key == "web_monitor_0");
  CHECK(got.no_wait);
  CHECK(got.resource == order.resource);
  CHECK(got.parameters == order.parameters);
}

TEST_CASE("a join report keeps history and running actions") {
  JoinReport report;
  report.view = 9;
  report.dc = 2;
  report.number = 7;
  report.lrm = R"(<lrm id="1"><lrm_resources/></lrm>)";
  report.running = {{"n1", "web_start_0", "1:2:0:x"}};
  const JoinReport got = round_trip(report);
  CHECK(got.number == 7);
  CHECK(got.lrm == report.lrm);
  REQUIRE(got.running.size() == 1);
  CHECK(got.running[0].operation_key == "web_start_0");
}

TEST_CASE("bytes that XML can't hold don't break a message") {
  ActionAnswer answer;
  answer.reason = std::string("bad \x01\xff\xc3(", 8);
  CHECK(round_trip(answer).reason == "bad ?\?\?(");
}

TEST_CASE("messages that are no messages are refused by value") {
  CHECK_FALSE(decode_controller_message(""));
  CHECK_FALSE(decode_controller_message("<hello"));
  CHECK_FALSE(decode_controller_message("<hello protocol='2'/>"));
  CHECK_FALSE(decode_controller_message("<hello/>"));
  CHECK_FALSE(decode_controller_message("<other protocol='1'/>"));
  CHECK_FALSE(decode_controller_request("<controller-request protocol='1' kind='no'/>"));
  CHECK_FALSE(decode_schedule_reply("<schedule-reply protocol='1'/>"));
  CHECK_FALSE(decode_attribute_request("<attribute-request protocol='1' kind='x'/>"));
}

TEST_CASE("numbers out of range read as nothing") {
  const auto got = decode_controller_message("<depose protocol='1' view='-1' dc='99999999999'/>");
  REQUIRE(got);
  CHECK(std::get<Depose>(*got).view == 0);
  CHECK(std::get<Depose>(*got).dc == 0);
}

TEST_CASE("an attribute change tells unset from empty") {
  AttributeChange change;
  change.node = "n1";
  change.parts.resize(2);
  change.parts[0].name = "a";
  change.parts[0].sets_value = true;
  change.parts[0].value = "";
  change.parts[1].name = "b";
  change.parts[1].sets_value = true;
  const auto decoded = decode_attribute_message(encode(AttributeMessage(change)));
  REQUIRE(decoded);
  const auto& got = std::get<AttributeChange>(*decoded);
  CHECK(got.parts[0].value == "");
  CHECK_FALSE(got.parts[1].value);
}

TEST_CASE("a plan's graph travels inside the scheduler's reply") {
  ScheduleReply reply;
  reply.id = 4;
  reply.position = 77;
  reply.graph = R"(<transition_graph transition_id="1"/>)";
  const auto got = decode_schedule_reply(encode(reply));
  REQUIRE(got);
  CHECK(got->graph == reply.graph);
  CHECK(got->position == 77);
}
