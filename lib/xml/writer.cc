#include "xml/writer.h"

#include <utility>

namespace quorate::xml {
namespace {

void append_escaped(std::string& out, std::string_view text, bool attribute) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += attribute ? "&quot;" : "\"";
        break;
      case '\t':
        out += attribute ? "&#9;" : "\t";
        break;
      case '\n':
        out += attribute ? "&#10;" : "\n";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace

void Writer::indent() { text_.append(2 * open_.size(), ' '); }

void Writer::end_tag() {
  if (!in_tag_) return;
  text_ += ">\n";
  in_tag_ = false;
}

void Writer::open(std::string_view name) {
  end_tag();
  indent();
  text_ += '<';
  text_ += name;
  open_.emplace_back(name);
  in_tag_ = true;
}

void Writer::attribute(std::string_view name, std::string_view value) {
  if (!in_tag_) return;
  text_ += ' ';
  text_ += name;
  text_ += "=\"";
  append_escaped(text_, value, true);
  text_ += '"';
}

void Writer::attribute(std::string_view name, std::int64_t value) {
  attribute(name, std::string_view(std::to_string(value)));
}

void Writer::close() {
  if (open_.empty()) return;
  const std::string name = std::move(open_.back());
  open_.pop_back();
  if (in_tag_) {
    text_ += "/>\n";
    in_tag_ = false;
    return;
  }
  indent();
  text_ += "</" + name + ">\n";
}

void Writer::close_with_text(std::string_view text) {
  if (!in_tag_) return close();
  text_ += '>';
  append_escaped(text_, text, false);
  text_ += "</" + open_.back() + ">\n";
  open_.pop_back();
  in_tag_ = false;
}

void Writer::text_element(std::string_view name, std::string_view text) {
  open(name);
  close_with_text(text);
}

void Writer::cdata_element(std::string_view name, std::string_view text) {
  open(name);
  text_ += "><![CDATA[";
  for (std::size_t at; (at = text.find("]]>")) != std::string_view::npos;
       text.remove_prefix(at + 2)) {
    text_ += text.substr(0, at + 2);
    text_ += "]]><![CDATA[";
  }
  text_ += text;
  text_ += "]]></" + open_.back() + ">\n";
  open_.pop_back();
  in_tag_ = false;
}

std::string Writer::finish() {
  while (!open_.empty()) close();
  return std::exchange(text_, {});
}

}  // namespace quorate::xml
