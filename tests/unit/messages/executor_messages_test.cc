#include <catch2/catch.hpp>

#include "messages/executor.h"
#include "messages/fencer.h"

using namespace quorate;

namespace {

template <class T>
T through_request(const T& message) {
  const auto decoded = executor::decode_request(executor::encode(executor::Request(message)));
  REQUIRE(decoded);
  REQUIRE(std::holds_alternative<T>(*decoded));
  return std::get<T>(*decoded);
}

}  // namespace

TEST_CASE("a request to run an action survives encoding") {
  executor::RunAction run;
  run.request = 7;
  run.resource = "web";
  run.agent = {"ocf", "quorate", "HttpService"};
  run.task = "monitor";
  run.interval_ms = 10'000;
  run.timeout_ms = 20'000;
  run.start_delay_ms = 5;
  run.kill_process_only = true;
  run.wait = true;
  run.user_data = "3:1:0:uuid";
  run.parameters = {{"CRM_meta_timeout", "20000"}, {"path", "/a b\n<&\""}, {"empty", ""}};
  const executor::RunAction back = through_request(run);
  CHECK(back.request == 7);
  CHECK(back.resource == "web");
  CHECK(back.agent == run.agent);
  CHECK(back.task == "monitor");
  CHECK(back.interval_ms == 10'000);
  CHECK(back.timeout_ms == 20'000);
  CHECK(back.start_delay_ms == 5);
  CHECK(back.kill_process_only);
  CHECK(back.wait);
  CHECK(back.user_data == "3:1:0:uuid");
  CHECK(back.parameters == run.parameters);
}

TEST_CASE("an action's end survives encoding, binary output made safe") {
  executor::ActionEnded ended;
  ended.resource = "web";
  ended.call_id = 12;
  ended.result = {7, ExecutionStatus::kDone, "inactive"};
  ended.output = std::string("bad \x01\xff\x00 byte\n", 13);
  ended.exec_time_ms = 41;
  ended.deleted = true;
  const auto back = executor::decode_answer(executor::encode(executor::Answer(ended)));
  REQUIRE(back);
  const auto& got = std::get<executor::ActionEnded>(*back);
  CHECK(got.result == ended.result);
  CHECK(got.output == "bad ??? byte\n");
  CHECK(got.exec_time_ms == 41);
  CHECK(got.deleted);
}

TEST_CASE("numbers in requests are bounded") {
  const auto decoded = executor::decode_request(
      "<executor-run-action protocol='1' resource='r' task='start' timeout-ms='-5'"
      " interval-ms='99999999999999999999'/>");
  REQUIRE(decoded);
  const auto& run = std::get<executor::RunAction>(*decoded);
  CHECK(run.timeout_ms == 0);
  CHECK(run.interval_ms == 4'294'967'295);
}

TEST_CASE("another protocol, another message and no message are errors") {
  CHECK_FALSE(executor::decode_request("<executor-subscribe protocol='2'/>"));
  CHECK_FALSE(executor::decode_request("<executor-subscribe/>"));
  CHECK_FALSE(executor::decode_request("<fencer-fence protocol='1'/>"));
  CHECK_FALSE(executor::decode_request("nonsense"));
  CHECK_FALSE(fencer::decode_request("<executor-subscribe protocol='1'/>"));
  CHECK_FALSE(fencer::decode_answer("<fencer-fence protocol='1'/>"));
}

TEST_CASE("state of the executor survives encoding") {
  executor::State state;
  state.request = 3;
  state.last_call_id = 99;
  executor::ActionState monitor;
  monitor.phase = executor::ActionState::Phase::kWaiting;
  monitor.task = "monitor";
  monitor.interval_ms = 10'000;
  monitor.last = {0, ExecutionStatus::kDone, ""};
  state.resources = {{"web", {"ocf", "quorate", "Dummy"}, {monitor}}, {"db", {"lsb", "", "x"}, {}}};
  const auto back = executor::decode_answer(executor::encode(executor::Answer(state)));
  REQUIRE(back);
  const auto& got = std::get<executor::State>(*back);
  CHECK(got.last_call_id == 99);
  REQUIRE(got.resources.size() == 2);
  REQUIRE(got.resources[0].actions.size() == 1);
  CHECK(got.resources[0].actions[0].phase == executor::ActionState::Phase::kWaiting);
  CHECK(got.resources[0].actions[0].last.succeeded());
  CHECK(got.resources[1].agent.standard == "lsb");
}

TEST_CASE("a fencing request keeps its delay of -1 and its incarnation") {
  fencer::Fence fence;
  fence.request = 1;
  fence.target = "node2";
  fence.action = "reboot";
  fence.delay_s = -1;
  fence.timeout_s = 60;
  fence.incarnation = 42;
  fence.allow_self_fencing = false;
  const auto back = fencer::decode_request(fencer::encode(fencer::Request(fence)));
  REQUIRE(back);
  const auto& got = std::get<fencer::Fence>(*back);
  CHECK(got.target == "node2");
  CHECK(got.delay_s == -1);
  CHECK(got.timeout_s == 60);
  CHECK(got.incarnation == 42);
  CHECK_FALSE(got.allow_self_fencing);
}

TEST_CASE("a fencing notification carries the whole operation") {
  fencer::Notification notification;
  notification.operation = {"id-1",
                            "node2",
                            "off",
                            "stonith_admin.12",
                            "node1",
                            "node3",
                            fencer::OperationState::kFailed,
                            {1, ExecutionStatus::kTimedOut, "too slow"},
                            1234567,
                            42,
                            true};
  const auto back = fencer::decode_answer(fencer::encode(fencer::Answer(notification)));
  REQUIRE(back);
  const fencer::Operation& got = std::get<fencer::Notification>(*back).operation;
  CHECK(got.id == "id-1");
  CHECK(got.delegate == "node3");
  CHECK(got.state == fencer::OperationState::kFailed);
  CHECK(got.result.reason == "too slow");
  CHECK(got.completed_ms == 1234567);
  CHECK(got.incarnation == 42);
  CHECK(got.merged);
}
