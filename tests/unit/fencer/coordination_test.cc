#include "fencer/coordination.h"

#include <catch2/catch.hpp>

using namespace quorate;
using namespace quorate::fencer;
using What = Coordination::Step::What;

namespace {

const AgentResult kGood{0, ExecutionStatus::kDone, ""};
const AgentResult kBad{1, ExecutionStatus::kDone, "broken"};

Query query(const std::string& action, std::int64_t timeout_s, std::int64_t delay_s = 0) {
  Query query;
  query.operation.id = "op";
  query.operation.target = "victim";
  query.operation.action = action;
  query.operation.client = "test.1";
  query.operation.origin = "node1";
  query.timeout_s = timeout_s;
  query.delay_s = delay_s;
  return query;
}

OfferedDevice device(const std::string& id, bool verified = false) {
  OfferedDevice offered;
  offered.id = id;
  offered.verified = verified;
  offered.supports_on = true;
  return offered;
}

std::vector<OfferedDevice> devices(std::initializer_list<const char*> ids) {
  std::vector<OfferedDevice> offered;
  for (const char* id : ids) offered.push_back(device(id));
  return offered;
}

/// Runs an operation to its end; `result` says how each (action, device) ends. What was executed
/// is appended to `trace` as "off:d1@1 ".
AgentResult carry_out(Coordination& machine, std::string& trace,
                      const std::function<AgentResult(const Execute&)>& result) {
  for (int steps = 0; steps < 100; ++steps) {
    const Coordination::Step step = machine.next();
    if (step.what == What::kEnd) return step.result;
    REQUIRE(step.what == What::kExecute);
    const Execute& execute = step.execute;
    trace += execute.action + ":" + execute.device + "@" + std::to_string(execute.node) + " ";
    machine.executed(execute.attempt, result(execute));
  }
  FAIL("endless operation");
  return {};
}

AgentResult all_good(const Execute&) { return kGood; }

}  // namespace

TEST_CASE("all devices of a level must succeed, else the next level is tried") {
  const Levels levels = {
      {1, {"false1", "true1"}}, {2, {"true2", "false2"}}, {3, {"true3", "true4"}}};
  Coordination machine(query("off", 3), &levels, {1});
  machine.offered(1, "node1", devices({"false1", "true1", "true2", "false2", "true3", "true4"}));
  std::string trace;
  const AgentResult result = carry_out(machine, trace, [](const Execute& execute) {
    return execute.device.starts_with("false") ? kBad : kGood;
  });
  CHECK(result.succeeded());
  CHECK(trace == "off:false1@1 off:true2@1 off:false2@1 off:true3@1 off:true4@1 ");
  CHECK(machine.total_timeout_s() == 21);
}

TEST_CASE("when every level has failed there is no fence device left") {
  const Levels levels = {{1, {"d1"}}, {2, {"d2"}}};
  Coordination machine(query("off", 20), &levels, {1});
  machine.offered(1, "node1", devices({"d1", "d2"}));
  std::string trace;
  const AgentResult result = carry_out(machine, trace, [](const Execute&) { return kBad; });
  CHECK(result.status == ExecutionStatus::kNoFenceDevice);
  CHECK(result.reason == "broken");
  CHECK(machine.total_timeout_s() == 48);
}

TEST_CASE("a reboot with several devices becomes off of all, then on of all") {
  const Levels levels = {{1, {"a", "b"}}};
  Coordination machine(query("reboot", 5), &levels, {1});
  auto offered = devices({"a", "b"});
  offered[0].off_timeout_s = 1;
  offered[1].off_timeout_s = 2;
  offered[0].reboot_timeout_s = 10;
  offered[1].reboot_timeout_s = 20;
  machine.offered(1, "node1", offered);
  std::string trace;
  CHECK(carry_out(machine, trace, all_good).succeeded());
  CHECK(trace == "off:a@1 off:b@1 on:a@1 on:b@1 ");
  CHECK(machine.total_timeout_s() == 3);
}

