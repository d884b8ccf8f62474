#include "cib/digest.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "xml/serialise.h"

namespace quorate::cib {
namespace {

constexpr std::array<std::string_view, 5> kLocalAttributes = {
    "crm-debug-origin", "cib-last-written", "update-origin", "update-client", "update-user"};

void append_value(std::string& out, std::string_view value) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          out += "&#x";
          out += kDigits[byte >> 4];
          out += kDigits[byte & 15];
          out += ';';
        } else {
          out += c;
        }
    }
  }
}

bool is_local(std::string_view name) {
  return std::find(kLocalAttributes.begin(), kLocalAttributes.end(), name) !=
         kLocalAttributes.end();
}

void append_digested(std::string& out, const xml::Attribute& attribute) {
  out += ' ';
  out += attribute.name;
  out += "=\"";
  append_value(out, attribute.value);
  out += '"';
}

void append(std::string& out, xml::Node node, DigestKind kind) {
  if (node.is_comment()) {
    out += "<!--";
    out += node.comment_text();
    out += "-->";
    return;
  }
  const xml::Element element = node.element();
  out += '<';
  out += element.name();
  element.for_each_attribute([&](const xml::Attribute& attribute) {
    if (kind == DigestKind::kOnWire && is_local(attribute.name)) return;
    append_digested(out, attribute);
  });
  xml::Node child = node.first_child();
  if (!child) {
    out += "/>";
    return;
  }
  out += '>';
  for (; child; child = child.next()) append(out, child, kind);
  out += "</";
  out += element.name();
  out += '>';
}

}  // namespace

std::string canonical_text(xml::Element element, DigestKind kind) {
  std::string text;
  if (kind == DigestKind::kOnDisk) text += ' ';
  append(text, element, kind);
  if (kind == DigestKind::kOnDisk) text += '\n';
  return text;
}

std::string digest_of(xml::Element element, DigestKind kind) {
  return md5_hex(canonical_text(element, kind));
}

Stored stored_form(const Cib& cib) {
  // Root attributes and what isn't status: that may be most of the document.
  Stored stored{"<?xml version=\"1.0\"?>\n<cib", " <cib"};
  cib.root().for_each_attribute([&](xml::Attribute attribute) {
    if (attribute.name == "num_updates") attribute.value = "0";
    xml::append_attribute(stored.text, attribute);
    append_digested(stored.digest, attribute);
  });
  const char* end_of_tag = ">";
  for (xml::Node child = xml::Node(cib.root()).first_child(); child; child = child.next()) {
    if (!child.is_comment() && child.element().name() == "status") continue;
    stored.text += end_of_tag;
    stored.text += "\n  ";
    stored.digest += end_of_tag;
    end_of_tag = "";
    xml::append_text(stored.text, child, xml::Layout::kIndented, 1);
    append(stored.digest, child, DigestKind::kOnDisk);
  }
  const bool empty = *end_of_tag != '\0';
  stored.text += empty ? "/>\n" : "\n</cib>\n";
  stored.digest += empty ? "/>\n" : "</cib>\n";
  stored.digest = md5_hex(stored.digest);
  return stored;
}

std::string stored_digest(std::string_view text) {
  const auto document = Cib::parse(text, "stored CIB");
  return document ? digest_of(document->root(), DigestKind::kOnDisk) : std::string();
}

}  // namespace quorate::cib
