#include "messages/markup.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace quorate::codec {
namespace {

constexpr std::size_t kMaxNameLength = 64;

constexpr std::array<bool, 256> kNameCharacters = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) {
    table[static_cast<std::size_t>(c)] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                         (c >= '0' && c <= '9') || c == '-' || c == '_';
  }
  return table;
}();

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::size_t name_length(std::string_view text) {
  const std::size_t most = std::min(text.size(), kMaxNameLength);
  std::size_t length = 0;
  while (length < most && kNameCharacters[static_cast<unsigned char>(text[length])]) ++length;
  return length;
}

class Parser {
 public:
  Parser(std::string_view text, Markup& markup) : text_(text), markup_(markup) {}

  /// What is wrong with the text; null if nothing is.
  const char* run() {
    if (element(1) && at_ != text_.size()) refuse("something follows its end");
    return wrong_;
  }

 private:
  bool refuse(const char* why) {
    wrong_ = why;
    return false;
  }

  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool skip(std::string_view expected) {
    if (text_.compare(at_, expected.size(), expected) != 0) return false;
    at_ += expected.size();
    return true;
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  /// One element, from its `<` to behind its end.
  bool element(int depth) {
    if (depth > kMaxDepth) return refuse("it is nested too deeply");
    if (markup_.elements.size() == kMaxElements) return refuse("it has too many elements");
    const std::size_t length = next_is('<') ? name_length(text_.substr(at_ + 1)) : 0;
    if (length == 0) return refuse("it doesn't begin with an element");
    const std::size_t index = markup_.elements.size();
    Markup::Element& element = markup_.elements.emplace_back();
    element.name = text_.substr(at_ + 1, length);
    element.first_field = static_cast<std::uint32_t>(markup_.fields.size());
    at_ += 1 + length;
    if (!fields()) return false;
    element.field_count = static_cast<std::uint32_t>(markup_.fields.size()) - element.first_field;
    if (!skip("/>") && !(skip(">") ? content(index, depth) : refuse("an element has no end"))) {
      return false;
    }
    markup_.elements[index].end = static_cast<std::uint32_t>(markup_.elements.size());
    return true;
  }

  bool fields() {
    const std::size_t most = std::min(kMaxFields, markup_.fields.size() + kMaxFieldsOfElement);
    for (;;) {
      skip_blanks();
      const std::size_t length = name_length(text_.substr(at_));
      if (length == 0) return true;
      const std::string_view name = text_.substr(at_, length);
      at_ += length;
      if (!skip("=")) return refuse("a field has no value");
      const char quote = at_ < text_.size() ? text_[at_] : ' ';
      if (quote != '"' && quote != '\'') return refuse("a field has no value");
      const std::size_t end = text_.find(quote, ++at_);
      if (end == std::string_view::npos) return refuse("a field's value has no end");
      if (markup_.fields.size() == most) return refuse("it has too many fields");
      markup_.fields.push_back({name, text_.substr(at_, end - at_)});
      at_ = end + 1;
    }
  }

  /// Content and end tag of the element with this index.
  bool content(std::size_t index, int depth) {
    const Markup::Element start = markup_.elements[index];
    if (start.field_count > 0 && markup_.fields[start.first_field].name == "bytes") {
      if (!raw(index, markup_.fields[start.first_field].value)) return false;
    } else if (!text_or_elements(index, depth)) {
      return false;
    }
    if (!skip("</") || !skip(start.name)) return refuse("an element isn't complete");
    skip_blanks();
    return skip(">") || refuse("an element isn't complete");
  }

  bool raw(std::size_t index, std::string_view length) {
    std::size_t bytes = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bytes);
    if (error != std::errc{} || end != length.data() + length.size() ||
        bytes > text_.size() - at_) {
      return refuse("the number of raw bytes is wrong");
    }
    markup_.elements[index].content = text_.substr(at_, bytes);
    at_ += bytes;
    return true;
  }

  bool text_or_elements(std::size_t index, int depth) {
    bool has_elements = false;
    for (;;) {
      const std::size_t from = at_;
      const std::size_t tag = text_.find('<', at_);
      if (tag == std::string_view::npos) return refuse("an element isn't complete");
      at_ = tag;
      const std::string_view text = text_.substr(from, tag - from);
      const bool is_end = text_.substr(tag, 2) == "</";
      if (is_end && !has_elements) {
        markup_.elements[index].content = text;
        return true;
      }
      for (const char c : text) {
        if (!is_blank(c)) return refuse("there is text between elements");
      }
      if (is_end) return true;
      has_elements = true;
      if (!element(depth + 1)) return false;
    }
  }

  std::string_view text_;
  Markup& markup_;
  std::size_t at_ = 0;
  const char* wrong_ = nullptr;
};

}  // namespace

std::string_view message_name(std::string_view message) {
  if (message.empty() || message[0] != '<') return {};
  return message.substr(1, name_length(message.substr(1)));
}

Result<Markup> Markup::read(std::string_view text) {
  Markup markup;
  markup.fields.reserve(16);
  if (const char* wrong = Parser(text, markup).run()) {
    return fail(ErrorKind::kInvalid,
                "message '" + std::string(message_name(text)) + "' refused: " + wrong);
  }
  return markup;
}

}  // namespace quorate::codec
