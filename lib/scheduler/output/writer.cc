#include "scheduler/output/writer.h"

#include <algorithm>
#include <array>

namespace quorate::scheduler {

namespace {

/// By character: whether it stands for itself in an attribute's value.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned c = 0x20; c < plain.size(); ++c) {
    plain[c] = c != '&' && c != '<' && c != '>' && c != '"' && c != 0x7f;
  }
  return plain;
}();

bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

void append_reference(std::string& text, char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto code = static_cast<unsigned char>(c);
  text += "&#x";
  text += kDigits[code >> 4];
  text += kDigits[code & 15];
  text += ';';
}

}  // namespace

void XmlWriter::append_escaped(std::string_view value) {
  if (std::all_of(value.begin(), value.end(), is_plain)) {
    text_ += value;
    return;
  }
  for (const char c : value) {
    switch (c) {
      case '&':
        text_ += "&amp;";
        break;
      case '<':
        text_ += "&lt;";
        break;
      case '>':
        text_ += "&gt;";
        break;
      case '"':
        text_ += "&quot;";
        break;
      default:
        if (is_plain(c)) {
          text_ += c;
        } else {
          append_reference(text_, c);
        }
    }
  }
}

}  // namespace quorate::scheduler