TEST_CASE("in the on phase errors don't matter, and what stays off or can't turn on is left out") {
  const Levels levels = {{1, {"a", "b", "c", "d"}}};
  Coordination machine(query("reboot", 5), &levels, {1});
  auto offered = devices({"a", "b", "c", "d"});
  offered[1].stays_off = true;
  offered[2].supports_on = false;
  offered[3].unfences = true;
  machine.offered(1, "node1", offered);
  std::string trace;
  const AgentResult result = carry_out(
      machine, trace, [](const Execute& execute) { return execute.action == "on" ? kBad : kGood; });
  CHECK(result.succeeded());
  CHECK(trace == "off:a@1 off:b@1 off:c@1 off:d@1 on:a@1 ");
}

TEST_CASE("a failing off undoes the remapping, and a level of one device reboots") {
  const Levels levels = {{1, {"false1"}}, {2, {"true1", "false2", "true3"}}, {3, {"true2"}}};
  Coordination machine(query("reboot", 5), &levels, {1});
  machine.offered(1, "node1", devices({"false1", "true1", "false2", "true3", "true2"}));
  std::string trace;
  const AgentResult result = carry_out(machine, trace, [](const Execute& execute) {
    return execute.device.starts_with("false") ? kBad : kGood;
  });
  CHECK(result.succeeded());
  CHECK(trace == "reboot:false1@1 off:true1@1 off:false2@1 reboot:true2@1 ");
}

TEST_CASE("the target executes only if nobody else can") {
  const Levels levels = {{1, {"d"}}};
  Coordination machine(query("off", 5), &levels, {1, 2});
  machine.offered(2, "VICTIM", {device("d", true)});
  CHECK(machine.next().what == What::kWait);
  machine.offered(1, "node1", devices({"d"}));
  std::string trace;
  const AgentResult result = carry_out(machine, trace, [](const Execute&) { return kBad; });
  CHECK_FALSE(result.succeeded());
  CHECK(trace == "off:d@1 ");

  Coordination alone(query("off", 5), &levels, {1, 2});
  alone.offered(2, "victim", devices({"d"}));
  alone.offered(1, "node1", {});
  trace.clear();
  carry_out(alone, trace, all_good);
  CHECK(trace == "off:d@2 ");
}

TEST_CASE("without topology a verified device starts at once, others wait for all answers") {
  Coordination machine(query("off", 60), nullptr, {1, 2, 3});
  machine.offered(1, "node1", devices({"d"}));
  CHECK(machine.next().what == What::kWait);
  machine.offered(2, "node2", {device("d", true)});
  Coordination::Step step = machine.next();
  REQUIRE(step.what == What::kExecute);
  CHECK(step.execute.node == 2);
  CHECK(step.execute.device.empty());
  CHECK(step.execute.last);
  CHECK(machine.total_timeout_s() == 72);
  CHECK(step.request_timeout_s == 72);
  machine.executed(step.execute.attempt, kBad);
  CHECK(machine.next().what == What::kWait);
  machine.offered(3, "node3", {});
  step = machine.next();
  REQUIRE(step.what == What::kExecute);
  CHECK(step.execute.node == 1);
  machine.executed(step.execute.attempt, kBad);
  step = machine.next();
  CHECK(step.what == What::kEnd);
  CHECK(step.result == kBad);
}

TEST_CASE("no answers within the query timer is a timeout") {
  Coordination machine(query("off", 60), nullptr, {1, 2});
  CHECK(machine.query_timeout_s() == 72);
  machine.query_timer_expired();
  const Coordination::Step step = machine.next();
  REQUIRE(step.what == What::kEnd);
  CHECK(step.result.status == ExecutionStatus::kTimedOut);
  CHECK(step.result.reason == "No capable peers replied to device query within timeout");
}

