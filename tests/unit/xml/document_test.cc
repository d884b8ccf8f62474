#include "xml/document.h"

#include <catch2/catch.hpp>

#include "xml/node.h"
#include "xml/xpath.h"

using namespace quorate;

TEST_CASE("elements are walked, changed and written back") {
  auto document =
      xml::Document::parse("<a x='1'><b id='p'/><!-- c --><c>t&amp;u</c><b id='q'/></a>");
  REQUIRE(document);
  xml::Element root = document->root();
  CHECK(root.get("x") == "1");
  CHECK_FALSE(root.get("y"));
  int seen = 0;
  for (xml::Element b : xml::children(root, "b")) seen += b.id() == "p" ? 1 : 10;
  CHECK(seen == 11);
  CHECK(root.first_child("c").text() == "t&u");
  root.set("y", "<\"&>");
  root.first_child("b").remove();
  CHECK(root.first_child("c").previous() == xml::Element());
  CHECK(root.to_string() ==
        "<a x=\"1\" y=\"&lt;&quot;&amp;&gt;\"><!-- c --><c>t&amp;u</c><b id=\"q\"/></a>");
  CHECK(root.last_child().path() == "/a/b[@id='q']");
}

TEST_CASE("what isn't well-formed is refused with the line") {
  const auto broken = xml::Document::parse("<a>\n<b></a>", "cib.xml");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message.find("cib.xml: line 2") == 0);
  CHECK_FALSE(xml::Document::parse(""));
}

TEST_CASE("entities and document types are refused") {
  CHECK_FALSE(xml::Document::parse("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"));
  CHECK_FALSE(xml::Document::parse("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"));
}

TEST_CASE("nesting is bounded") {
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "<a>";
  for (int i = 0; i < 300; ++i) deep += "</a>";
  CHECK_FALSE(xml::Document::parse(deep));
  CHECK(xml::Document::parse(deep, "input", {1 << 20, 300}));
}

TEST_CASE("XPath selects in document order") {
  auto document = xml::Document::parse("<a><b id='1'/><c><b id=\"it's\"/></c></a>");
  auto found = xml::find_all(document->root(), "//b");
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].id() == "1");
  found = xml::find_all(document->root(), "//b[@id=" + xml::xpath_literal("it's") + "]");
  REQUIRE(found);
  CHECK(found->size() == 1);
  CHECK_FALSE(xml::find_all(document->root(), "//["));
}

TEST_CASE("every element is visited once, in document order") {
  auto document = xml::Document::parse("<a><b><c/><d/></b><e/></a>");
  std::string order;
  xml::for_each_descendant(document->root(), [&](xml::Element e) { order += e.name(); });
  CHECK(order == "abcde");
}

TEST_CASE("lists of attributes are taken, compared and set back") {
  auto document = xml::Document::parse("<a x='1' y='' longer-name='&lt;'/>");
  xml::Element root = document->root();
  const xml::AttributeList before = xml::attribute_list(root);
  REQUIRE(before.size() == 3);
  CHECK(before[2] == xml::AttributeList::Entry("longer-name", "<"));
  CHECK(before.find("y") == "");
  CHECK_FALSE(before.find("z"));
  CHECK(xml::has_attributes(root, before));
  const auto changed = [&](const xml::AttributeList& list) {
    xml::set_attribute_list(root, list);
    CHECK(xml::has_attributes(root, list));
    CHECK_FALSE(xml::has_attributes(root, before));
    CHECK_FALSE(list == before);
    return root.to_string();
  };
  CHECK(changed({{"x", "2"}, {"y", ""}, {"longer-name", "<"}}) ==
        "<a x=\"2\" y=\"\" longer-name=\"&lt;\"/>");
  CHECK(changed({{"y", ""}, {"x", "1"}, {"longer-name", "<"}}) ==
        "<a y=\"\" x=\"1\" longer-name=\"&lt;\"/>");
  CHECK(changed({{"y", ""}}) == "<a y=\"\"/>");
  CHECK(changed({}) == "<a/>");
  CHECK(changed({{"y", ""}, {"z", ""}}) == "<a y=\"\" z=\"\"/>");
  xml::set_attribute_list(root, before);
  CHECK(xml::has_attributes(root, before));
}

TEST_CASE("long documents in other encodings are read to their end") {
  constexpr std::size_t kElements = 5'000;
  for (const char* encoding : {"UTF-8", "ISO-8859-1", "ASCII", "UTF-16LE"}) {
    std::string text = "<?xml version='1.0' encoding='" + std::string(encoding) + "'?><a>";
    for (std::size_t i = 0; i < kElements; ++i) text += "<b x='0123456789'/>";
    text += "</a>";
    if (encoding == std::string("UTF-16LE")) {
      std::string wide = "\xff\xfe";
      for (const char c : text) wide += {c, '\0'};
      text = wide;
    }
    INFO(encoding);
    const auto document = xml::Document::parse(text);
    REQUIRE(document);
    CHECK(document->root().child_count() == kElements);
  }
}

TEST_CASE("short and long documents are read alike, wherever they end") {
  using namespace std::string_literals;
  const std::string filler(100'000, 'f');
  for (const std::string& head : {"<a>"s, "<a x='" + filler + "'>"}) {
    INFO(head.size());
    for (const char* body : {"<b y='1'/></a>", "t&#228;\xc3\xa4</a>\n", "</a><!-- c -->"}) {
      // What follows the text in memory is not part of it.
      const std::string with_more = head + body + "<c/>";
      INFO(body);
      CHECK(xml::Document::parse(std::string_view(with_more).substr(0, with_more.size() - 4)));
      CHECK_FALSE(xml::Document::parse(with_more));
    }
    for (const std::string& body :
         {""s, "<"s, "<b"s, "<b y"s, "<b y="s, "<b y='"s, "<b y=''"s, "</a"s, "\0</a>"s,
          "\xff</a>"s, "<b y='\xc3'/></a>"s, "&#0;</a>"s, "&e;</a>"s, "</a><a/>"s}) {
      INFO(body);
      CHECK_FALSE(xml::Document::parse(head + body));
    }
  }
  CHECK_FALSE(xml::Document::parse("<"));
  CHECK(xml::Document::parse("<?xml version='1.0' encoding='ISO-8859-1'?><a x='\xe4'/>")
            ->root()
            .get("x") == "\xc3\xa4");
  CHECK_FALSE(xml::Document::parse("<a x='\xe4'/>"));
}
