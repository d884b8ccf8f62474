#include "cib/schema.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "base/text.h"
#include "cib/embedded_schemas.h"
#include "cib/upgrade.h"

using namespace quorate;

namespace {

std::string document(std::string_view schema, std::string_view resources,
                     std::string_view rest = "", std::string_view options = "",
                     std::string_view constraints = "") {
  return "<cib validate-with='" + std::string(schema) +
         "' admin_epoch='0' epoch='0' num_updates='0'><configuration><crm_config>" +
         std::string(options) + "</crm_config><nodes/><resources>" + std::string(resources) +
         "</resources><constraints>" + std::string(constraints) + "</constraints>" +
         std::string(rest) + "</configuration><status><anything goes='here'/></status></cib>";
}

xml::Document parse(const std::string& text) {
  auto parsed = xml::Document::parse(text);
  REQUIRE(parsed);
  return std::move(*parsed);
}

constexpr std::string_view kDummy =
    "<primitive id='db' class='ocf' provider='heartbeat' type='Dummy'/>";

std::string first_violation(const std::string& text, std::string_view schema = "pacemaker-4.0") {
  cib::Schemas schemas;
  const xml::Document parsed = parse(text);
  const auto violations = schemas.validate(parsed.root(), schema);
  return violations.empty() ? "valid" : violations.front().to_string();
}

}  // namespace

TEST_CASE("every schema version compiles and accepts the smallest document") {
  cib::Schemas schemas;
  for (const std::string_view name : cib::schema_names()) {
    INFO(name);
    const xml::Document parsed = parse(document(name, ""));
    CHECK(schemas.validate(parsed.root(), name).empty());
  }
}

TEST_CASE("what isn't allowed is named with what is") {
  CHECK(first_violation(document("pacemaker-4.0", kDummy)) == "valid");
  CHECK(first_violation(
            document("pacemaker-4.0", "<primitive id='db' class='OCF' provider='p' type='t'/>")) ==
        "line 1: /cib/configuration/resources/primitive[@id='db']: class=\"OCF\" isn't allowed in "
        "<primitive>; allowed: ocf, lsb, heartbeat, stonith, service, systemd");
  CHECK(first_violation(document("pacemaker-4.0", "<primitve id='db'/>"))
            .find("element <primitve> isn't allowed in <resources>; allowed there: ") !=
        std::string::npos);
  CHECK(first_violation(document("pacemaker-4.0",
                                 "<group id='g' colour='red'>" + std::string(kDummy) + "</group>"))
            .find("attribute 'colour' isn't allowed in <group>") != std::string::npos);
  CHECK(first_violation(document("pacemaker-4.0", kDummy, "", "",
                                 "<rsc_location id='l' rsc='db' node='n' score='1.5'/>"))
            .find("score=\"1.5\" isn't allowed in <rsc_location>; allowed: a whole number, "
                  "INFINITY") != std::string::npos);
  CHECK(first_violation(document("pacemaker-4.0", kDummy, "", "",
                                 "<rsc_location rsc='db' node='n' score='1'/>"))
            .find("attribute 'id' is missing in <rsc_location>") != std::string::npos);
  CHECK(first_violation(
            document("pacemaker-4.0", kDummy, "", "", "<rsc_location id='l' rsc='db' node='n'/>"))
            .find("don't go together") != std::string::npos);
}

TEST_CASE("ids must be unique and references must lead somewhere") {
  CHECK(first_violation(document("pacemaker-4.0", std::string(kDummy) + std::string(kDummy)))
            .find("id 'db' is used twice") != std::string::npos);
  CHECK(first_violation(document("pacemaker-4.0", kDummy, "", "",
                                 "<rsc_location id='l' rsc='web' node='n' score='1'/>"))
            .find("rsc=\"web\" refers to nothing") != std::string::npos);
}

TEST_CASE("a version knows only what existed then") {
  const std::string podman = "<bundle id='b'><podman image='i'/></bundle>";
  CHECK(first_violation(document("pacemaker-3.2", podman), "pacemaker-3.2") == "valid");
  CHECK(first_violation(document("pacemaker-3.1", podman), "pacemaker-3.1") != "valid");
  const std::string master = "<master id='m'>" + std::string(kDummy) + "</master>";
  CHECK(first_violation(document("pacemaker-3.10", master), "pacemaker-3.10") == "valid");
  CHECK(first_violation(document("pacemaker-4.0", master)) != "valid");
}

