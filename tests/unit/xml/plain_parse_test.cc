#include "xml/plain_parse.h"

#include <libxml/parser.h>

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <string>

#include "xml/document.h"
#include "xml/node.h"
#include "xml/plain_tree.h"

using namespace quorate;

namespace {

struct FreeXmlDoc {
  void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
};
struct FreePlain {
  void operator()(xmlDoc* doc) const { xml::free_document(doc); }
};
using ByLibxml2 = std::unique_ptr<xmlDoc, FreeXmlDoc>;
using Plain = std::unique_ptr<xmlDoc, FreePlain>;

ByLibxml2 by_libxml2(const std::string& text) {
  const std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> context(xmlNewParserCtxt(),
                                                                             xmlFreeParserCtxt);
  constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_HUGE |
                           XML_PARSE_COMPACT | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES |
                           XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
  return ByLibxml2(xmlCtxtReadMemory(context.get(), text.data(), static_cast<int>(text.size()),
                                     nullptr, nullptr, kOptions));
}

std::string dump(const xmlNode* node) {
  std::string text = std::to_string(node->type) + "(";
  if (node->name != nullptr) text += reinterpret_cast<const char*>(node->name);
  if (node->type != XML_ELEMENT_NODE) {
    return text + "|" + reinterpret_cast<const char*>(node->content) + ")";
  }
  text += "@" + std::to_string(xmlGetLineNo(node));
  for (const xmlAttr* attr = node->properties; attr != nullptr; attr = attr->next) {
    CHECK(attr->parent == node);
    CHECK((attr->next == nullptr || attr->next->prev == attr));
    text +=
        std::string(" ") + reinterpret_cast<const char*>(attr->name) + "=" + dump(attr->children);
  }
  for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
    CHECK(child->parent == node);
    CHECK((child->next == nullptr ? node->last : child->next->prev) == child);
    text += "," + dump(child);
  }
  return text + ")";
}

/// Whether it was taken for plain. If so libxml2 must make the same of it.
bool is_read_alike(const std::string& text) {
  const Plain plain(xml::parse_plain(text, 256));
  if (!plain) return false;
  const ByLibxml2 reference = by_libxml2(text);
  CAPTURE(text);
  REQUIRE(reference);
  CHECK(dump(xmlDocGetRootElement(plain.get())) == dump(xmlDocGetRootElement(reference.get())));
  return true;
}

}  // namespace

TEST_CASE("plain documents are read as libxml2 reads them") {
  for (const char* text : {
           "<a/>",
           "<?xml version=\"1.0\"?>\n<a>\n  <b x='1'\n y=\"2\"/>\n\n  <c></c>\n</a>\n",
           "<a x=\"&lt;&amp;&gt;&quot;&apos;\" y='&#10;&#9;&#13;&#xA;'/>",
           "<a x='a\nb\tc' y='\"'><b/></a>",
           "<a> </a>",
           "<a> <b> </b> <c/> </a>",
           "<a>text</a>",
           "<a> text &amp; more\n<b/> <c/>\n</a>",
           "<a>\n&lt;</a>",
           "<a><!-- note --><b/><!----><!-- <c> & --> </a>",
           "<a x='\xc3\xa9'>\xe2\x82\xac</a>",
           "<a  x = '1' ></a  >",
       }) {
    CAPTURE(text);
    CHECK(is_read_alike(text));
  }
}

