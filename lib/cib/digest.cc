#include "cib/digest.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "xml/serialise.h"

namespace quorate::cib {
namespace {

constexpr std::array<std::string_view, 5> kLocalAttributes = {
    "crm-debug-origin", "cib-last-written", "update-origin", "update-client", "update-user"};

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte != 0x7f && c != '<' && c != '>' && c != '&' && c != '"';
}

void append_value(std::string& out, std::string_view value) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  while (true) {
    const auto special = std::find_if_not(value.begin(), value.end(), is_plain);
    out.append(value.begin(), special);
    if (special == value.end()) return;
    const auto byte = static_cast<unsigned char>(*special);
    switch (*special) {
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
        out += "&#x";
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
        out += ';';
    }
    value.remove_prefix(static_cast<std::size_t>(special - value.begin()) + 1);
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

namespace {

/// Visits what is stored: the root's attributes, and its children but status, which may be most of
/// the document.
template <class OnAttribute, class OnChild>
void visit_stored(const Cib& cib, OnAttribute&& on_attribute, OnChild&& on_child) {
  cib.root().for_each_attribute([&](xml::Attribute attribute) {
    if (attribute.name == "num_updates") attribute.value = "0";
    on_attribute(attribute);
  });
  for (xml::Node child = xml::Node(cib.root()).first_child(); child; child = child.next()) {
    if (child.is_comment() || child.element().name() != "status") on_child(child);
  }
}

}  // namespace

std::string stored_text(const Cib& cib) {
  std::string text = "<?xml version=\"1.0\"?>\n<cib";
  bool empty = true;
  visit_stored(
      cib, [&](const xml::Attribute& attribute) { xml::append_attribute(text, attribute); },
      [&](xml::Node child) {
        text += empty ? ">\n  " : "\n  ";
        empty = false;
        xml::append_text(text, child, xml::Layout::kIndented, 1);
      });
  text += empty ? "/>\n" : "\n</cib>\n";
  return text;
}

std::string digest_as_stored(const Cib& cib) {
  std::string text = " <cib";
  bool empty = true;
  visit_stored(
      cib, [&](const xml::Attribute& attribute) { append_digested(text, attribute); },
      [&](xml::Node child) {
        if (empty) text += '>';
        empty = false;
        append(text, child, DigestKind::kOnDisk);
      });
  text += empty ? "/>\n" : "</cib>\n";
  return md5_hex(text);
}

}  // namespace quorate::cib
