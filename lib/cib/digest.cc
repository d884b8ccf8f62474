#include "cib/digest.h"

#include <algorithm>
#include <array>

#include "base/digest.h"

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
  for (const xml::Attribute& attribute : element.attributes()) {
    if (kind == DigestKind::kOnWire && std::find(kLocalAttributes.begin(), kLocalAttributes.end(),
                                                 attribute.name) != kLocalAttributes.end()) {
      continue;
    }
    out += ' ';
    out += attribute.name;
    out += "=\"";
    append_value(out, attribute.value);
    out += '"';
  }
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

}  // namespace quorate::cib
