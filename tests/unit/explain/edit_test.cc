#include "explain/edit.h"

#include <catch2/catch.hpp>

using namespace quorate;
using explain::Edit;

namespace {

xml::Document cib() {
  return *xml::Document::parse(
      "<cib><configuration><constraints><rsc_location id='a'/><rsc_location id='b'/></constraints>"
      "</configuration><status><node_state uname='n1'><x><nvpair id='1' name='standby'/>"
      "<nvpair id='2' name='standby'/></x></node_state></status></cib>");
}

}  // namespace

TEST_CASE("a deletion removes every element its path selects and no other") {
  const xml::Document document = cib();
  const Edit edit{
      Edit::Operation::kDelete, "//node_state[@uname='n1']//nvpair[@name='standby']", {}, {}};
  CHECK(explain::apply_edits(document.root(), {edit}));
  CHECK(document.root().to_string().find("nvpair") == std::string::npos);
  CHECK(document.root().to_string().find("rsc_location id=\"a\"") != std::string::npos);
}

TEST_CASE("a modification sets attributes and removes those without value") {
  const xml::Document document = cib();
  const Edit edit{Edit::Operation::kModify,
                  "//rsc_location[@id='a']",
                  {{"score", "5"}, {"rsc", std::nullopt}},
                  {}};
  CHECK(explain::apply_edits(document.root(), {edit}));
  CHECK(document.root().to_string().find("<rsc_location id=\"a\" score=\"5\"/>") !=
        std::string::npos);
}

TEST_CASE("a new element becomes the last child of its parent") {
  const xml::Document document = cib();
  const Edit edit{Edit::Operation::kCreate, "//constraints", {}, "<rsc_order id='o'/>"};
  CHECK(explain::apply_edits(document.root(), {edit}));
  CHECK(document.root().to_string().find("<rsc_location id=\"b\"/><rsc_order id=\"o\"/>") !=
        std::string::npos);
}

TEST_CASE("edits that change nothing or don't parse are refused") {
  const xml::Document document = cib();
  CHECK_FALSE(
      explain::apply_edits(document.root(), {{Edit::Operation::kDelete, "//none", {}, {}}}));
  CHECK_FALSE(explain::apply_edits(document.root(), {{Edit::Operation::kDelete, "//[", {}, {}}}));
  CHECK_FALSE(explain::apply_edits(document.root(),
                                   {{Edit::Operation::kCreate, "//constraints", {}, "<broken"}}));
}
