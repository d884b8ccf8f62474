#include "executor_host.h"

using namespace quorate;
using namespace quorate::executor;

TEST_CASE("an action runs its agent and gives back result and user data") {
  Host host({"node1", {}, {{"PATH", "/bin"}}});
  host.run("web", "start", 0, 0, "1:2:0:uuid");
  REQUIRE(host.processes.size() == 1);
  CHECK(host.processes[0].program == "/usr/lib/ocf/resource.d/test/Dummy");
  CHECK(host.processes[0].arguments == std::vector<std::string>{"start"});
  CHECK(host.processes[0].timeout_ms == 20'000);
  CHECK(host.processes[0].describe == "start of web on node1");
  host.pass(41);
  host.end_process(1, "ocf-exit-reason:no disk\n");
  const auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].result == AgentResult{1, ExecutionStatus::kDone, "no disk"});
  CHECK(results[0].exec_time_ms == 41);
  CHECK(results[0].call_id == 1);
  CHECK(results[0].user_data == "1:2:0:uuid");
  CHECK(results[0].run_time_s == 1'700'000'000);
  CHECK(results[0].timeout_ms == 20'000);
}

TEST_CASE("one action at a time runs on a resource, different resources run side by side") {
  Host host;
  host.run("a", "monitor");
  host.run("a", "start");
  host.run("b", "start");
  CHECK(host.running() == "monitor of a on ; start of b on ; ");
  host.pass(100);
  host.end_process(7);
  CHECK(host.running() == "start of b on ; start of a on ; ");
  host.end_process(0);
  host.end_process(0);
  const auto results = host.take_results();
  REQUIRE(results.size() == 3);
  CHECK(results[2].resource == "a");
  CHECK(results[2].queue_time_ms == 100);
}

TEST_CASE("a delayed action blocks those behind it") {
  Host host;
  host.run("a", "start", 0, 5'000);
  host.run("a", "monitor");
  CHECK(host.processes.empty());
  host.pass(4'999);
  CHECK(host.processes.empty());
  host.pass(1);
  CHECK(host.running() == "start of a on ; ");
}

TEST_CASE("a recurring action repeats an interval after its end, and only news are passed on") {
  Host host;
  host.run("a", "monitor", 10'000);
  host.pass(3'000);
  host.end_process(0);
  CHECK(host.take_results().size() == 1);
  host.pass(9'999);
  CHECK(host.processes.empty());
  host.pass(1);
  REQUIRE(host.processes.size() == 1);
  host.end_process(0);
  CHECK(host.take_results().empty());
  host.pass(10'000);
  host.end_process(7);
  auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].result.exit_code == 7);
  CHECK(results[0].rc_change_time_s == host.now.wall_seconds());
  host.pass(10'000);
  host.end_process(7);
  CHECK(host.take_results().empty());
  host.pass(10'000);
  CHECK(host.processes.size() == 1);
}

TEST_CASE("a recurring action that is due waits for the action that runs") {
  Host host;
  host.run("a", "monitor", 10'000);
  host.end_process(0);
  host.pass(5'000);
  host.run("a", "promote");
  host.pass(6'000);
  CHECK(host.running() == "promote of a on ; ");
  host.end_process(0);
  CHECK(host.running() == "monitor of a on ; ");
}

TEST_CASE("identical recurring actions are merged under the new call id") {
  Host host;
  host.run("a", "monitor", 10'000, 0, "old");
  host.end_process(0);
  host.pass(1'000);
  host.take_results();
  host.run("a", "Monitor", 10'000, 0, "new");
  CHECK(host.last_done().call_id == 2);
  REQUIRE(host.processes.size() == 1);
  host.end_process(0);
  const auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].call_id == 2);
  CHECK(results[0].user_data == "new");
  CHECK(host.state().resources[0].actions.size() == 1);
}

TEST_CASE("a stop cancels all recurring actions first") {
  Host host;
  host.run("a", "monitor", 10'000);
  host.run("a", "check", 30'000);
  host.end_process(0);  // monitor; check starts
  host.take_results();
  host.run("a", "stop");
  auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].task == "monitor");
  CHECK(results[0].result.status == ExecutionStatus::kCancelled);
  CHECK(results[0].result.exit_code == 0);
  REQUIRE(host.killed.size() == 1);
  CHECK(host.running() == "check of a on ; ");
  host.end_process(ProcessResult::End::kSignalled, 9);
  results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].task == "check");
  CHECK(results[0].result == AgentResult{0, ExecutionStatus::kCancelled, ""});
  CHECK(host.running() == "stop of a on ; ");
  host.end_process(0);
  host.pass(60'000);
  CHECK(host.processes.empty());
}

TEST_CASE("what is cancelled depends on how far it got") {
  Host host;
  host.run("a", "start");
  host.run("a", "monitor");
  host.cancel("a", "monitor", 0);
  CHECK(host.last_done().ok);
  const auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].result.status == ExecutionStatus::kCancelled);
  host.cancel("a", "start", 0);
  CHECK(host.last_done().error == ErrorKind::kUnsupported);
  host.cancel("b", "start", 0);
  CHECK(host.last_done().error == ErrorKind::kNotFound);
}

TEST_CASE("a cancelled action that waited keeps the exit code of its last run") {
  Host host;
  host.run("a", "monitor", 10'000);
  host.end_process(7);
  host.take_results();
  host.cancel("a", "monitor", 10'000);
  const auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].result == AgentResult{7, ExecutionStatus::kCancelled, ""});
  host.pass(60'000);
  CHECK(host.processes.empty());
}

TEST_CASE("an action can be asked for again while its cancelled process dies") {
  Host host;
  host.run("a", "monitor", 10'000, 0, "old");
  host.cancel("a", "monitor", 10'000);
  host.run("a", "monitor", 10'000, 0, "new");
  CHECK(host.processes.size() == 1);
  host.end_process(ProcessResult::End::kSignalled, 9);
  REQUIRE(host.processes.size() == 1);
  host.end_process(0);
  const auto results = host.take_results();
  REQUIRE(results.size() == 2);
  CHECK(results[0].user_data == "old");
  CHECK(results[1].user_data == "new");
  CHECK(results[1].result.succeeded());
}

TEST_CASE("a missing agent is a result, and its recurring action goes on") {
  Host host;
  host.run("a", "monitor", 10'000);
  host.end_process(ProcessResult::End::kCouldNotStart, 2);
  auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].result ==
        AgentResult{5, ExecutionStatus::kNotInstalled, "Dummy: No such file or directory"});
  host.pass(10'000);
  REQUIRE(host.processes.size() == 1);
  host.end_process(ProcessResult::End::kTimedOut, 0);
  results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].result.reason == "Resource agent did not complete within 20s");
}

TEST_CASE("every directory of the search path is tried") {
  ExecutorConfig config;
  config.paths.ocf_directories = {"/a", "/b"};
  Host host(config);
  host.run("x", "start");
  CHECK(host.processes[0].program == "/a/test/Dummy");
  host.end_process(ProcessResult::End::kCouldNotStart, 2);
  REQUIRE(host.processes.size() == 1);
  CHECK(host.processes[0].program == "/b/test/Dummy");
}
