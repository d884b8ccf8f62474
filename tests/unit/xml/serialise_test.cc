#include "xml/serialise.h"

#include <libxml/tree.h>

#include <catch2/catch.hpp>
#include <random>

using namespace quorate;

namespace {

std::string by_libxml2(xml::Element element, int format) {
  xmlBufferPtr buffer = xmlBufferCreate();
  xmlNodeDump(buffer, element.raw()->doc, element.raw(), 0, format);
  std::string text(reinterpret_cast<const char*>(xmlBufferContent(buffer)));
  xmlBufferFree(buffer);
  return text;
}

/// Text of everything that needs escaping or has its own rules.
std::string some_text(std::mt19937& random) {
  static const char* const kParts[] = {"a",  "<", ">",  "&",        "\"",  "'",           "\n",
                                       "\t", " ", "zz", "\xc3\xa9", "]]>", "\xe2\x82\xac"};
  std::string text;
  for (auto left = random() % 5; left > 0; --left) text += kParts[random() % std::size(kParts)];
  return text;
}

void grow(std::mt19937& random, xml::Element element, int depth) {
  for (auto left = random() % 4; left > 0; --left) {
    element.set("a" + std::to_string(random() % 9), some_text(random));
  }
  if (random() % 6 == 0) {
    const std::string text = some_text(random);
    if (!text.empty()) element.set_text(text);
  }
  if (random() % 6 == 0) xml::add_comment(element, "note & <more>");
  if (depth == 0) return;
  for (auto left = random() % 4; left > 0; --left) grow(random, element.add("e"), depth - 1);
}

}  // namespace

TEST_CASE("text of elements is what libxml2 writes, dense and indented") {
  std::mt19937 random(20261121);
  for (int i = 0; i < 400; ++i) {
    const xml::Document document = xml::Document::with_root("root");
    grow(random, document.root(), static_cast<int>(random() % 6));
    REQUIRE(document.root().to_string() == by_libxml2(document.root(), 0));
    REQUIRE(document.root().to_pretty_string() == by_libxml2(document.root(), 1));
    for (const xml::Element child : xml::children(document.root())) {
      REQUIRE(child.to_pretty_string() == by_libxml2(child, 1));
    }
  }
}

TEST_CASE("an attribute is written so that reading it gives the value back") {
  const std::string value = "a<b>&\"c\n\t\r\xc3\xa9";
  std::string text = "<e";
  xml::append_attribute(text, {"v", value});
  const auto document = xml::Document::parse(text + "/>");
  REQUIRE(document);
  CHECK(document->root().get("v") == value);
}
