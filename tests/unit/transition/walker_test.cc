#include "transition/walker.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace quorate;
using namespace quorate::transition;

namespace {

/// `kind id priority inputs...`, all on node n1 unless a node is given.
struct Spec {
  std::string kind;
  int id;
  int priority;
  std::vector<int> inputs;
  std::string extra = R"(on_node="n1" on_node_uuid="1")";
  std::string inside = R"(<attributes CRM_meta_timeout="20000"/>)";
};

std::string graph_text(const std::vector<Spec>& specs, const std::string& root = {}) {
  std::string text = R"(<transition_graph cluster-delay="60s" transition_id="3" )" + root + ">";
  int number = 0;
  for (const Spec& spec : specs) {
    text += "<synapse id=\"" + std::to_string(number++) + "\" priority=\"" +
            std::to_string(spec.priority) + "\"><action_set><" + spec.kind + " id=\"" +
            std::to_string(spec.id) + "\" operation=\"start\" operation_key=\"r" +
            std::to_string(spec.id) + "_start_0\" " + spec.extra + ">" + spec.inside + "</" +
            spec.kind + "></action_set><inputs>";
    for (int input : spec.inputs) {
      text += "<trigger><rsc_op id=\"" + std::to_string(input) + "\"/></trigger>";
    }
    text += "</inputs></synapse>";
  }
  return text + "</transition_graph>";
}

Walker walker_of(const std::vector<Spec>& specs, const std::string& root = {}) {
  auto graph = parse_graph(graph_text(specs, root));
  REQUIRE(graph);
  return Walker(std::move(*graph));
}

/// Ids of what may start now, in order; nothing completes.
std::vector<int> startable(Walker& walker) {
  std::vector<int> ids;
  while (const auto start = walker.next()) ids.push_back(start->action->id);
  return ids;
}

/// Starts everything and completes it at once.
std::vector<int> run_at_once(Walker& walker) {
  std::vector<int> ids;
  while (const auto start = walker.next()) {
    ids.push_back(start->action->id);
    walker.complete(start->action->id, false);
  }
  return ids;
}

}  // namespace

TEST_CASE("a graph without transition_id, cluster-delay or with a repeated action is refused") {
  CHECK_FALSE(parse_graph("<transition_graph cluster-delay=\"60s\"/>"));
  CHECK_FALSE(parse_graph("<transition_graph transition_id=\"1\"/>"));
  CHECK_FALSE(parse_graph("<cib transition_id=\"1\" cluster-delay=\"60s\"/>"));
  CHECK_FALSE(parse_graph(graph_text({{"rsc_op", 1, 0, {}}, {"rsc_op", 1, 0, {}}})));
}

TEST_CASE("a graph is read with its limits, actions and parameters") {
  const auto graph = parse_graph(graph_text(
      {{"rsc_op",
        4,
        5,
        {9},
        R"(on_node="n1" on_node_uuid="1" router_node="host")",
        R"(<primitive id="db"/><attributes CRM_meta_timeout="20000" CRM_meta_start_delay="500" )"
        R"(CRM_meta_interval="10000" CRM_meta_op_target_rc="7" CRM_meta_on_fail="ignore"/>)"
        R"(<downed><node id="7"/></downed>)"}},
      R"(batch-limit="-5" migration-limit="2" fencing-timeout="2min")"));
  REQUIRE(graph);
  CHECK(graph->transition_id == 3);
  CHECK(graph->cluster_delay_ms == 60000);
  CHECK(graph->fencing_timeout_ms == 120000);
  CHECK(graph->batch_limit == -1);
  CHECK(graph->migration_limit == 2);
  const Action* action = graph->find(4);
  REQUIRE(action);
  CHECK(action->timeout_ms == 20500);
  CHECK(action->interval_ms == 10000);
  CHECK(action->target_rc == 7);
  CHECK(action->meta("on_fail") == "ignore");
  CHECK(action->executing_node() == "host");
  CHECK(action->resource.id() == "db");
  CHECK(action->downed() == std::vector<std::string_view>{"7"});
  CHECK(graph->synapses[0].inputs == std::vector<int>{9});
}

