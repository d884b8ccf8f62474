#include "rules/rules.h"

#include <catch2/catch.hpp>
#include <map>

#include "rules/datetime.h"

using namespace quorate;
using namespace quorate::rules;

namespace {

constexpr std::int64_t kNoon = 1'718'452'800;  // Saturday 2024-06-15 12:00:00Z

struct Outcome {
  bool passes = false;
  std::vector<std::int64_t> changes;
  std::vector<std::string> messages;
};

Outcome run(const std::string& rule_xml, RuleContext context) {
  if (context.now_seconds == 0) context.now_seconds = kNoon;
  Outcome outcome;
  const Observer observer{
      [&](Severity, std::string text) { outcome.messages.push_back(std::move(text)); },
      [&](std::int64_t at) { outcome.changes.push_back(at); }};
  auto document = xml::Document::parse(rule_xml);
  REQUIRE(document);
  outcome.passes = evaluate(document->root(), context, observer);
  return outcome;
}

/// One attribute expression on a node whose attribute x has that value (null: none).
bool attribute_passes(const char* actual, const std::string& rest) {
  const std::function<std::optional<std::string_view>(std::string_view)> look_up =
      [&](std::string_view name) -> std::optional<std::string_view> {
    if (name == "x" && actual != nullptr) return actual;
    return std::nullopt;
  };
  const std::function<std::optional<std::string_view>(std::string_view)> nothing =
      [](std::string_view) -> std::optional<std::string_view> { return std::nullopt; };
  RuleContext context;
  context.node_attribute = &look_up;
  context.parameter = &nothing;
  return run("<rule id='r'><expression id='e' attribute='x' " + rest + "/></rule>", context).passes;
}

Outcome date(const std::string& expression) {
  return run("<rule id='r'>" + expression + "</rule>", {});
}

bool spec_passes(const std::string& attributes) {
  return date("<date_expression id='d' operation='date_spec'><date_spec id='s' " + attributes +
              "/></date_expression>")
      .passes;
}

std::map<std::string, std::string> merged(const std::string& blocks,
                                          std::map<std::string, std::string> table = {}) {
  auto document = xml::Document::parse("<p>" + blocks + "</p>");
  REQUIRE(document);
  merge_blocks(document->root(), "b", {}, {}, {},
               {[&](std::string_view n, std::string_view v) { table.emplace(n, v); },
                [&](std::string_view n) { table.erase(std::string(n)); }});
  return table;
}

std::string block(const std::string& value, const std::string& score = "") {
  return "<b id='b' " + (score.empty() ? "" : "score='" + score + "'") +
         "><nvpair id='n' name='x' value='" + value + "'/></b>";
}

}  // namespace

TEST_CASE("attribute expressions compare as the specification's table says") {
  CHECK(attribute_passes("abc", "operation='eq' value='ABC'"));
  CHECK(attribute_passes(nullptr, "operation='ne' value='a'"));
  CHECK_FALSE(attribute_passes(nullptr, "operation='eq' value='a'"));
  CHECK_FALSE(attribute_passes(nullptr, "operation='lt' value='5'"));
  CHECK(attribute_passes(nullptr, "operation='eq' value='nope' value-source='param'"));
  CHECK_FALSE(attribute_passes("10", "operation='lt' value='9'"));
  CHECK(attribute_passes("9", "operation='lt' value='10'"));
  CHECK(attribute_passes("9.5", "operation='lt' value='10'"));
  CHECK(attribute_passes("9.5", "operation='gte' value='9.6' type='integer'"));
  CHECK(attribute_passes("10abc", "operation='eq' value='10' type='integer'"));
  CHECK(attribute_passes(" 10", "operation='eq' value='10' type='integer'"));
  CHECK(attribute_passes("abc", "operation='lt' value='abd' type='integer'"));
  CHECK_FALSE(attribute_passes("10", "operation='eq' value='10.0'"));
  CHECK(attribute_passes("1.2.3", "operation='lt' value='1.10' type='version'"));
  CHECK(attribute_passes("1.0", "operation='eq' value='1' type='version'"));
  CHECK(attribute_passes("1.2-3", "operation='eq' value='1.2' type='version'"));
  CHECK(attribute_passes("abc", "operation='eq' value='0' type='version'"));
  CHECK(attribute_passes("", "operation='defined'"));
  CHECK_FALSE(attribute_passes("a", "operation='defined' value='a'"));
  CHECK(attribute_passes("", "operation='lt' value='5'"));
  CHECK(attribute_passes("99999999999999999999", "operation='gt' value='5' type='integer'"));
  CHECK(attribute_passes("INFINITY", "operation='gt' value='5'"));
  CHECK(attribute_passes("inf", "operation='gt' value='5' type='number'"));
  CHECK_FALSE(attribute_passes("3", "operation='eq' value='3.6' type='number'"));
  CHECK(attribute_passes("3.4", "operation='eq' value='3.6' type='integer'"));
  CHECK(attribute_passes("as2", "operation='gt' value='as10' type='integer'"));
}

