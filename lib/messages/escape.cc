#include "messages/escape.h"

#include <array>
#include <charconv>

#include "base/text.h"

namespace quorate::codec {
namespace {

// What a byte asks for; most ask for nothing, and text of such bytes only is copied as it is.
constexpr unsigned char kMarkup = 1;    ///< escaped everywhere
constexpr unsigned char kLayout = 2;    ///< tab and line end, escaped in fields
constexpr unsigned char kDoubtful = 4;  ///< control character, or part of UTF-8 if it is valid

constexpr std::array<unsigned char, 256> classes() {
  std::array<unsigned char, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    if (byte < 0x20 || byte >= 0x80) table[byte] = kDoubtful;
  }
  table['\t'] = table['\n'] = kLayout;
  table['\r'] = kMarkup;
  table['&'] = table['<'] = table['>'] = table['"'] = kMarkup;
  return table;
}
constexpr std::array<unsigned char, 256> kClasses = classes();

unsigned char class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

unsigned classes_in(std::string_view text) {
  unsigned found = 0;
  for (const char c : text) found |= class_of(c);
  return found;
}

void append_reference(std::string& out, char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    default:
      out += "&#x";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 15];
      out += ';';
  }
}

/// The character of a reference (without `&` and `;`); -1 if it is none of ours.
int referenced(std::string_view name) {
  if (name == "amp") return '&';
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "quot") return '"';
  if (name == "apos") return '\'';
  if (name.substr(0, 2) != "#x") return -1;
  unsigned code = 0;
  const auto [end, error] = std::from_chars(name.data() + 2, name.data() + name.size(), code, 16);
  const bool whole = error == std::errc{} && end == name.data() + name.size();
  return whole && code < 0x80 ? static_cast<int>(code) : -1;
}

bool resolve_references(std::string_view escaped, std::string& text) {
  text.clear();
  text.reserve(escaped.size());
  for (;;) {
    const std::size_t start = escaped.find('&');
    text.append(escaped.substr(0, start));
    if (start == std::string_view::npos) return true;
    escaped.remove_prefix(start + 1);
    const std::size_t end = escaped.substr(0, 8).find(';');
    const int c = end == std::string_view::npos ? -1 : referenced(escaped.substr(0, end));
    if (c < 0) return false;
    text += static_cast<char>(c);
    escaped.remove_prefix(end + 1);
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text, Place place, Bytes bytes) {
  const unsigned found = classes_in(text);
  if (found == 0) {
    out.append(text);
    return;
  }
  std::string safe;
  if ((found & kDoubtful) != 0 && bytes == Bytes::kPrintable) text = safe = to_xml_safe(text);
  const unsigned escaped = place == Place::kField ? kMarkup | kLayout : kMarkup;
  for (const char c : text) {
    const unsigned asks = class_of(c);
    const bool control = asks == kDoubtful && static_cast<unsigned char>(c) < 0x20;
    if ((asks & escaped) != 0 || control) {
      append_reference(out, c);
    } else {
      out += c;
    }
  }
}

bool unescape(std::string_view escaped, std::string& text, Bytes bytes) {
  if (classes_in(escaped) == 0) {
    text.assign(escaped);
    return true;
  }
  if (!resolve_references(escaped, text)) return false;
  if (bytes == Bytes::kPrintable && (classes_in(text) & kDoubtful) != 0) text = to_xml_safe(text);
  return true;
}

}  // namespace quorate::codec
