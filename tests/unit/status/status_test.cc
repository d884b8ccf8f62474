#include <catch2/catch.hpp>
#include <string>

#include "scheduler/schedule.h"
#include "status/cluster_summary.h"
#include "status/history.h"
#include "status/node.h"
#include "status/primitive.h"
#include "status/resource_lists.h"
#include "status/transition_summary.h"

using namespace quorate;
using namespace quorate::status;

namespace {

std::string entry(const std::string& resource, const std::string& task, int rc,
                  const std::string& interval = "0") {
  const std::string key = "1:1:0:00000000-0000-0000-0000-000000000000";
  return "<lrm_rsc_op id='" + resource + "_" + task + "_" + interval + "' operation_key='" +
         resource + "_" + task + "_" + interval + "' operation='" + task +
         "' crm_feature_set='3.20.5' transition-key='" + key +
         "' transition-magic='0:" + std::to_string(rc) + ";" + key + "' call-id='" +
         (interval == "0" ? "2" : "3") + "' rc-code='" + std::to_string(rc) +
         "' op-status='0' interval='" + interval + "'/>";
}

/// Two nodes, the second in standby; a primitive that failed its monitor, a clone on the first.
std::string cluster() {
  return "<cib validate-with='pacemaker-4.0' have-quorum='1' "
         "dc-uuid='1'><configuration><crm_config/>"
         "<nodes><node id='1' uname='n1'/><node id='2' uname='n2'><instance_attributes id='a'>"
         "<nvpair id='s' name='standby' value='on'/></instance_attributes></node></nodes>"
         "<resources><primitive id='db' class='ocf' provider='pacemaker' type='Dummy'/>"
         "<clone id='web-clone'><primitive id='web' class='systemd' type='nginx'/></clone>"
         "<group id='grp'><primitive id='off' class='lsb' type='off'><meta_attributes id='m'>"
         "<nvpair id='t' name='target-role' value='Stopped'/></meta_attributes></primitive></group>"
         "</resources><constraints/></configuration><status>"
         "<node_state id='1' uname='n1' in_ccm='true' crmd='online' join='member' "
         "expected='member'><lrm id='1'><lrm_resources>"
         "<lrm_resource id='db' class='ocf' provider='pacemaker' type='Dummy'>" +
         entry("db", "start", 0) + entry("db", "monitor", 7, "10000") +
         "</lrm_resource><lrm_resource id='web' class='systemd' type='nginx'>" +
         entry("web", "start", 0) +
         "</lrm_resource></lrm_resources></lrm></node_state>"
         "<node_state id='2' uname='n2' in_ccm='true' crmd='online' join='member' "
         "expected='member'/></status></cib>";
}

struct Fixture {
  explicit Fixture(const std::string& text = cluster()) {
    auto parsed = xml::Document::parse(text);
    REQUIRE(parsed);
    document = std::move(*parsed);
    scheduler::Input input;
    input.cib = document.root();
    input.now_seconds = 1760000000;
    auto read = scheduler::read_only(input);
    REQUIRE(read);
    run = std::move(*read);
  }
  model::Snapshot& snapshot() { return *run.snapshot; }
  xml::Document document;
  scheduler::Schedule run;
};

}  // namespace

TEST_CASE("nodes with something to say get a line, the others a list") {
  Fixture f;
  TextWriter out;
  CHECK(write_nodes(out, f.snapshot(), {}));
  CHECK(out.text() ==
        "Node List:\n"
        "  * Node n2: standby\n"
        "  * Online: [ n1 ]\n");
}

TEST_CASE("resources are listed with state, place and flags") {
  Fixture f;
  TextWriter out;
  write_resources(out, f.snapshot(), {});
  CHECK(out.text() ==
        "Full List of Resources:\n"
        "  * db\t(ocf:pacemaker:Dummy):\t FAILED n1\n"
        "  * Clone Set: web-clone [web]:\n"
        "    * Started: [ n1 ]\n"
        "    * Stopped: [ n2 ]\n"
        "  * Resource Group: grp:\n"
        "    * off\t(lsb:off):\t Stopped (disabled)\n");
}

TEST_CASE("without inactive resources only active ones are listed") {
  Fixture f;
  TextWriter out;
  Show show;
  show.inactive = false;
  write_resources(out, f.snapshot(), show);
  CHECK(out.text() ==
        "Active Resources:\n"
        "  * db\t(ocf:pacemaker:Dummy):\t FAILED n1\n"
        "  * Clone Set: web-clone [web]:\n"
        "    * Started: [ n1 ]\n");
}