TEST_CASE("date ranges pass, and say when their outcome changes") {
  const auto check = [](const std::string& rest, bool passes, const char* change) {
    INFO(rest);
    const Outcome outcome = date("<date_expression id='d' operation=" + rest);
    CHECK(outcome.passes == passes);
    if (change == nullptr) {
      CHECK(outcome.changes.empty());
    } else {
      REQUIRE(outcome.changes.size() == 1);
      CHECK(format_datetime(from_epoch(outcome.changes[0], 0), DateForm::kCalendar, true) ==
            std::string(change) + "Z");
    }
  };
  check("'gt' start='2024-06-15 13:00:00Z'/>", false, "2024-06-15 13:00:01");
  check("'gt' start='2024-06-15 12:00:00Z'/>", false, "2024-06-15 12:00:01");
  check("'gt' start='2024-06-15 11:00:00Z'/>", true, nullptr);
  check("'lt' end='2024-06-15 13:00:00Z'/>", true, "2024-06-15 13:00:00");
  check("'lt' end='2024-06-15 12:00:00Z'/>", false, nullptr);
  check("'in_range' start='2024-06-15 12:00:00Z'/>", true, nullptr);
  check("'in_range' end='2024-06-15 12:00:00Z'/>", true, "2024-06-15 12:00:01");
  check("'in_range' end='2024-06-15 12:30:00Z'/>", true, "2024-06-15 12:30:01");
  check("'in_range' start='2024-06-15 10:00:00Z'><duration id='u' hours='2'/></date_expression>",
        true, "2024-06-15 12:00:01");
  check("'in_range' start='2024-06-15 10:00:00Z'><duration id='u' hours='14'/></date_expression>",
        true, "2024-06-16 00:00:01");
  check("'in_range' start='2024-06-16 10:00:00Z'/>", false, "2024-06-16 10:00:00");
  check("'in_range' start='2024-06-15 10:00:00Z'><duration id='u' hours='x'/></date_expression>",
        false, nullptr);
  check("'in_range'/>", false, nullptr);
}

TEST_CASE("a duration that ends at 24:00 is over at the next midnight") {
  RuleContext context;
  const std::string rule =
      "<rule id='r'><date_expression id='d' operation='in_range' start='2024-06-15 10:00:00Z'>"
      "<duration id='u' hours='14'/></date_expression></rule>";
  context.now_seconds = kNoon + 12 * 3600 - 1;
  CHECK(run(rule, context).passes);
  context.now_seconds = kNoon + 12 * 3600;
  CHECK_FALSE(run(rule, context).passes);
}

TEST_CASE("date_spec ranges match fields of the local time") {
  for (const char* passing :
       {"hours='12'", "hours='-12'", "hours='12-'", "hours=' 12'", "hours='9-16' weekdays='6'",
        "weekdays='6-7'", "weeks='24'", "yeardays='167'", "years='2024-'", "weekyears='2024'",
        "seconds='0'", "minutes='0-0'", ""}) {
    INFO(passing);
    CHECK(spec_passes(passing));
  }
  for (const char* failing : {"hours='13-'", "hours='12 '", "hours='abc'", "hours=''", "hours='-'",
                              "hours='5-3'", "hours='1-2-3'"}) {
    INFO(failing);
    CHECK_FALSE(spec_passes(failing));
  }
  RuleContext new_york;
  new_york.now_offset_seconds = -4 * 3600;
  CHECK(
      run("<rule id='r'><date_expression id='d' operation='date_spec'><date_spec id='s' hours='8'/>"
          "</date_expression></rule>",
          new_york)
          .passes);
}