TEST_CASE("an empty graph is complete at once") {
  Walker walker = walker_of({});
  CHECK_FALSE(walker.next());
  CHECK(walker.state() == WalkState::kComplete);
  CHECK(walker.status_word() == "Complete");
}

TEST_CASE("an action starts when its inputs have completed, and not before") {
  Walker walker = walker_of({{"rsc_op", 1, 0, {2}}, {"rsc_op", 2, 0, {}}});
  CHECK(startable(walker) == std::vector<int>{2});
  CHECK(walker.state() == WalkState::kPending);
  CHECK(walker.in_flight(2));
  CHECK(walker.complete(2, false));
  CHECK_FALSE(walker.complete(2, false));
  CHECK(startable(walker) == std::vector<int>{1});
  walker.complete(1, false);
  CHECK_FALSE(walker.next());
  CHECK(walker.state() == WalkState::kComplete);
}

TEST_CASE(
    "what completes at once lets later synapses go in the same pass and earlier ones in the next") {
  // The order of spec/06 §19.2.
  Walker walker = walker_of({{"rsc_op", 5, 0, {4}},
                             {"rsc_op", 4, 0, {1}},
                             {"pseudo_event", 3, 0, {2, 5}, ""},
                             {"rsc_op", 2, 0, {5}},
                             {"rsc_op", 1, 0, {}}});
  CHECK(run_at_once(walker) == std::vector<int>{1, 4, 5, 2, 3});
  CHECK(walker.state() == WalkState::kComplete);
}

TEST_CASE("the batch limit bounds what is in flight") {
  Walker walker = walker_of({{"rsc_op", 1, 0, {}}, {"rsc_op", 2, 0, {}}, {"rsc_op", 3, 0, {}}},
                            R"(batch-limit="2")");
  CHECK(startable(walker) == std::vector<int>{1, 2});
  walker.complete(1, false);
  CHECK(startable(walker) == std::vector<int>{3});
}

TEST_CASE("a node's job limit holds back only that node's actions") {
  const std::string other = R"(on_node="n2" on_node_uuid="2")";
  Walker walker =
      walker_of({{"rsc_op", 1, 0, {}}, {"rsc_op", 2, 0, {}}, {"rsc_op", 3, 0, {}, other}});
  walker.set_node_limit("n1", 1);
  CHECK(startable(walker) == std::vector<int>{1, 3});
  walker.complete(1, false);
  CHECK(startable(walker) == std::vector<int>{2});
}

TEST_CASE("the migration limit counts at source and target") {
  const auto migration = [](int id, const char* from, const char* to) {
    return Spec{"rsc_op",
                id,
                0,
                {},
                R"(on_node="n1")",
                std::string("<attributes CRM_meta_migrate_source=\"") + from +
                    "\" CRM_meta_migrate_target=\"" + to + "\"/>"};
  };
  std::string text =
      graph_text({migration(1, "n1", "n2"), migration(2, "n3", "n2"), migration(3, "n3", "n4")},
                 R"(migration-limit="1")");
  for (std::size_t at; (at = text.find("\"start\"")) != std::string::npos;) {
    text.replace(at, 7, "\"migrate_to\"");
  }
  auto graph = parse_graph(text);
  REQUIRE(graph);
  Walker walker(std::move(*graph));
  CHECK(startable(walker) == std::vector<int>{1, 3});
}

TEST_CASE("a failed action holds back what waits for it, except priority 1000000") {
  Walker walker = walker_of(
      {{"rsc_op", 1, 0, {}}, {"rsc_op", 2, 0, {1}}, {"pseudo_event", 3, kAbortAll, {1}, ""}});
  CHECK(startable(walker) == std::vector<int>{1});
  walker.fail(1);
  CHECK(walker.abort_priority() == 1);
  CHECK(walker.completion() == Completion::kRestart);
  CHECK(walker.abort_reason() == "Event failed");
  CHECK(startable(walker) == std::vector<int>{3});
  walker.complete(3, false);
  CHECK_FALSE(walker.next());
  CHECK(walker.state() == WalkState::kComplete);
  CHECK(walker.status_word() == "Complete");
}