TEST_CASE("filters leave out what wasn't asked for") {
  Fixture f;
  TextWriter out;
  Show show;
  show.resources = resource_filter(f.snapshot(), "db");
  write_resources(out, f.snapshot(), show);
  CHECK(out.text() == "Full List of Resources:\n  * db\t(ocf:pacemaker:Dummy):\t FAILED n1\n");
  show.resources = resource_filter(f.snapshot(), "nothing-of-that-name");
  CHECK(show.resources->empty());
}

TEST_CASE("brief output counts by agent and node") {
  Fixture f;
  Show show;
  CHECK(brief_lines(f.snapshot().resources, show) ==
        std::vector<std::string>{"1/1\t(ocf:pacemaker:Dummy):\tActive n1"});
}

TEST_CASE("failures are told in words or in full") {
  Fixture f;
  TextWriter words;
  CHECK(write_failures(words, f.snapshot(), {}));
  CHECK(words.text() ==
        "Failed Resource Actions:\n  * db 10s-interval monitor on n1 returned 'Not running'\n");
  Show detail;
  detail.detail = true;
  TextWriter full;
  write_failures(full, f.snapshot(), detail);
  CHECK(full.text() ==
        "Failed Resource Actions:\n"
        "  * db_monitor_10000 on n1 'Not running' (7): call=3, status='Done'\n");
}

TEST_CASE("the XML form lists every instance and escapes what it writes") {
  Fixture f;
  xml::Writer out;
  CHECK(write_resources(out, f.snapshot(), {}));
  const std::string text = out.finish();
  const auto parsed = xml::Document::parse(text);
  REQUIRE(parsed);
  CHECK(parsed->root().first_child("clone").child_count() == 2);
  CHECK(parsed->root().first_child("resource").get("failed") == "true");

  xml::Writer escaped;
  escaped.open("a");
  escaped.attribute("b", "<\"&\n>");
  escaped.cdata_element("c", "x]]>y");
  const auto again = xml::Document::parse(escaped.finish());
  REQUIRE(again);
  CHECK(again->root().get("b") == "<\"&\n>");
  CHECK(again->root().first_child("c").text() == "x]]>y");
}

TEST_CASE("the summary names DC, counts and what is blocked or disabled") {
  Fixture f;
  TextWriter out;
  SummaryParts parts;
  parts.times = false;
  parts.options = true;
  CHECK(write_cluster_summary(out, f.snapshot(), {}, parts, {}));
  CHECK(out.text() ==
        "Cluster Summary:\n"
        "  * Stack: unknown\n"
        "  * Current DC: n1 (version unknown) - partition with quorum\n"
        "  * 2 nodes configured\n"
        "  * 4 resource instances configured (1 DISABLED)\n"
        "  * Fencing of failed nodes enabled\n"
        "  * Cluster is symmetric\n"
        "  * No quorum policy: Stop ALL resources\n");
}

TEST_CASE("operation keys are taken apart from behind") {
  const auto plain = parse_operation_key("my_db_monitor_10000");
  REQUIRE(plain);
  CHECK(plain->resource == "my_db");
  CHECK(plain->task == "monitor");
  CHECK(plain->interval_ms == 10000);
  const auto migration = parse_operation_key("vm_migrate_to_0");
  REQUIRE(migration);
  CHECK(migration->resource == "vm");
  CHECK(migration->task == "migrate_to");
  CHECK_FALSE(parse_operation_key("monitor_0"));
  CHECK_FALSE(parse_operation_key("db_monitor_often"));
}

TEST_CASE("summary lines are aligned to the widest id and details") {
  model::Resource db, address;
  db.id = "db";
  address.id = "address";
  model::Node n1, n2;
  n1.name = "n1";
  n2.name = "n2";
  scheduler::Summary summary;
  summary.nodes.push_back({&n1, "Fence (reboot)", "n1", "peer is gone"});
  summary.nodes.push_back({&n1, "Shutdown", "n1", ""});
  summary.resources.push_back(
      {&db, "Move", &n1, &n2, model::Role::kStarted, model::Role::kStarted, "", true});
  summary.resources.push_back({&address, "Promote", &n1, &n1, model::Role::kUnpromoted,
                               model::Role::kPromoted, "no quorum", false});
  CHECK(transition_lines(summary) ==
        std::vector<std::string>{
            "Fence (reboot) n1 'peer is gone'",
            "Move       db          (                  n1 -> n2 )",
            "Promote    address     ( Unpromoted -> Promoted n1 )  due to no quorum (blocked)"});
}