TEST_CASE("once the query timer has expired, failing devices count as a timeout") {
  Coordination machine(query("off", 2), nullptr, {1});
  machine.offered(1, "node1", devices({"d"}));
  const Coordination::Step step = machine.next();
  machine.query_timer_expired();
  machine.executed(step.execute.attempt, kBad);
  const Coordination::Step end = machine.next();
  CHECK(end.result.status == ExecutionStatus::kTimedOut);
  CHECK(end.result.reason == "All nodes failed, or are unable, to fence target");
}

TEST_CASE("a peer that doesn't answer in time is passed over, its late answer ignored") {
  Coordination machine(query("off", 10), nullptr, {1, 2});
  machine.offered(1, "node1", devices({"a"}));
  machine.offered(2, "node2", devices({"b"}));
  const Coordination::Step first = machine.next();
  CHECK(first.execute.node == 2);
  machine.request_timer_expired();
  const Coordination::Step second = machine.next();
  CHECK(second.execute.node == 1);
  machine.executed(first.execute.attempt, kGood);
  CHECK(machine.next().what == What::kWait);
  machine.executed(second.execute.attempt, kGood);
  CHECK(machine.next().result.succeeded());
}

TEST_CASE("delays count into the timeouts, the requested one for the first device only") {
  const Levels levels = {{1, {"d1", "d2"}}, {2, {"d3", "d4", "d5"}}};
  Coordination machine(query("off", 120, 1), &levels, {1});
  auto offered = devices({"d1", "d2", "d3", "d4", "d5"});
  offered[0].delay_base_s = offered[1].delay_base_s = offered[2].delay_base_s = 1;
  offered[2].delay_max_s = 2;
  offered[3].delay_base_s = 1;  // as limited by its maximum
  offered[3].delay_max_s = 1;
  machine.offered(1, "node1", offered);
  std::vector<std::int64_t> waits;
  std::vector<std::int64_t> delays;
  Coordination::Step step = machine.next();
  while (step.what == What::kExecute) {
    waits.push_back(step.request_timeout_s);
    delays.push_back(step.execute.delay_s);
    CHECK(step.execute.timeout_s == 120);
    machine.executed(step.execute.attempt, step.execute.device == "d2" ? kBad : kGood);
    step = machine.next();
  }
  CHECK(step.result.succeeded());
  CHECK(machine.total_timeout_s() == 727);
  CHECK(waits == std::vector<std::int64_t>{146, 145, 146, 145, 144});
  CHECK(delays == std::vector<std::int64_t>{1, 0, 0, 0, 0});
}

TEST_CASE("a delay of -1 leaves delays out of the timeouts and goes to every device") {
  const Levels levels = {{1, {"d1", "d2"}}};
  Coordination machine(query("off", 10, -1), &levels, {1});
  auto offered = devices({"d1", "d2"});
  offered[0].delay_base_s = 5;
  machine.offered(1, "node1", offered);
  std::string trace;
  carry_out(machine, trace, [](const Execute& execute) {
    CHECK(execute.delay_s == -1);
    return kGood;
  });
  CHECK(machine.total_timeout_s() == 24);
}

TEST_CASE("unfencing runs every device that requires it, beyond its level") {
  const Levels levels = {{1, {"d1"}}};
  Coordination machine(query("on", 10), &levels, {1, 2});
  machine.offered(1, "node1", devices({"d1"}));
  auto offered = devices({"fabric"});
  offered[0].unfences = true;
  machine.offered(2, "node2", offered);
  std::string trace;
  CHECK(carry_out(machine, trace, all_good).succeeded());
  CHECK(trace == "on:d1@1 on:fabric@2 ");
  CHECK(machine.total_timeout_s() == 24);
}

TEST_CASE("a success of one of several devices isn't the operation's") {
  const Levels levels = {{1, {"a", "b"}}};
  Coordination machine(query("off", 10), &levels, {1});
  machine.offered(1, "node1", devices({"a", "b"}));
  Coordination::Step step = machine.next();
  CHECK_FALSE(step.execute.last);
  machine.executed(step.execute.attempt, kGood);
  step = machine.next();
  CHECK(step.execute.last);
}
