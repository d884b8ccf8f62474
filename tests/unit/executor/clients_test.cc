#include "executor_host.h"

using namespace quorate;
using namespace quorate::executor;

TEST_CASE("only privileged clients may use the executor") {
  Host host;
  host.connect(2, false);
  RunAction run;
  run.request = 5;
  run.resource = "a";
  run.agent = {"ocf", "p", "t"};
  run.task = "start";
  host.say(2, run);
  CHECK(host.processes.empty());
  CHECK(host.last_done().request == 5);
  CHECK(host.last_done().error == ErrorKind::kPermission);
}

TEST_CASE("nonsense from a client is answered and changes nothing") {
  Host host;
  host.give(ClientMessage{1, "<nonsense"});
  CHECK_FALSE(host.last_done().ok);
  host.give(ClientMessage{99, "<nonsense"});
  CHECK(host.state().resources.empty());
}

TEST_CASE("invalid agents and unknown resources are refused by name") {
  Host host;
  host.say(1, Register{1, "a", {"ocf", "", "Dummy"}});
  CHECK(host.last_done().error == ErrorKind::kInvalid);
  host.say(1, Register{2, "a", {"upstart", "", "Dummy"}});
  CHECK_FALSE(host.last_done().ok);
  RunAction run;
  run.resource = "a";
  run.task = "start";
  host.say(1, run);
  CHECK(host.last_done().error == ErrorKind::kNotFound);
  CHECK(host.last_done().message == "Resource 'a' not found (0 active resources)");
}

TEST_CASE("a controller that restarts finds everything as it was and gets what it missed") {
  Host host;
  host.run("a", "monitor", 10'000, 0, "key");
  host.end_process(0);
  host.run("b", "start");
  host.take_results();
  host.give(ClientGone{1});
  host.end_process(0);
  host.pass(10'000);
  REQUIRE(host.processes.size() == 1);
  host.end_process(7);
  CHECK(host.take_answers().empty());

  host.connect(1);
  host.say(1, Subscribe{});
  const auto missed = host.take_results();
  REQUIRE(missed.size() == 2);
  CHECK(missed[0].resource == "b");
  CHECK(missed[1].result.exit_code == 7);
  const State state = host.state();
  CHECK(state.last_call_id == 2);
  REQUIRE(state.resources.size() == 2);
  REQUIRE(state.resources[0].actions.size() == 1);
  CHECK(state.resources[0].actions[0].phase == ActionState::Phase::kWaiting);
  CHECK(state.resources[0].actions[0].user_data == "key");
  CHECK(state.resources[0].actions[0].last.exit_code == 7);
  CHECK(state.resources[1].actions.empty());
}

TEST_CASE("a tool that waits gets its result without subscribing, others don't") {
  Host host;
  host.connect(2);
  host.connect(3);
  RunAction run;
  run.resource = "a";
  run.agent = {"ocf", "p", "t"};
  run.task = "monitor";
  run.wait = true;
  host.say(2, run);
  host.take_answers();
  host.end_process(7);
  std::vector<ClientId> receivers;
  for (const auto& [client, answer] : host.take_answers()) receivers.push_back(client);
  CHECK(receivers == std::vector<ClientId>{1, 2});
}

TEST_CASE("a resource removed while its action runs is reported as deleted") {
  Host host;
  host.run("a", "start");
  host.run("a", "monitor", 10'000);
  host.take_results();
  host.say(1, Unregister{9, "a"});
  CHECK(host.last_done().in_progress);
  auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].task == "monitor");
  CHECK(results[0].deleted);
  CHECK(results[0].result.status == ExecutionStatus::kCancelled);
  // Registered again, its new action waits for the old one.
  host.run("a", "monitor");
  CHECK(host.running() == "start of a on ; ");
  host.end_process(0);
  results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].deleted);
  CHECK(host.running() == "monitor of a on ; ");
  host.end_process(0);
  CHECK_FALSE(host.take_results()[0].deleted);
}

TEST_CASE("another agent under the same id replaces the resource, the same one doesn't") {
  Host host;
  host.run("a", "monitor", 10'000);
  host.end_process(0);
  host.take_results();
  host.say(1, Register{1, "a", {"OCF", "TEST", "dummy"}});
  CHECK(host.state().resources[0].actions.size() == 1);
  host.say(1, Register{2, "a", {"lsb", "", "other"}});
  CHECK(host.state().resources[0].actions.empty());
  const auto results = host.take_results();
  REQUIRE(results.size() == 1);
  CHECK(results[0].deleted);
}

TEST_CASE("unregistering what isn't there succeeds") {
  Host host;
  host.say(1, Unregister{9, "a"});
  CHECK(host.last_done().ok);
  CHECK_FALSE(host.last_done().in_progress);
}

TEST_CASE("at shutdown recurring agents are killed and others left alone") {
  Host host;
  host.run("a", "monitor", 10'000);
  host.run("b", "start");
  host.give(ShutdownRequested{});
  REQUIRE(host.exit);
  CHECK(host.exit->status == 0);
  CHECK(host.killed == std::vector<std::uint64_t>{host.processes[0].request});
}

TEST_CASE("metadata comes from the agent, or says why not") {
  Host host;
  host.say(1, GetMetadata{1, {"ocf", "p", "T"}, 20'000});
  REQUIRE(host.processes.size() == 1);
  CHECK(host.processes[0].arguments == std::vector<std::string>{"meta-data"});
  ProcessEnded ended;
  ended.request = host.processes[0].request;
  ended.result.out = "<resource-agent/>";
  host.give(ended);
  CHECK(host.last_done().output == "<resource-agent/>");
  host.processes.clear();
  host.say(1, GetMetadata{2, {"ocf", "p", "Missing"}, 20'000});
  host.end_process(ProcessResult::End::kCouldNotStart, 2);
  CHECK(host.last_done().error == ErrorKind::kNotFound);
  CHECK(host.last_done().message == "No metadata of ocf:p:Missing: no such agent");
}

TEST_CASE("an init script is described by its comments") {
  Host host;
  host.say(1, GetMetadata{1, {"lsb", "", "procps"}, 20'000});
  REQUIRE(host.asides.size() == 1);
  CHECK(host.asides[0].input == "/etc/init.d/procps");
  host.give(ComputeDone{host.asides[0].request,
                        "#!/bin/sh\n### BEGIN INIT INFO\n# Provides:          procps\n"
                        "# Description: Loads <parameters>\n#  and more\n# Short-Description: x\n"
                        "### END INIT INFO\n# Provides: no\n"});
  const std::string output = host.last_done().output;
  CHECK(output.find("<Provides>          procps\n</Provides>") != std::string::npos);
  CHECK(output.find(" Loads &lt;parameters&gt;\n  and more\n") != std::string::npos);
  CHECK(output.find("<shortdesc lang='en'> x\n</shortdesc>") != std::string::npos);
}

TEST_CASE("lists of agents come from the shell's worker") {
  Host host;
  ListAgents list;
  list.request = 4;
  list.what = ListAgents::What::kAgents;
  list.standard = "OCF";
  list.provider = "pacemaker";
  host.say(1, list);
  REQUIRE(host.asides.size() == 1);
  CHECK(host.asides[0].input == "agents\nocf\npacemaker");
  host.give(ComputeDone{host.asides[0].request, "Dummy\nStateful\n"});
  CHECK(host.last_done().names == std::vector<std::string>{"Dummy", "Stateful"});
}
