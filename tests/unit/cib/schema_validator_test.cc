#include "cib/schema_validator.h"

#include <catch2/catch.hpp>

#include "cib/embedded_schemas.h"
#include "support.h"

using namespace quorate;
using namespace quorate::cib;
using namespace quorate::cib::test;

TEST_CASE("requests that break schema, ids or references are refused and undone") {
  const SchemaValidator validator;
  Cib cib = Cib::empty("3.20.5", "pacemaker-4.0", 1);
  const auto create = [&](const char* section, const char* data) {
    return apply(cib, request(Operation::kCreate, section, data), {}, &validator);
  };
  const char* good = "<primitive id='a' class='ocf' provider='p' type='t'/>";
  REQUIRE(create("resources", good).code == Code::kOk);
  const std::string before = cib.to_string();
  const Outcome incomplete = create("resources", "<primitive id='b' class='ocf'/>");
  CHECK(incomplete.code == Code::kSchemaValidation);
  CHECK(incomplete.message.find("primitive") != std::string::npos);
  CHECK(incomplete.data.find("<primitive id=\"b\" class=\"ocf\"/>") != std::string::npos);
  CHECK(create("constraints", "<rsc_ticket id='a' rsc='a' ticket='t'/>").code ==
        Code::kSchemaValidation);
  CHECK(create("constraints", "<rsc_ticket id='t' rsc='nobody' ticket='t'/>").code ==
        Code::kSchemaValidation);
  CHECK(cib.to_string() == before);
  CHECK(create("constraints", "<rsc_ticket id='t' rsc='a' ticket='t'/>").code == Code::kOk);
  // The same object again under the same id, while the first still waits to be undone or freed.
  CHECK(apply(cib, by_xpath(Operation::kReplace, "//primitive[@id='a']", good), {}, &validator)
            .code == Code::kOk);
  CHECK(apply(cib, request(Operation::kModify, "", "<cib validate-with='none'/>"), {}, &validator)
            .code == Code::kSchemaValidation);
}

TEST_CASE("values of parameters may be any text, those of two cluster options not") {
  class Counting : public SchemaValidator {
   public:
    mutable int count = 0;
    std::vector<std::string> complaints(xml::Element cib) const override {
      ++count;
      return SchemaValidator::complaints(cib);
    }
  };
  const Counting validator;
  Cib cib = Cib::empty("3.20.5", "pacemaker-4.0", 1);
  const auto modify = [&](const char* section, const char* data) {
    CallOptions options;
    options.may_create = true;
    return apply(cib, request(Operation::kModify, section, data, options), {}, &validator).code;
  };
  REQUIRE(modify("resources",
                 "<primitive id='a' class='ocf' provider='p' type='t'><instance_attributes id='i'>"
                 "<nvpair id='n' name='x' value='1'/></instance_attributes></primitive>") ==
          Code::kOk);
  REQUIRE(modify("crm_config",
                 "<cluster_property_set id='s'><nvpair id='o' name='stonith-action' value='off'/>"
                 "<nvpair id='p' name='no-quorum-policy' value='stop'/></cluster_property_set>") ==
          Code::kOk);
  const int before = validator.count;
  CHECK(modify("resources", "<nvpair id='n' value='&lt;anything>'/>") == Code::kOk);
  CHECK(modify("crm_config", "<nvpair id='p' value='&lt;anything>'/>") == Code::kOk);
  CHECK(validator.count == before);
  CHECK(validator.complaints(cib.root()).empty());
  CHECK(modify("resources", "<nvpair id='n' value='2' unknown='3'/>") == Code::kSchemaValidation);
  CHECK(modify("resources", "<nvpair id='n' name='y' value='2'/>") == Code::kOk);
  CHECK(modify("crm_config", "<nvpair id='o' value='poweroff'/>") == Code::kSchemaValidation);
  CHECK(modify("", "<cib epoch='3' admin_epoch='x'/>") != Code::kOk);
}

TEST_CASE(
    "a cluster option whose values the grammar limits isn't taken for one that may be any text") {
  const auto grammar = xml::Document::parse(kCibGrammar, "cib.rng");
  REQUIRE(grammar);
  std::size_t limited = 0;
  const SchemaValidator validator;
  const auto look_at = [&](std::string_view option) {
    xml::Document set = xml::Document::with_root("cluster_property_set");
    xml::Element pair = set.root().add("nvpair");
    pair.set("name", option);
    pair.set("value", "x");
    CHECK_FALSE(validator.is_free(pair, "value"));
    ++limited;
  };
  xml::for_each_descendant(grammar->root(), [&](xml::Element define) {
    if (define.name() != "define" || define.get("name") != "cluster_option") return;
    xml::for_each_descendant(define, [&](xml::Element attribute) {
      if (attribute.name() != "attribute" || attribute.get("name") != "name") return;
      if (const xml::Element only = attribute.first_child("value")) look_at(only.text());
    });
  });
  CHECK(limited == 2);
}

TEST_CASE("an upgrade starts a new admin epoch; a second one finds nothing to do") {
  const SchemaValidator validator;
  Cib cib = Cib::empty("3.20.5", "pacemaker-3.0", 7);
  CHECK(apply(cib, request(Operation::kUpgrade, ""), {}, &validator).code == Code::kOk);
  CHECK(to_text(cib.version()) == "1.2.0");
  CHECK(cib.root().get("validate-with") == "pacemaker-4.0");
  CHECK(apply(cib, request(Operation::kUpgrade, ""), {}, &validator).code ==
        Code::kSchemaUnchanged);
}