TEST_CASE("after an abort only pseudo-actions and higher priorities start") {
  Walker walker = walker_of({{"rsc_op", 1, 0, {}},
                             {"rsc_op", 2, 0, {1}},
                             {"pseudo_event", 3, 0, {1}, ""},
                             {"rsc_op", 4, 20, {1}}});
  CHECK(startable(walker) == std::vector<int>{1});
  walker.abort(10, Completion::kRestart, "CIB changed");
  walker.abort(5, Completion::kWait, "not as important");
  CHECK(walker.abort_reason() == "CIB changed");
  walker.complete(1, false);
  CHECK(startable(walker) == std::vector<int>{3, 4});
  walker.complete(3, false);
  walker.complete(4, false);
  CHECK_FALSE(walker.next());
  CHECK(walker.state() == WalkState::kComplete);
  CHECK(walker.status_word() == "Stopped");
  CHECK(walker.last_pass().skipped == 1);
}

TEST_CASE("a loop ends as terminated and is described") {
  Walker walker = walker_of({{"rsc_op", 1, 0, {2}}, {"rsc_op", 2, 0, {1}}});
  CHECK_FALSE(walker.next());
  CHECK(walker.state() == WalkState::kTerminated);
  CHECK(walker.describe_pass("x.xml") ==
        "Transition 3 (Complete=0, Pending=0, Fired=0, Skipped=0, Incomplete=2, Source=x.xml): "
        "Terminated");
  const auto lines = walker.describe_graph();
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] ==
        "[Action    1]: Pending resource op r1_start_0                     on n1 (priority: 0, "
        "waiting: 2)");
}

TEST_CASE("an action that can't be sent ends its synapse and aborts everything") {
  Walker walker = walker_of({{"rsc_op", 1, 0, {}}, {"rsc_op", 2, 0, {}}, {"rsc_op", 3, 0, {1}}});
  const auto start = walker.next();
  REQUIRE(start);
  CHECK(walker.failed_to_start(start->action->id));
  CHECK_FALSE(walker.next());
  CHECK(walker.state() == WalkState::kComplete);
  CHECK_FALSE(walker.executed(2));
  CHECK_FALSE(walker.executed(3));
}

TEST_CASE("a lost node fails what was to run there unless its departure was planned") {
  const std::string other = R"(on_node="n2" on_node_uuid="2")";
  const std::vector<Spec> specs = {
      {"rsc_op", 1, 0, {}}, {"rsc_op", 2, 0, {}, other}, {"rsc_op", 3, 0, {1}}};
  Walker walker = walker_of(specs);
  startable(walker);
  CHECK(walker.node_lost("n1", "1"));
  CHECK(walker.abort_reason() == "Node failure");
  CHECK(walker.failed(1));
  CHECK_FALSE(walker.next());
  CHECK(walker.state() == WalkState::kPending);
  walker.complete(2, false);
  CHECK_FALSE(walker.next());
  CHECK(walker.status_word() == "Stopped");

  Walker planned = walker_of({{"crm_event",
                               1,
                               0,
                               {},
                               R"(on_node="n1")",
                               R"(<attributes/><downed><node id="1"/></downed>)"},
                              {"rsc_op", 2, 0, {1}}});
  startable(planned);
  CHECK_FALSE(planned.node_lost("n1", "1"));
  CHECK(planned.abort_priority() == 0);
}

TEST_CASE("timers cover timeout and cluster delay, and none runs for fencing or pseudo-actions") {
  Walker walker = walker_of({{"rsc_op", 1, 0, {}}, {"pseudo_event", 2, 0, {}, ""}});
  const auto first = walker.next();
  REQUIRE(first);
  CHECK(first->timer_ms == 80000);
  const auto second = walker.next();
  REQUIRE(second);
  CHECK_FALSE(second->timer_ms);
  CHECK(walker.lost(1));
  CHECK(walker.abort_reason() == "Action lost");
  CHECK(walker.abort_priority() == kAbortAll);
}