TEST_CASE("a document that validates with the newest version is only renamed") {
  cib::Schemas schemas;
  xml::Document parsed = parse(document("pacemaker-3.7", kDummy));
  const auto report = cib::make_usable(parsed, schemas);
  REQUIRE(report);
  CHECK(report->to == "pacemaker-4.0");
  CHECK_FALSE(report->transformed);
  CHECK(parsed.root().get("validate-with") == "pacemaker-4.0");
  CHECK(parsed.root().first_child("status").first_child("anything"));
}

TEST_CASE("masters, old option names and location rules are rewritten from 3.x to 4.0") {
  cib::Schemas schemas;
  xml::Document parsed = parse(document(
      "pacemaker-3.0", "<master id='m'>" + std::string(kDummy) + "</master>", "",
      "<cluster_property_set id='o'><nvpair id='o1' name='crmd-transition-delay' value='5s'/>"
      "<nvpair id='o2' name='stonith-action' value='poweroff'/>"
      "<nvpair id='o3' name='crmd-transition-delay' value='9s'/></cluster_property_set>",
      "<rsc_location id='l' rsc='m'><rule id='r1' score='1'><expression id='e1' attribute='a' "
      "operation='defined'/></rule><rule id='r2' score='2'><expression id='e2' attribute='b' "
      "operation='defined'/></rule></rsc_location>"));
  const auto report = cib::make_usable(parsed, schemas);
  REQUIRE(report);
  CHECK(report->transformed);
  CHECK_FALSE(report->changes.empty());
  const xml::Element configuration = parsed.root().first_child("configuration");
  const xml::Element clone = configuration.first_child("resources").first_child("clone");
  REQUIRE(clone);
  CHECK(clone.id() == "m");
  CHECK(clone.first_child("meta_attributes").first_child("nvpair").get("name") == "promotable");
  const xml::Element options =
      configuration.first_child("crm_config").first_child("cluster_property_set");
  CHECK(options.first_child("nvpair").get("name") == "transition-delay");
  CHECK(options.child_count() == 2);
  CHECK(options.last_child().get("value") == "off");
  const xml::Element constraints = configuration.first_child("constraints");
  CHECK(constraints.child_count() == 2);
  CHECK(constraints.first_child().id() == "pcmk__3_10_upgrade-l-1");
  CHECK(parsed.root().first_child("status").first_child("anything"));
}

TEST_CASE("agents no version supports are dropped with what names them") {
  cib::Schemas schemas;
  xml::Document parsed = parse(document(
      "pacemaker-3.10",
      "<group id='g'><primitive id='n' class='nagios' type='check'/></group>" + std::string(kDummy),
      "", "",
      "<rsc_colocation id='c' rsc='n' with-rsc='db' score='1'/>"
      "<rsc_order id='o'><resource_set id='s1'><resource_ref id='db'/></resource_set>"
      "<resource_set id='s2'><resource_ref id='g'/></resource_set></rsc_order>"));
  const auto report = cib::make_usable(parsed, schemas);
  REQUIRE(report);
  const xml::Element configuration = parsed.root().first_child("configuration");
  CHECK(configuration.first_child("resources").child_count() == 1);
  REQUIRE(configuration.first_child("constraints").child_count() == 1);
  CHECK(configuration.first_child("constraints").first_child().child_count() == 1);
}