TEST_CASE("rules combine conditions and stop at the first that decides") {
  const std::string yes = "<expression id='y' attribute='a' operation='not_defined'/>";
  const std::string no = "<expression id='n' attribute='a' operation='defined'/>";
  const std::string later = "<date_expression id='d' operation='gt' start='2025-01-01'/>";
  CHECK(run("<rule id='r'>" + yes + yes + "</rule>", {}).passes);
  CHECK_FALSE(run("<rule id='r'>" + yes + no + "</rule>", {}).passes);
  CHECK(run("<rule id='r' boolean-op='OR'>" + no + yes + "</rule>", {}).passes);
  CHECK_FALSE(run("<rule id='r' boolean-op='xor'>" + yes + "</rule>", {}).passes);
  CHECK(run("<rule id='r'/>", {}).passes);
  CHECK_FALSE(run("<rule>" + yes + "</rule>", {}).passes);
  CHECK(run("<rule id='r'>" + no + later + "</rule>", {}).changes.empty());
  CHECK(run("<rule id='r' boolean-op='or'>" + no + later + "</rule>", {}).changes.size() == 1);
  CHECK(run("<rule id='r'><rule id='s' boolean-op='or'>" + no + yes + "</rule></rule>", {}).passes);
}

TEST_CASE("resource and operation expressions compare exactly") {
  RuleContext context;
  context.standard = "ocf";
  context.type = "Dummy";
  context.operation = "monitor";
  context.interval_ms = 10'000;
  const auto passes = [&](const std::string& condition) {
    return run("<rule id='r'>" + condition + "</rule>", context).passes;
  };
  CHECK(passes("<rsc_expression id='e' class='ocf'/>"));
  CHECK_FALSE(passes("<rsc_expression id='e' class='OCF'/>"));
  CHECK_FALSE(passes("<rsc_expression id='e' provider='heartbeat'/>"));
  CHECK(passes("<op_expression id='e' name='monitor'/>"));
  CHECK(passes("<op_expression id='e' name='monitor' interval='PT10S'/>"));
  CHECK_FALSE(passes("<op_expression id='e' name='monitor' interval='5s'/>"));
  CHECK_FALSE(passes("<op_expression id='e' name='monitor' interval='soon'/>"));
  context.operation.reset();
  CHECK_FALSE(passes("<op_expression id='e' name='monitor'/>"));
}

TEST_CASE("submatches replace references in attribute names") {
  CHECK(expand_submatches("loc-%1", {"ip-db", "db"}) == "loc-db");
  CHECK(expand_submatches("%0/%2/%x%", {"ip-db", "db"}) == "ip-db//%x%");
  CHECK(expand_submatches("loc-%1", {}) == "loc-%1");
}

TEST_CASE("blocks merge by score, and of equals the later one wins") {
  using Table = std::map<std::string, std::string>;
  CHECK(merged(block("5", "5") + block("10", "10") + block("none")) == Table{{"x", "10"}});
  CHECK(merged(block("1") + block("2") + block("3")) == Table{{"x", "3"}});
  CHECK(merged(block("neg", "-1") + block("zero")) == Table{{"x", "zero"}});
  CHECK(merged(block("low", "1") + block("#default", "5")) == Table{{"x", "low"}});
  CHECK(merged(block("#default", "1") + block("hi", "5")).empty());
  CHECK(merged(block("lowest", "0") + block("#default", "1") + block("hi", "5")) ==
        Table{{"x", "lowest"}});
  CHECK(merged(block("#DEFAULT"), {{"x", "5"}}).empty());
  CHECK(merged(block("7") + block("#default"), {{"x", "5"}}) == Table{{"x", "7"}});
  CHECK(merged("<b id='1' score='9'><rule id='r'><expression id='e' attribute='a' "
               "operation='defined'/></rule><nvpair id='n' name='x' value='r'/></b>" +
               block("norule")) == Table{{"x", "norule"}});
}

TEST_CASE("a reference that doesn't resolve to exactly one element is reported and left out") {
  auto document = xml::Document::parse(
      "<p><b id='1'><nvpair id='n' name='x' value='1'/></b><q><b id='two'/><b id='two'/></q>"
      "<r><b id-ref='1'/><b id-ref='two'/><b id-ref='none'/></r></p>");
  REQUIRE(document);
  std::vector<std::string> messages;
  std::vector<std::string> names;
  const Observer observer{[&](Severity, std::string text) { messages.push_back(std::move(text)); },
                          {}};
  merge_blocks(document->root().first_child("r"), "b", {}, {}, observer,
               {[&](std::string_view name, std::string_view) { names.emplace_back(name); },
                [](std::string_view) {}});
  CHECK(names == std::vector<std::string>{"x"});
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] ==
        "Ignoring invalid b configuration: id-ref 'two' does not reference a valid object \x07 "
        "xpath=//b[@id='two']");
}
