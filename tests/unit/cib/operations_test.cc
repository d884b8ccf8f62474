#include <catch2/catch.hpp>

#include "support.h"

using namespace quorate;
using namespace quorate::cib;
using namespace quorate::cib::test;

namespace {
struct Service {
  Cib cib = Cib::empty("3.20.5", "pacemaker-4.0", 1);
  FakeValidator validator;
  Outcome run(const Request& what) { return apply(cib, what, {}, &validator); }
  std::string version() const { return to_text(cib.version()); }
};
CallOptions score_update() {
  CallOptions options;
  options.score_update = true;
  return options;
}
}  // namespace

TEST_CASE("the worked examples of spec/08 §20 give the codes and versions listed there") {
  Service s;
  CallOptions may_create;
  may_create.may_create = true;
  const std::string set =
      "<cluster_property_set id='cib-bootstrap-options'><nvpair id='o1' name='symmetric-cluster' "
      "value='true'/></cluster_property_set>";
  CHECK(s.run(request(Operation::kModify, "crm_config", set, may_create)).code == Code::kOk);
  CHECK(s.version() == "0.2.0");
  CHECK(s.run(request(Operation::kModify, "crm_config",
                      "<nvpair id='o1' name='symmetric-cluster' value='true'/>"))
            .code == Code::kOk);
  CHECK(s.version() == "0.2.0");
  CHECK(s.run(request(Operation::kModify, "", "<nvpair id='o1' value='false'/>")).code ==
        Code::kOk);
  CHECK(s.version() == "0.3.0");
  CHECK(s.run(request(Operation::kModify, "", "<nvpair id='nope' value='false'/>")).code ==
        Code::kNoSuchDevice);
  CHECK(s.run(request(Operation::kCreate, "resources", "<primitive id='r1'/>")).code == Code::kOk);
  CHECK(s.version() == "0.4.0");
  const Outcome again = s.run(request(Operation::kCreate, "resources", "<primitive id='r1'/>"));
  CHECK(again.code == Code::kExists);
  CHECK(again.data ==
        "<failed><failed_update id=\"r1\" object-type=\"primitive\" operation=\"cib_create\" "
        "reason=\"File exists\"><primitive id=\"r1\"/></failed_update></failed>");
  CHECK(s.run(request(Operation::kCreate, "resources", "<primitive id='x'><invalid/></primitive>"))
            .code == Code::kSchemaValidation);
  CHECK(s.run(request(Operation::kDelete, "", "<primitive id='zzz'/>")).code == Code::kOk);
  CHECK(s.version() == "0.4.0");
  CHECK(s.run(request(Operation::kModify, "", "<cib admin_epoch='admin_epoch++'/>", score_update()))
            .code == Code::kOk);
  CHECK(s.version() == "1.4.1");
  CHECK(s.run(request(Operation::kBump, "")).code == Code::kOk);
  CHECK(s.version() == "1.5.2");
  CHECK(s.run(request(Operation::kModify, "status",
                      "<status><node_state id='1' uname='n1'/></status>"))
            .code == Code::kOk);
  CHECK(s.version() == "1.5.3");
  xml::Document copy = xml::Document::copy_of(s.cib.root());
  copy.root().set("epoch", "4");
  CHECK(s.run(request(Operation::kReplace, "", copy.root().to_string())).code == Code::kOldData);
  copy.root().set("epoch", "5");
  copy.root().set("num_updates", "1");
  CHECK(s.run(request(Operation::kReplace, "", copy.root().to_string())).code == Code::kOldData);
  CHECK(s.version() == "1.5.3");
  CHECK(s.run(request(Operation::kReplace, "", s.cib.to_string())).code == Code::kOk);
  CHECK(s.version() == "1.5.4");
  copy = xml::Document::copy_of(s.cib.root());
  copy.root().set("epoch", "50");
  copy.root().first_child("configuration").first_child("resources").first_child().set("id", "b");
  CHECK(s.run(request(Operation::kReplace, "", copy.root().to_string())).code == Code::kOk);
  CHECK(s.version() == "1.51.0");
  CHECK(s.run(by_xpath(Operation::kDelete, "/cib")).code == Code::kInvalidArgument);
  CHECK(s.run(request(Operation::kErase, "")).code == Code::kOk);
  CHECK(s.version() == "2.52.0");
  CHECK(s.run(request(Operation::kModify, "", "<cib epoch='0'/>")).code == Code::kOldData);
  CHECK(s.version() == "2.52.0");
}

