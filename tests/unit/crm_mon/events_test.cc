#include <catch2/catch.hpp>

#include "cib/apply.h"
#include "follow/cib_follower.h"
#include "mon/external_agent.h"
#include "mon/fencing.h"
#include "mon/warnings.h"

using namespace quorate;
using namespace quorate::cli;
using namespace quorate::cli::mon;

namespace {

std::string entry(const std::string& key, const std::string& magic) {
  return "<lrm_rsc_op id='" + key + "' operation_key='" + key + "' operation='monitor' " +
         "transition-magic='" + magic + ";4:7:0:11111111-2222-3333-4444-555555555555'/>";
}

std::string document(const std::string& entries) {
  return "<cib validate-with='pacemaker-4.0' admin_epoch='0' epoch='1' num_updates='1'>"
         "<configuration><crm_config/><nodes/><resources/><constraints/></configuration><status>"
         "<node_state id='1' uname='n1'><lrm id='1'><lrm_resources>"
         "<lrm_resource id='db' class='ocf' provider='quorate' type='Dummy'>" +
         entries + "</lrm_resource></lrm_resources></lrm></node_state></status></cib>";
}

std::optional<AgentEvent> event(const std::string& text) {
  const auto parsed = xml::Document::parse(text);
  REQUIRE(parsed);
  return event_of(parsed->root(), "n1");
}

fencer::Operation fencing(const std::string& target, fencer::OperationState state,
                          std::int64_t completed_ms) {
  fencer::Operation operation;
  operation.target = target;
  operation.action = "reboot";
  operation.client = "admin.7";
  operation.origin = "n1";
  operation.delegate = "n2";
  operation.state = state;
  operation.completed_ms = completed_ms;
  operation.result = {state == fencer::OperationState::kCompleted ? ocf::kOk : ocf::kError,
                      ExecutionStatus::kDone,
                      {}};
  return operation;
}

}  // namespace

TEST_CASE("an external agent is told what an operation did, in numbers and words") {
  const auto failed = event(entry("db_monitor_10000", "0:7"));
  REQUIRE(failed);
  CHECK(failed->resource == "db");
  CHECK(failed->task == "monitor");
  CHECK(failed->rc == 7);
  CHECK(failed->target_rc == 0);
  CHECK(failed->description == "Not running");
  CHECK(event(entry("db_monitor_10000", "0:0"))->description == "OK");
  CHECK(event(entry("db_monitor_10000", "2:198"))->description == "Timed out");
}

TEST_CASE("an external agent isn't told of probes that found nothing, or of nonsense") {
  CHECK_FALSE(
      event("<lrm_rsc_op id='db_monitor_0' operation_key='db_monitor_0' "
            "transition-magic='0:7;4:7:7:11111111-2222-3333-4444-555555555555'/>"));
  CHECK_FALSE(event("<lrm_rsc_op id='db_monitor_0'/>"));
  CHECK_FALSE(event("<lrm_rsc_op id='x' operation_key='x' transition-magic='0:0;1:2:3:u'/>"));
  CHECK_FALSE(event("<lrm_rsc_op id='a_start_0' transition-magic='a:b;c'/>"));
}

TEST_CASE("a patch tells which results are new, and on which node") {
  auto cib = cib::Cib::parse(document(entry("db_last_0", "0:0")));
  REQUIRE(cib);
  const auto seen_in = [&](const std::string& change) {
    cib::Request request;
    request.operation = cib::Operation::kModify;
    request.section = "status";
    request.data = change;
    const auto outcome = cib::apply(*cib, request, {}, nullptr);
    REQUIRE(outcome.code == cib::Code::kOk);
    const auto patch = xml::Document::parse(outcome.patch.text);
    REQUIRE(patch);
    std::vector<std::string> seen;
    for_each_new_result(*cib, patch->root(), [&](xml::Element result, std::string_view node) {
      seen.push_back(std::string(node) + " " + std::string(result.id()));
    });
    return seen;
  };
  const std::string before =
      "<status><node_state id='1' uname='n1'><lrm id='1'><lrm_resources>"
      "<lrm_resource id='db' class='ocf' provider='quorate' type='Dummy'>";
  const std::string after = "</lrm_resource></lrm_resources></lrm></node_state></status>";
  CHECK(seen_in(before + entry("db_last_0", "0:1") + after) ==
        std::vector<std::string>{"n1 db_last_0"});
  CHECK(seen_in(before + entry("db_monitor_10000", "0:0") + after) ==
        std::vector<std::string>{"n1 db_monitor_10000"});
  CHECK(seen_in("<status><node_state id='2' uname='n2'><lrm id='2'><lrm_resources>"
                "<lrm_resource id='ip' class='ocf' provider='quorate' type='Dummy'>" +
                entry("ip_last_0", "0:0") + after) == std::vector<std::string>{"n2 ip_last_0"});
  CHECK(seen_in("<status><node_state id='1' uname='n1' join='member'/></status>").empty());
}

TEST_CASE("of ended fencing only the latest of each kind is shown while updating") {
  using State = fencer::OperationState;
  FencingHistory history;
  history.events = {fencing("n3", State::kFailed, 4000), fencing("n3", State::kCompleted, 3000),
                    fencing("n3", State::kFailed, 2000)};
  status::Show show;
  const auto text = [&](Sections sections, bool reduced) {
    status::TextWriter out;
    const FencingView view(history, sections, show, reduced);
    view.write_failed(out);
    view.write_others(out, false);
    return out.take();
  };
  const Sections some = section::kFencingFailed | section::kFencingPending;
  const std::string full = text(some, false);
  CHECK(full.find(":04") != std::string::npos);
  CHECK(full.find(":02") != std::string::npos);
  const std::string reduced = text(some, true);
  CHECK(reduced.find(":04") != std::string::npos);
  CHECK(reduced.find(":02") == std::string::npos);
  CHECK(text(section::kFencing, true).find(":02") != std::string::npos);
  CHECK(text(section::kFencing, true).find("Fencing History:") != std::string::npos);
}

TEST_CASE("a history that couldn't be fetched is named once in text and as a code in XML") {
  FencingHistory history;
  history.exit_code = 102;
  status::Show show;
  const FencingView view(history, section::kFencing, show, false);
  status::TextWriter text;
  view.write_failed(text);
  view.write_others(text, false);
  CHECK(text.take() ==
        "Failed Fencing Actions:\n  * Failed to get fencing history: Not connected\n");
  xml::Writer xml;
  view.write(xml);
  CHECK(xml.finish() == "<fence_history status=\"102\"/>\n");
}

TEST_CASE("daemons that don't work are named with what it means, but not while a node starts") {
  LauncherReply reply;
  reply.state = LauncherState::kRunning;
  reply.daemons = {{Daemon::kCib, "running", 1, 0, ""},
                   {Daemon::kFencer, "given-up", 0, 100, "was ended by signal 11"}};
  CHECK(daemon_warnings(reply) ==
        std::vector<std::string>{"quorate-fencer is not restarted any more (it was ended by signal "
                                 "11): this node can't fence"});
  reply.state = LauncherState::kShuttingDown;
  CHECK(daemon_warnings(reply).empty());
}
