#include "xml/serialise.h"

#include <libxml/tree.h>

#include <algorithm>
#include <array>

namespace quorate::xml {
namespace {

constexpr int kDeepestIndent = 30;  // libxml2 indents no further

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

void append_by_libxml2(std::string& out, const xmlNode* node, Layout layout, int level) {
  xmlBufferPtr buffer = xmlBufferCreate();
  xmlBufferSetAllocationScheme(buffer, XML_BUFFER_ALLOC_DOUBLEIT);
  xmlNodeDump(buffer, node->doc, const_cast<xmlNode*>(node), level,
              layout == Layout::kIndented ? 1 : 0);
  out.append(reinterpret_cast<const char*>(xmlBufferContent(buffer)),
             static_cast<std::size_t>(xmlBufferLength(buffer)));
  xmlBufferFree(buffer);
}

/// What a byte becomes inside an attribute; null if it stays as it is.
const char* escaped(char c) {
  switch (c) {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '&':
      return "&amp;";
    case '"':
      return "&quot;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    case '\t':
      return "&#9;";
    default:
      return nullptr;
  }
}

enum : unsigned char { kPlain, kEscapedAlways, kEscapedInAttributes, kBeyondAscii, kEnd };

/// What is to be done about each byte.
constexpr std::array<unsigned char, 256> kKinds = [] {
  std::array<unsigned char, 256> kinds{};
  for (const char c : {'<', '>', '&', '\r'}) kinds[static_cast<unsigned char>(c)] = kEscapedAlways;
  for (const char c : {'"', '\n', '\t'}) {
    kinds[static_cast<unsigned char>(c)] = kEscapedInAttributes;
  }
  for (std::size_t c = 0x80; c < kinds.size(); ++c) kinds[c] = kBeyondAscii;
  kinds[0] = kEnd;
  return kinds;
}();

/// Room behind a string's end, written to without asking the string byte by byte.
class Tail {
 public:
  explicit Tail(std::string& out) : out_(out), used_(out.size()) { grow(); }
  /// The string ends where was written last.
  void finish() { out_.resize(used()); }
  std::size_t used() const { return static_cast<std::size_t>(at_ - out_.data()); }
  void rewind(std::size_t used) { at_ = out_.data() + used; }

  void put(char c) {
    if (at_ == end_) more();
    *at_++ = c;
  }
  void put(std::string_view text) {
    while (static_cast<std::size_t>(end_ - at_) < text.size()) more();
    at_ = std::copy(text.begin(), text.end(), at_);
  }
  /// A short name, ending in a zero byte.
  void put_name(const xmlChar* name) {
    for (;;) {
      char* at = at_;
      char* const end = end_;
      while (at != end && *name != 0) *at++ = static_cast<char>(*name++);
      at_ = at;
      if (at != end) return;
      more();
    }
  }
  /// As much of a text as is plain, ending in a zero byte; where it isn't any more.
  const xmlChar* put_plain(const xmlChar* text) {
    for (;;) {
      char* at = at_;
      char* const end = end_;
      while (at != end && kKinds[*text] == kPlain) *at++ = static_cast<char>(*text++);
      at_ = at;
      if (at != end) return text;
      more();
    }
  }

 private:
  /// A little first, then more and more: the string fills with zeros what it is given.
  void grow() {
    out_.resize(used_ + chunk_);
    chunk_ *= 2;
    at_ = out_.data() + used_;
    end_ = out_.data() + out_.size();
  }
  void more() {
    used_ = used();
    grow();
  }

  std::string& out_;
  std::size_t used_;
  std::size_t chunk_ = 256;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

/// Writes what a CIB and our messages consist of: elements, attributes, comments and plain text.
/// Anything else (namespaces, entities, characters beyond ASCII, whose form depends on the
/// document's encoding) makes run() give up.
class Serialiser {
 public:
  Serialiser(std::string& out, Layout layout, int level)
      : out_(out), layout_(layout), level_(level) {}

  /// False, and nothing written, if it gives up.
  bool run(const xmlNode* root) {
    const std::size_t before = out_.used();
    const bool written = write(root);
    if (!written) out_.rewind(before);
    out_.finish();
    return written;
  }