TEST_CASE("what isn't plain or well-formed is left to libxml2") {
  for (const char* text : {"",
                           " ",
                           "a",
                           "<",
                           "<a",
                           "<a>",
                           "<a></b>",
                           "<a/><b/>",
                           "<a/>x",
                           "<a x='1' x='2'/>",
                           "<a x/>",
                           "<a x=1/>",
                           "<a x='<'/>",
                           "<a x='&'/>",
                           "<a x='&nosuch;'/>",
                           "<a x='1'y='2'/>",
                           "<a><![CDATA[x]]></a>",
                           "<a><?php ?></a>",
                           "<!DOCTYPE a><a/>",
                           "<a xmlns='urn:x'/>",
                           "<n:a xmlns:n='urn:x'/>",
                           "<a n:x='1'/>",
                           "<a>\r\n</a>",
                           "<a x='\r'/>",
                           "<a>]]></a>",
                           "<a><b/>text<c/> </a>",
                           "<a><b/>tail <!-- c --> </a>",
                           "<a><!-- -- --></a>",
                           "<a><!-- --->",
                           "<a x='\x01'/>",
                           "<a x='\xc3'/>",
                           "<a x='\xed\xa0\x80'/>",
                           "<a x='\xef\xbf\xbf'/>",
                           "<a x='\xc0\x80'/>",
                           "<1a/>",
                           "<a / >",
                           "<!-- c --><a/>"}) {
    CAPTURE(text);
    CHECK(xml::parse_plain(text, 256) == nullptr);
  }
  CHECK(xml::parse_plain(std::string("<a x='\0'/>", 10), 256) == nullptr);
  CHECK(xml::parse_plain("<a><a><a/></a></a>", 2) == nullptr);
}

TEST_CASE("whatever is put together, it is read alike or left to libxml2") {
  static constexpr std::array kParts = {
      "<a>",   "</a>",  "<b x='1'>", "</b>",     "<c/>", " ",          "\n",  "text",
      "&amp;", "&#10;", "\"",        "<",        "/>",   "<!--",       "-->", "=",
      "y='",   "'",     "\t",        "\xc3\xa9", "]",    ">",          "&",   "z=\"&gt;\"",
      "<d ",   "<a>\n", "</a >",     "\r",       "<e",   " q=\"a\nb\""};
  std::mt19937 random(1);
  int plain = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text = random() % 4 == 0 ? "" : "<a>";
    for (auto left = random() % 12; left > 0; --left) text += kParts[random() % kParts.size()];
    if (random() % 4 != 0) text += "</a>";
    plain += is_read_alike(text) ? 1 : 0;
  }
  CHECK(plain > 500);
}

TEST_CASE("plain documents can be changed in every way") {
  auto document = xml::Document::parse("<a x='1' y='2'>t<b id='1'/><!-- c --><c/></a>");
  REQUIRE(document);
  xml::Element root = document->root();
  REQUIRE(xml::is_plain(document->raw()));
  const std::string long_value(100, 'v');
  root.set("x", long_value);
  root.set("x", *root.get("x"));
  CHECK(root.get("x") == long_value);
  root.set("x", root.get("x")->substr(0, 3));
  CHECK(root.get("x") == "vvv");
  root.set("x", root.get("x")->substr(1));
  root.set("z", std::string(3'000'000, 'z'));
  CHECK(root.get("z")->size() == 3'000'000);
  CHECK(root.remove_attribute("z"));
  CHECK_FALSE(root.remove_attribute("z"));
  CHECK(root.remove_attribute("y"));
  root.rename("renamed");
  root.set_text("other & more");
  root.first_child("b").add("d").set("id", "2");
  root.first_child("b").add_copy(root.first_child("b").first_child()).add_after("e");
  xml::add_comment(root.first_child("c"), " note ");
  xml::Document copy = document->copy();
  root.first_child("b").move_before(root.last_child());
  CHECK(root.to_string() ==
        "<renamed x=\"vv\"><!-- c --><b id=\"1\"><d id=\"2\"/><d id=\"2\"/><e/></b><c><!-- note "
        "--></c>other &amp; more</renamed>");
  root.first_child("b").clear_children();
  root.last_child().remove();
  CHECK(root.to_string() == "<renamed x=\"vv\"><!-- c --><b id=\"1\"/>other &amp; more</renamed>");
  CHECK(copy.root().child_count() == 2);
}

TEST_CASE("names are right however many there are") {
  xml::Document document = xml::Document::with_root("root");
  for (int i = 0; i < 50'000; ++i) document.root().add("n" + std::to_string(i % 20'000));
  int i = 0;
  for (const xml::Element child : xml::children(document.root())) {
    if (child.name() != "n" + std::to_string(i % 20'000)) FAIL("wrong name at " << i);
    ++i;
  }
  auto parsed = xml::Document::parse(document.root().to_string());
  REQUIRE(parsed);
  CHECK(parsed->root().to_string() == document.root().to_string());
}
