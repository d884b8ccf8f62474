#include "executor_host.h"

using namespace quorate;
using namespace quorate::executor;

namespace {

void run_device(Host& host, const std::string& task, std::int64_t interval_ms = 0) {
  RunAction run;
  run.request = ++host.next_request;
  run.resource = "power";
  run.agent = {"stonith", "", "fence_switch"};
  run.task = task;
  run.interval_ms = interval_ms;
  run.timeout_ms = 15'000;
  run.parameters = {{"pcmk_host_list", "node2"}};
  host.say(1, run);
}

/// Answers the oldest request to the fencer, which must be a T.
template <class T>
T answer(Host& host, AgentResult result) {
  REQUIRE_FALSE(host.to_fencer.empty());
  REQUIRE(std::holds_alternative<T>(host.to_fencer.front()));
  const T request = std::get<T>(host.to_fencer.front());
  host.to_fencer.erase(host.to_fencer.begin());
  fencer::Reply reply;
  reply.request = request.request;
  reply.result = std::move(result);
  host.give(SiblingMessage{Daemon::kFencer, fencer::encode(fencer::Answer(reply))});
  return request;
}

const AgentResult kGood{0, ExecutionStatus::kDone, ""};

void start_device(Host& host) {
  host.give(SiblingUp{Daemon::kFencer});
  run_device(host, "start");
  answer<fencer::AddDevice>(host, kGood);
  answer<fencer::RunDevice>(host, kGood);
  REQUIRE(host.take_results()[0].result.succeeded());
}

}  // namespace

TEST_CASE("a fence device is started by registering and monitoring it") {
  Host host;
  host.give(SiblingUp{Daemon::kFencer});
  run_device(host, "monitor");
  CHECK(host.take_results()[0].result.exit_code == 7);
  run_device(host, "start");
  const auto added = answer<fencer::AddDevice>(host, kGood);
  CHECK(added.device == "power");
  CHECK(added.agent == "fence_switch");
  CHECK(added.parameters.at("pcmk_host_list") == "node2");
  CHECK(host.take_results().empty());
  const auto monitor = answer<fencer::RunDevice>(host, kGood);
  CHECK(monitor.action == "monitor");
  CHECK(monitor.timeout_s == 15);
  CHECK(host.take_results()[0].result.succeeded());
  run_device(host, "monitor");
  CHECK(host.take_results()[0].result.succeeded());
  run_device(host, "stop");
  answer<fencer::RemoveDevice>(host, kGood);
  CHECK(host.take_results()[0].result.succeeded());
  run_device(host, "monitor");
  CHECK(host.take_results()[0].result.exit_code == 7);
  CHECK(host.processes.empty());
}

TEST_CASE("a device whose monitor fails isn't running") {
  Host host;
  host.give(SiblingUp{Daemon::kFencer});
  run_device(host, "start");
  answer<fencer::AddDevice>(host, kGood);
  answer<fencer::RunDevice>(host, {2, ExecutionStatus::kDone, "unreachable"});
  CHECK(host.take_results()[0].result == AgentResult{1, ExecutionStatus::kDone, "unreachable"});
  run_device(host, "monitor");
  CHECK(host.take_results()[0].result.exit_code == 7);
}

TEST_CASE("a device the fencer doesn't know counts as not running") {
  Host host;
  start_device(host);
  run_device(host, "monitor", 60'000);
  answer<fencer::RunDevice>(host, {1, ExecutionStatus::kNoFenceDevice, "'power' not active"});
  CHECK(host.take_results()[0].result ==
        AgentResult{7, ExecutionStatus::kError, "'power' not active"});
}

TEST_CASE("without a fencer an action waits for one, but not for ever") {
  Host host;
  run_device(host, "start");
  CHECK(host.to_fencer.empty());
  host.pass(10'000);
  host.give(SiblingUp{Daemon::kFencer});
  CHECK(host.to_fencer.size() == 1);
  Host other;
  run_device(other, "start");
  other.pass(20'000);
  CHECK(other.take_results()[0].result ==
        AgentResult{1, ExecutionStatus::kError, "No connection to fencer"});
}

TEST_CASE("when the fencer is lost, what is under way fails; devices are back when it is") {
  Host host;
  start_device(host);
  run_device(host, "monitor", 60'000);
  host.give(SiblingDown{Daemon::kFencer});
  CHECK(host.take_results()[0].result ==
        AgentResult{1, ExecutionStatus::kError, "Lost connection to fencer"});
  host.to_fencer.clear();
  run_device(host, "monitor");
  CHECK(host.take_results()[0].result.exit_code == 1);
  host.give(SiblingUp{Daemon::kFencer});
  answer<fencer::AddDevice>(host, kGood);
  run_device(host, "monitor");
  CHECK(host.take_results()[0].result.succeeded());
  host.pass(60'000);
  answer<fencer::RunDevice>(host, kGood);
  CHECK(host.take_results()[0].result.succeeded());
}

TEST_CASE("a cancelled monitor in flight is reported when the fencer has answered") {
  Host host;
  start_device(host);
  run_device(host, "monitor", 60'000);
  host.cancel("power", "monitor", 60'000);
  CHECK(host.take_results().empty());
  answer<fencer::RunDevice>(host, kGood);
  CHECK(host.take_results()[0].result.status == ExecutionStatus::kCancelled);
  host.pass(120'000);
  CHECK(host.to_fencer.empty());
}