 private:
  bool write(const xmlNode* root) {
    const xmlNode* at = root;
    while (true) {
      if (!open(at, at == root)) return false;
      if (at->type == XML_ELEMENT_NODE && at->children != nullptr) {
        at = at->children;
        continue;
      }
      while (true) {
        if (at == root) return true;
        end_line();
        if (at->next != nullptr) break;
        at = at->parent;
        close(at);
      }
      at = at->next;
    }
  }

  bool indented() const { return layout_ == Layout::kIndented && unformatted_ == nullptr; }
  void begin_line() {
    if (!indented()) return;
    for (int i = std::min(level_, kDeepestIndent); i > 0; --i) out_.put("  ");
  }
  void end_line() {
    if (indented()) out_.put('\n');
  }

  bool open(const xmlNode* node, bool is_root) {
    switch (node->type) {
      case XML_ELEMENT_NODE:
        if (!is_root) begin_line();
        return open_element(node);
      case XML_COMMENT_NODE:
        if (!is_root) begin_line();
        out_.put("<!--");
        out_.put(view(node->content));
        out_.put("-->");
        return true;
      case XML_TEXT_NODE:
        return append_content(node->content, false);
      default:
        return false;
    }
  }

  bool open_element(const xmlNode* node) {
    if (node->ns != nullptr || node->nsDef != nullptr) return false;
    out_.put('<');
    out_.put_name(node->name);
    for (const xmlAttr* attr = node->properties; attr != nullptr; attr = attr->next) {
      if (attr->ns != nullptr) return false;
      out_.put(' ');
      out_.put_name(attr->name);
      out_.put("=\"");
      for (const xmlNode* text = attr->children; text != nullptr; text = text->next) {
        if (text->type != XML_TEXT_NODE || !append_content(text->content, true)) return false;
      }
      out_.put('"');
    }
    if (node->children == nullptr) {
      out_.put("/>");
      return true;
    }
    out_.put('>');
    if (indented() && holds_text(node)) unformatted_ = node;
    end_line();
    ++level_;
    return true;
  }

  void close(const xmlNode* node) {
    --level_;
    begin_line();
    out_.put("</");
    out_.put_name(node->name);
    out_.put('>');
    if (unformatted_ == node) unformatted_ = nullptr;
  }

  static bool holds_text(const xmlNode* node) {
    for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
      if (child->type == XML_TEXT_NODE) return true;
    }
    return false;
  }

  bool append_content(const xmlChar* text, bool attribute) {
    if (text == nullptr) return true;
    for (;;) {
      text = out_.put_plain(text);
      const unsigned char kind = kKinds[*text];
      if (kind == kEnd) return true;
      if (kind == kBeyondAscii) return false;
      if (kind == kEscapedInAttributes && !attribute) {
        out_.put(static_cast<char>(*text));
      } else {
        out_.put(std::string_view(escaped(static_cast<char>(*text))));
      }
      ++text;
    }
  }

  Tail out_;
  Layout layout_;
  int level_;
  const xmlNode* unformatted_ = nullptr;  ///< the outermost open element with text inside
};

}  // namespace

void append_text(std::string& out, Node node, Layout layout, int level) {
  const xmlNode* root = node.raw();
  if (root == nullptr) return;
  if (Serialiser(out, layout, level).run(root)) return;
  append_by_libxml2(out, root, layout, level);
}

void append_attribute(std::string& out, const Attribute& attribute) {
  out += ' ';
  out += attribute.name;
  out += "=\"";
  const char* plain = attribute.value.data();
  const char* const end = plain + attribute.value.size();
  for (const char* at = plain; at != end; ++at) {
    const unsigned char kind = kKinds[static_cast<unsigned char>(*at)];
    if (kind == kPlain || kind == kBeyondAscii || kind == kEnd) continue;
    out.append(plain, at);
    out += escaped(*at);
    plain = at + 1;
  }
  out.append(plain, end);
  out += '"';
}

}  // namespace quorate::xml
