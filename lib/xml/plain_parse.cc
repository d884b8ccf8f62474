#include "xml/plain_parse.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "xml/plain_tree.h"

namespace quorate::xml {
namespace {

enum : unsigned char {
  kNameStart = 1,
  kName = 2,
  kBlank = 4,
  kValue = 8,     ///< stands for itself in an attribute
  kText = 16,     ///< stands for itself between tags
  kComment = 32,  ///< may be in a comment
};

constexpr std::array<unsigned char, 256> kClasses = [] {
  std::array<unsigned char, 256> classes{};
  const auto set = [&](int c, int what) {
    auto& entry = classes[static_cast<std::size_t>(c)];
    entry = static_cast<unsigned char>(entry | what);
  };
  for (int c = 'a'; c <= 'z'; ++c) set(c, kNameStart | kName);
  for (int c = 'A'; c <= 'Z'; ++c) set(c, kNameStart | kName);
  for (int c = '0'; c <= '9'; ++c) set(c, kName);
  set('_', kNameStart | kName);
  set('-', kName);
  set('.', kName);
  for (const int c : {' ', '\t', '\n'}) set(c, kBlank);
  const auto printable = [&](int c) {
    set(c, kComment);
    if (c != '<' && c != '&' && c != ']') set(c, kText);
    if (c != '<' && c != '&' && c != '"' && c != '\'' && c != '\t' && c != '\n') set(c, kValue);
  };
  for (int c = ' '; c < 0x7F; ++c) printable(c);
  for (const int c : {'\t', '\n'}) printable(c);
  for (int c = 0x80; c < 0x100; ++c) printable(c);  // if has_allowed_characters()
  return classes;
}();

bool is(char c, int what) { return (kClasses[static_cast<unsigned char>(c)] & what) != 0; }

/// The length of the character beyond ASCII that begins here; 0 if XML doesn't allow it.
std::size_t character_length(const unsigned char* at, std::size_t left) {
  const std::size_t length = *at >= 0xF0 ? 4 : *at >= 0xE0 ? 3 : 2;
  if (*at < 0xC2 || *at > 0xF4 || left < length) return 0;
  unsigned code = *at & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((at[i] & 0xC0U) != 0x80U) return 0;
    code = code << 6 | (at[i] & 0x3FU);
  }
  constexpr std::array<unsigned, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool allowed = code >= kLeast[length] && code <= 0x10FFFF && (code & 0xFFFEU) != 0xFFFEU &&
                       (code < 0xD800 || code > 0xDFFF);
  return allowed ? length : 0;
}

bool has_allowed_characters(std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = at + text.size();
  while (at != end) {
    std::uint64_t eight = 0;
    if (end - at >= 8 && (std::memcpy(&eight, at, 8), (eight & 0x8080808080808080ULL) == 0)) {
      at += 8;
      continue;
    }
    if (*at < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = character_length(at, static_cast<std::size_t>(end - at));
    if (length == 0) return false;
    at += length;
  }
  return true;
}

/// The character of a reference (without `&` and `;`); -1 if libxml2 is to look it up.
int referenced(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 11> kReferences{{{"lt", '<'},
                                                                           {"gt", '>'},
                                                                           {"amp", '&'},
                                                                           {"quot", '"'},
                                                                           {"apos", '\''},
                                                                           {"#9", '\t'},
                                                                           {"#10", '\n'},
                                                                           {"#13", '\r'},
                                                                           {"#x9", '\t'},
                                                                           {"#xA", '\n'},
                                                                           {"#xD", '\r'}}};
  for (const auto& [known, character] : kReferences) {
    if (known == name) return character;
  }
  return -1;
}

/// Works on a copy of the text that the document keeps: values stay where they are and are given a
/// zero byte at their end, where a quote or `<` was.
class Parser {
 public:
  Parser(std::string_view text, int max_depth)
      : doc_(new_plain_document()),
        at_(room_for_text(doc_, text.size() + 1)),
        end_(at_ + text.size()),
        counted_(at_),
        max_depth_(max_depth) {
    std::copy(text.begin(), text.end(), at_);
    *end_ = 0;  // belongs to no class: loops over a class end there
  }
  ~Parser() {
    if (doc_ != nullptr) free_document(doc_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  xmlDoc* run() {
    if (!prologue() || !tree()) return nullptr;
    skip(kBlank);
    return at_ == end_ ? std::exchange(doc_, nullptr) : nullptr;
  }

 private:
  static constexpr unsigned kMaxLine = 65'000;  // libxml2 keeps higher ones elsewhere
  static constexpr int kMaxAttributes = 128;    // they are compared with each other

  bool looking_at(std::string_view what) const {
    return static_cast<std::size_t>(end_ - at_) >= what.size() &&
           std::memcmp(at_, what.data(), what.size()) == 0;
  }
  /// False if nothing of it was there.
  bool skip(int what) {
    const char* before = at_;
    while (is(*at_, what)) ++at_;
    return at_ != before;
  }

  bool prologue() {
    constexpr std::string_view kDeclaration = "<?xml version=\"1.0\"?>";
    if (looking_at(kDeclaration)) at_ += kDeclaration.size();
    skip(kBlank);
    return *at_ == '<';
  }

  unsigned line() {
    line_ += static_cast<unsigned>(std::count<const char*>(counted_, at_, '\n'));
    counted_ = at_;
    return line_;
  }

  std::string_view name() {
    const char* begin = at_;
    if (is(*at_, kNameStart)) skip(kName);
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }

  /// Everything from the root's start tag to its end tag.
  bool tree() {
    ++at_;
    if (!start_tag(reinterpret_cast<xmlNode*>(doc_))) return false;
    while (open_ != nullptr) {
      if (!text_before_tag()) return false;
      const bool good = *at_ == '/' ? end_tag() : *at_ == '!' ? comment() : start_tag(open_);
      if (!good) return false;
    }
    return true;
  }

  /// Behind the `<` that begins a tag.
  bool start_tag(xmlNode* parent) {
    const std::string_view tag = name();
    if (tag.empty() || depth_ >= max_depth_) return false;
    xmlNode* element = new_plain_element(doc_, interned_name(doc_, tag));
    append_plain_child(parent, element);
    if (!attributes(element) || line() > kMaxLine) return false;
    element->line = static_cast<unsigned short>(line_);
    if (*at_ == '/') {
      if (*++at_ != '>') return false;
    } else {
      open_ = element;
      ++depth_;
    }
    ++at_;
    return true;
  }

  /// Up to the `>` or `/` that ends the tag.
  bool attributes(xmlNode* element) {
    xmlAttr* last = nullptr;
    for (int count = 0;; ++count) {
      const bool blank = skip(kBlank);
      if (*at_ == '>' || *at_ == '/') return true;
      const std::string_view written = name();
      if (!blank || count == kMaxAttributes || written.empty() || written == "xmlns") return false;
      const xmlChar* attribute = interned_name(doc_, written);
      for (const xmlAttr* other = element->properties; other != nullptr; other = other->next) {
        if (other->name == attribute) return false;
      }
      skip(kBlank);
      if (*at_ != '=') return false;
      ++at_;
      skip(kBlank);
      char* content = value();
      if (content == nullptr) return false;
      last = append_plain_attribute_in_place(element, last, attribute, content);
    }
  }

  /// Null if it isn't plain.
  char* value() {
    const char quote = *at_;
    if (quote != '"' && quote != '\'') return nullptr;
    char* const begin = ++at_;
    skip(kValue);
    char* const end = *at_ == quote ? at_ : rest_of_value(quote);
    if (end == nullptr) return nullptr;
    *end = 0;
    ++at_;
    return begin;
  }

  /// Replaces references and blanks from here to the quote; the content's end, null if it isn't
  /// plain.
  char* rest_of_value(char quote) {
    line();
    char* out = at_;
    while (*at_ != quote) {
      if (is(*at_, kValue) || *at_ == '"' || *at_ == '\'') {
        *out++ = *at_++;
      } else if (is(*at_, kBlank)) {
        line_ += *at_++ == '\n' ? 1 : 0;
        *out++ = ' ';
      } else if (!reference(out)) {
        return nullptr;
      }
    }
    counted_ = at_;
    return out;
  }

  bool reference(char*& out) {
    if (*at_ != '&') return false;
    const char* const begin = at_ + 1;
    const auto left = std::min<std::size_t>(static_cast<std::size_t>(end_ - begin), 8);
    const auto* end = static_cast<const char*>(std::memchr(begin, ';', left));
    if (end == nullptr) return false;
    const std::string_view name(begin, static_cast<std::size_t>(end - begin));
    const int character = referenced(name);
    if (character < 0) return false;
    *out++ = static_cast<char>(character);
    at_ += name.size() + 2;
    return true;
  }

  /// Up to and with the `<` that begins the next tag. Blanks alone are dropped where libxml2 takes
  /// them for layout.
  bool text_before_tag() {
    char* const begin = at_;
    const bool blank = skip(kBlank);
    if (*at_ == '<') {
      ++at_;
      const xmlNode* first = open_->children;
      const bool layout = first == nullptr ? *at_ != '/' : first->type != XML_TEXT_NODE;
      if (!blank || layout) return !blank || open_->extra == 0;
      at_[-1] = 0;
    } else {
      skip(kText);
      char* const end = *at_ == '<' ? at_ : rest_of_text();
      if (end == nullptr) return false;
      *end = 0;
      ++at_;
    }
    // Whether libxml2 drops blanks between tags that follow goes by what text began with.
    if (open_->children != nullptr && open_->children->type != XML_TEXT_NODE) open_->extra = 1;
    append_plain_child(open_, new_plain_text_in_place(doc_, begin));
    return true;
  }

  char* rest_of_text() {
    line();
    char* out = at_;
    while (*at_ != '<') {
      if (is(*at_, kText)) {
        line_ += *at_ == '\n' ? 1 : 0;
        *out++ = *at_++;
      } else if (!reference(out)) {
        return nullptr;
      }
    }
    counted_ = at_;
    return out;
  }

  bool comment() {
    constexpr std::string_view kBegin = "!--";
    if (!looking_at(kBegin)) return false;
    at_ += kBegin.size();
    const char* begin = at_;
    while (is(*at_, kComment) && !looking_at("--")) ++at_;
    if (!looking_at("-->")) return false;
    const std::string_view content(begin, static_cast<std::size_t>(at_ - begin));
    append_plain_child(open_, new_plain_comment(doc_, content));
    at_ += 3;
    return true;
  }

  bool end_tag() {
    ++at_;
    const std::string_view tag = name();
    if (tag.empty() || interned_name(doc_, tag) != open_->name) return false;
    skip(kBlank);
    if (*at_ != '>') return false;
    ++at_;
    open_->extra = 0;
    open_ = --depth_ == 0 ? nullptr : open_->parent;
    return true;
  }

  xmlDoc* doc_;
  char* at_;
  char* end_;
  const char* counted_;  ///< line_ is that of this place
  unsigned line_ = 1;
  int max_depth_;
  int depth_ = 0;
  xmlNode* open_ = nullptr;
};

}  // namespace

xmlDoc* parse_plain(std::string_view text, int max_depth) {
  if (!has_allowed_characters(text)) return nullptr;
  return Parser(text, max_depth).run();
}

}  // namespace quorate::xml
