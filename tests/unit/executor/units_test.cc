#include "executor_host.h"

using namespace quorate;
using namespace quorate::executor;

namespace {

void run_unit(Host& host, const std::string& standard, const std::string& task,
              std::int64_t interval_ms = 0) {
  RunAction run;
  run.request = ++host.next_request;
  run.resource = "web";
  run.agent = {standard, "", "nginx"};
  run.task = task;
  run.interval_ms = interval_ms;
  run.timeout_ms = 10'000;
  host.say(1, run);
}

void end_call(Host& host, bool ok, const std::string& state, const std::string& error = "") {
  REQUIRE_FALSE(host.unit_calls.empty());
  const std::uint64_t request = host.unit_calls.front().request;
  host.unit_calls.erase(host.unit_calls.begin());
  host.give(UnitCallDone{request, ok, state, error});
}

}  // namespace

TEST_CASE("a unit is started and its job's result counts") {
  Host host;
  run_unit(host, "systemd", "start");
  REQUIRE(host.unit_calls.size() == 1);
  CHECK(host.unit_calls[0].method == "StartUnit");
  CHECK(host.unit_calls[0].unit == "nginx.service");
  end_call(host, false, "", "failed");
  CHECK(host.take_results()[0].result.reason ==
        "systemd start job for nginx.service failed with result 'failed'");
}

TEST_CASE("a probe of a unit in transition is repeated and reported once") {
  Host host;
  run_unit(host, "systemd", "monitor");
  end_call(host, true, "activating");
  CHECK(host.take_results().empty());
  CHECK(host.unit_calls.empty());
  host.pass(1'000);
  REQUIRE(host.unit_calls.size() == 1);
  end_call(host, true, "active");
  const auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].result.succeeded());
  CHECK(results[0].exec_time_ms == 1'000);
}

TEST_CASE("a probe of a unit that never settles times out") {
  Host host;
  run_unit(host, "systemd", "monitor");
  int asked = 0;
  std::vector<ActionEnded> results;
  while (results.empty() && asked < 100) {
    if (host.unit_calls.empty()) {
      host.pass(10);
      continue;
    }
    ++asked;
    end_call(host, true, "activating");
    results = host.take_results();
  }
  REQUIRE(results.size() == 1);
  CHECK(results[0].result.status == ExecutionStatus::kTimedOut);
  CHECK(results[0].exec_time_ms <= 10'000);
  CHECK(asked > 9);
}

TEST_CASE("a recurring monitor of a unit in transition is pending, then timed out") {
  Host host;
  run_unit(host, "systemd", "monitor", 5'000);
  end_call(host, true, "activating");
  CHECK(host.take_results()[0].result.status == ExecutionStatus::kPending);
  host.pass(5'000);
  end_call(host, true, "activating");
  CHECK(host.take_results().empty());
  host.pass(5'000);
  end_call(host, true, "activating");
  CHECK(host.take_results()[0].result.status == ExecutionStatus::kTimedOut);
}

TEST_CASE("a cancelled unit call is reported at once, its late answer dropped") {
  Host host;
  run_unit(host, "systemd", "monitor", 5'000);
  host.cancel("web", "monitor", 5'000);
  CHECK(host.take_results()[0].result.status == ExecutionStatus::kCancelled);
  end_call(host, true, "active");
  CHECK(host.take_results().empty());
}

TEST_CASE("a service is an init script if there is one, else a unit") {
  Host host;
  run_unit(host, "service", "monitor");
  REQUIRE(host.processes.size() == 1);
  CHECK(host.processes[0].program == "/etc/init.d/nginx");
  CHECK(host.processes[0].arguments == std::vector<std::string>{"status"});
  host.end_process(3);
  CHECK(host.take_results()[0].result.exit_code == 7);
  run_unit(host, "service", "monitor");
  host.end_process(ProcessResult::End::kCouldNotStart, 2);
  REQUIRE(host.unit_calls.size() == 1);
  end_call(host, true, "inactive");
  CHECK(host.take_results()[0].result == AgentResult{7, ExecutionStatus::kDone, "inactive"});
}

TEST_CASE("what units can't do is refused") {
  Host host;
  run_unit(host, "systemd", "promote");
  CHECK(host.unit_calls.empty());
  CHECK(host.take_results()[0].result ==
        AgentResult{3, ExecutionStatus::kError,
                    "Action promote not implemented for systemd resources"});
}