TEST_CASE("a patch is applied once, on top of the version it was made for") {
  Service s;
  const std::string before = s.cib.to_string();
  const Outcome made = s.run(request(Operation::kCreate, "resources", "<primitive id='r1'/>"));
  REQUIRE(made.code == Code::kOk);
  Service other;
  REQUIRE(other.cib.to_string() == before);
  CHECK(other.run(request(Operation::kPatch, "", made.patch.text)).code == Code::kOk);
  CHECK(other.version() == "0.3.0");
  CHECK(other.run(request(Operation::kPatch, "", made.patch.text)).code == Code::kOldData);
}

TEST_CASE("increments count from scores and stop at infinity") {
  Service s;
  CallOptions options = score_update();
  options.may_create = true;
  const auto set = [&](const char* value) {
    return s.run(request(Operation::kModify, "crm_config",
                         "<nvpair id='n' value='" + std::string(value) + "'/>", options));
  };
  const auto value = [&] {
    return std::string(s.cib.find(s.cib.root(), "nvpair", "n").get_or("value", "-"));
  };
  set("true");
  set("value++");
  CHECK(value() == "1");
  set("value+=7");
  CHECK(value() == "8");
  set("value+=INFINITY");
  CHECK(value() == "1000000");
  set("value-1");
  CHECK(value() == "value-1");
}

TEST_CASE("what is merged into nothing is taken over; what says one thing twice is one thing") {
  Service s;
  const auto merge = [&](const std::string& children) {
    const Outcome outcome =
        s.run(request(Operation::kModify, "crm_config", "<crm_config>" + children + "</crm_config>",
                      score_update()));
    CHECK(outcome.code == Code::kOk);
    return s.cib.section("crm_config").last_child().to_string();
  };
  const std::string plain =
      "<cluster_property_set id=\"s\"><!-- why --><nvpair id=\"a\" name=\"n\" value=\"value++\"/>"
      "<nvpair id=\"b\"/><rule id=\"r\"><expression id=\"e\"/></rule></cluster_property_set>";
  CHECK(merge(plain) == plain);
  CHECK(s.cib.find(s.cib.root(), "expression", "e"));
  CHECK(merge("<cluster_property_set id='t'><nvpair id='a' name='x'/><nvpair id='b'/>"
              "<nvpair id='a' value='1'/></cluster_property_set>") ==
        "<cluster_property_set id=\"t\"><nvpair id=\"a\" name=\"x\" value=\"1\"/><nvpair id=\"b\"/>"
        "</cluster_property_set>");
  CHECK(
      merge("<cluster_property_set id='u'><rule><!-- c --><!-- C --></rule><rule score='1'/>"
            "</cluster_property_set>") ==
      "<cluster_property_set id=\"u\"><rule score=\"1\"><!-- c --></rule></cluster_property_set>");
}

TEST_CASE("deletion compares without case; sections known but missing are made by modify only") {
  Service s;
  s.run(request(Operation::kCreate, "resources", "<primitive id='r1'/>"));
  CHECK(s.run(request(Operation::kCreate, "tags", "<tag id='t'/>")).code == Code::kInvalidArgument);
  CallOptions may_create;
  may_create.may_create = true;
  CHECK(s.run(request(Operation::kModify, "tags", "<tag id='t'/>", may_create)).code == Code::kOk);
  CHECK(s.run(request(Operation::kModify, "nonsense", "<tag id='t'/>")).code ==
        Code::kInvalidArgument);
  CHECK(s.run(request(Operation::kDelete, "", "<primitive id='R1'/>")).code == Code::kOk);
  CHECK_FALSE(s.cib.section("resources").first_child());
}

