#include "xml/parsed.h"

#include <catch2/catch.hpp>
#include <string>

using namespace quorate;

namespace {

bool without_text(xml::Element root) {
  root.set_text("");
  return root.name() != "refused";
}

}  // namespace

TEST_CASE("the same text is parsed once while it is remembered") {
  xml::Parsed::remember(2, 100);
  const auto first = xml::Parsed::from("<a x='1'/>", "test");
  REQUIRE(first);
  CHECK(xml::Parsed::from("<a x='1'/>", "test")->root() == first->root());
  CHECK_FALSE(xml::Parsed::from("<a x='2'/>", "test")->root() == first->root());
  (void)xml::Parsed::from("<a x='3'/>", "test");
  CHECK_FALSE(xml::Parsed::from("<a x='1'/>", "test")->root() == first->root());
  CHECK(first->root().to_string() == "<a x=\"1\"/>");
}

TEST_CASE("long texts aren't remembered, and none if that is asked for") {
  xml::Parsed::remember(2, 100);
  const std::string text = "<a x='" + std::string(200, 'x') + "'/>";
  const auto first = xml::Parsed::from(text, "test");
  CHECK_FALSE(xml::Parsed::from(text, "test")->root() == first->root());
  xml::Parsed::remember(0, 100);
  const auto unshared = xml::Parsed::from("<a/>", "test");
  CHECK_FALSE(xml::Parsed::from("<a/>", "test")->root() == unshared->root());
}

TEST_CASE("what is made ready is kept apart from what isn't, and refusals are errors each time") {
  xml::Parsed::remember(4, 100);
  CHECK(xml::Parsed::from("<a>t</a>", "test")->root().text() == "t");
  CHECK(xml::Parsed::from("<a>t</a>", "test", without_text)->root().text().empty());
  CHECK(xml::Parsed::from("<a>t</a>", "test")->root().text() == "t");
  for (int i = 0; i < 2; ++i) {
    const auto refused = xml::Parsed::from("<refused/>", "test", without_text, "not this");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "not this");
    const auto broken = xml::Parsed::from("<a", "some source");
    REQUIRE_FALSE(broken);
    CHECK(broken.error().message.find("some source") == 0);
  }
}