TEST_CASE("defaults that were cluster options move from 2.10 to 3.0") {
  cib::Schemas schemas;
  xml::Document parsed = parse(document(
      "pacemaker-2.10",
      "<primitive id='db' class='ocf' provider='p' type='t'><operations>"
      "<op id='s' name='start' interval='0' requires='nothing'/></operations></primitive>",
      "",
      "<cluster_property_set id='o'><nvpair id='o1' name='default-resource-stickiness' value='7'/>"
      "<nvpair id='o2' name='no_quorum_policy' value='ignore'/>"
      "<nvpair id='o3' name='default-action-timeout' value='9s'/></cluster_property_set>"));
  const auto report = cib::upgrade(parsed, schemas, "pacemaker-3.0");
  REQUIRE(report);
  CHECK(report->transformed);
  const xml::Element configuration = parsed.root().first_child("configuration");
  CHECK(configuration.first_child("op_defaults").first_child().first_child().get("value") == "9s");
  CHECK(configuration.first_child("rsc_defaults").first_child().first_child().get("name") ==
        "resource-stickiness");
  const xml::Element options =
      configuration.first_child("crm_config").first_child("cluster_property_set");
  CHECK(options.child_count() == 1);
  CHECK(options.first_child().get("name") == "no-quorum-policy");
  const xml::Element db = configuration.first_child("resources").first_child();
  CHECK_FALSE(db.first_child("operations").first_child().has("requires"));
  CHECK(db.first_child("meta_attributes").first_child().get("value") == "nothing");
}

TEST_CASE("old permissions become roles") {
  cib::Schemas schemas;
  xml::Document parsed = parse(document(
      "pacemaker-1.3", kDummy,
      "<acls><acl_user id='joe'><read id='p1' xpath='/cib' attribute='epoch'/></acl_user></acls>"));
  const auto report = cib::make_usable(parsed, schemas);
  REQUIRE(report);
  const xml::Element acls = parsed.root().first_child("configuration").first_child("acls");
  CHECK(acls.first_child("acl_target").first_child("role").id() == "auto-joe");
  CHECK(acls.first_child("acl_role").first_child().get("xpath") == "/cib[@epoch]");
}

TEST_CASE("an upgrade says in a line what it rewrote, and nothing if only the version changed") {
  cib::Schemas schemas;
  xml::Document legacy = parse(document(
      "pacemaker-3.5",
      "<master id='m'><primitive id='db' class='ocf' provider='heartbeat' type='Dummy'/></master>" +
          std::string(kDummy).replace(15, 2, "ip")));
  const auto rewritten = cib::upgrade(legacy, schemas);
  REQUIRE(rewritten);
  CHECK(cib::describe(*rewritten) ==
        "Configuration upgraded from pacemaker-3.5 to pacemaker-4.0 for internal use only: "
        "pacemaker-3.10 to pacemaker-4.0: <clone id=\"m\"> was rewritten");
  xml::Document plain = parse(document("pacemaker-3.5", kDummy));
  const auto untouched = cib::upgrade(plain, schemas);
  REQUIRE(untouched);
  CHECK(untouched->changed());
  CHECK(cib::describe(*untouched).empty());
}

TEST_CASE("what can't be upgraded is refused and left as it was") {
  cib::Schemas schemas;
  const std::string text = document("pacemaker-3.0", "<primitve id='db'/>");
  xml::Document parsed = parse(text);
  const std::string before = parsed.root().to_string();
  const auto report = cib::make_usable(parsed, schemas);
  REQUIRE_FALSE(report);
  CHECK(report.error().message.find("claiming pacemaker-3.0 schema") != std::string::npos);
  CHECK(report.error().message.find("primitve") != std::string::npos);
  CHECK(parsed.root().to_string() == before);
  xml::Document unknown = parse(document("pacemaker-9.9", ""));
  CHECK_FALSE(cib::make_usable(unknown, schemas));
  xml::Document none = parse(document("none", "<whatever/>"));
  CHECK(cib::make_usable(none, schemas));
}

// What upgrading goes by that tries the newest version first.
TEST_CASE("versions of series 3 from 3.3 on take nothing away") {
  const xml::Document grammar = parse(std::string(cib::kCibGrammar));
  std::set<std::string> removed_in;
  xml::for_each_descendant(grammar.root(), [&](xml::Element pattern) {
    if (const auto before = pattern.get("before")) removed_in.emplace(*before);
  });
  removed_in.erase("4.0");
  REQUIRE_FALSE(removed_in.empty());
  CHECK(std::all_of(removed_in.begin(), removed_in.end(), [](const std::string& version) {
    return compare_versions(version, "3.3") <= 0;
  }));
}