TEST_CASE("a failed operation leaves the document byte for byte as it was") {
  Service s;
  s.cib = sample();
  const std::string before = s.cib.to_string();
  const auto check = [&](const Request& what, Code code) {
    CHECK(s.run(what).code == code);
    CHECK(s.cib.to_string() == before);
  };
  check(request(Operation::kCreate, "resources",
                "<resources><primitive id='c'/><primitive id='a'/></resources>"),
        Code::kExists);
  check(request(Operation::kReplace, "resources", "<primitive id='a'><invalid/></primitive>"),
        Code::kSchemaValidation);
  check(request(Operation::kModify, "", "<broken"), Code::kBadInput);
  check(request(Operation::kModify, "", "<x xmlns='urn:x'/>"), Code::kBadInput);
  Context old;
  old.feature_set = "3.20.5";
  CHECK(apply(s.cib, request(Operation::kModify, "", "<cib crm_feature_set='9'/>"), old, nullptr)
            .code == Code::kProtocolNotSupported);
  CHECK(s.cib.to_string() == before);
}

TEST_CASE("a transaction is all or nothing") {
  Service s;
  s.cib = sample();
  const std::string before = s.cib.to_string();
  std::vector<Request> parts{request(Operation::kCreate, "resources", "<primitive id='c'/>"),
                             request(Operation::kCreate, "resources", "<primitive id='a'/>")};
  CHECK(s.run(request(Operation::kTransaction, "", encode_transaction(parts))).code ==
        Code::kExists);
  CHECK(s.cib.to_string() == before);
  parts[1].data = "<primitive id='d'/>";
  const Outcome done = s.run(request(Operation::kTransaction, "", encode_transaction(parts)));
  CHECK(done.code == Code::kOk);
  CHECK(s.version() == "0.4.0");
  Service copy;
  copy.cib = parse(before);
  CHECK(copy.run(request(Operation::kPatch, "", done.patch.text)).code == Code::kOk);
}

TEST_CASE("queries give elements, collections, paths and attributes") {
  const Cib cib = sample();
  const auto ask = [&](Request what) { return query(cib, what, {}); };
  CHECK(ask(request(Operation::kQuery, "nodes")).data == "<nodes/>");
  CHECK(ask(request(Operation::kQuery, "nonsense")).code == Code::kNoSuchDevice);
  CHECK(ask(by_xpath(Operation::kQuery, "//primitive[@id='a']")).data ==
        "<primitive id=\"a\" class=\"ocf\"/>");
  CHECK(ask(by_xpath(Operation::kQuery, "//primitive/@id")).data == "<xpath-query id=\"b\"/>");
  CHECK(ask(by_xpath(Operation::kQuery, "//[")).code == Code::kInvalidArgument);
  Request what = by_xpath(Operation::kQuery, "//primitive");
  what.options.addresses = true;
  CHECK(ask(what).data.find("/cib/configuration/resources/primitive[@id='b']") !=
        std::string::npos);
  what = request(Operation::kQuery, "");
  what.options.no_children = true;
  CHECK(ask(what).data.find("configuration") == std::string::npos);
}

TEST_CASE("what changes only status is neither validated nor written, however it was asked for") {
  Service s;
  const auto state = [](const char* id) {
    return "<node_state id='" + std::string(id) + "' uname='n'><lrm/></node_state>";
  };
  CallOptions may_create;
  may_create.may_create = true;
  const auto modify_status = [&](const char* id) {
    return request(Operation::kModify, "status", "<status>" + state(id) + "</status>", may_create);
  };
  REQUIRE(s.run(modify_status("1")).code == Code::kOk);
  s.validator.verdict = {"everything is wrong"};
  const Outcome both = s.run(request(Operation::kTransaction, "",
                                     encode_transaction({modify_status("2"), modify_status("3")})));
  CHECK(both.code == Code::kOk);
  CHECK_FALSE(both.to_disk);
  const Outcome removed = s.run(by_xpath(Operation::kDelete, "//node_state[@id='1']/lrm"));
  CHECK(removed.code == Code::kOk);
  CHECK(removed.changed);
  CHECK_FALSE(removed.to_disk);

  // Anything outside is: the root's attributes, the configuration, even in company of status.
  CHECK(s.run(request(Operation::kModify, "", "<cib have-quorum='0'/>")).code ==
        Code::kSchemaValidation);
  std::vector<Request> parts{modify_status("4"),
                             request(Operation::kCreate, "resources", "<primitive id='p'/>")};
  CHECK(s.run(request(Operation::kTransaction, "", encode_transaction(parts))).code ==
        Code::kSchemaValidation);
}
