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

enum : unsigned char { kPlain, kEscapedAlways, kEscapedInAttributes, kBeyondAscii };

/// What is to be done about each byte.
constexpr std::array<unsigned char, 256> kKinds = [] {
  std::array<unsigned char, 256> kinds{};
  for (const char c : {'<', '>', '&', '\r'}) kinds[static_cast<unsigned char>(c)] = kEscapedAlways;
  for (const char c : {'"', '\n', '\t'}) {
    kinds[static_cast<unsigned char>(c)] = kEscapedInAttributes;
  }
  for (std::size_t c = 0x80; c < kinds.size(); ++c) kinds[c] = kBeyondAscii;
  return kinds;
}();

/// Writes what a CIB and our messages consist of: elements, attributes, comments and plain text.
/// Anything else (namespaces, entities, characters beyond ASCII, whose form depends on the
/// document's encoding) makes run() give up.
class Serialiser {
 public:
  Serialiser(std::string& out, Layout layout, int level)
      : out_(out), layout_(layout), level_(level) {}

  bool run(const xmlNode* root) {
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

 private:
  bool indented() const { return layout_ == Layout::kIndented && unformatted_ == nullptr; }
  void begin_line() {
    if (indented())
      out_.append(static_cast<std::size_t>(2 * std::min(level_, kDeepestIndent)), ' ');
  }
  void end_line() {
    if (indented()) out_ += '\n';
  }

  bool open(const xmlNode* node, bool is_root) {
    switch (node->type) {
      case XML_ELEMENT_NODE:
        if (!is_root) begin_line();
        return open_element(node);
      case XML_COMMENT_NODE:
        if (!is_root) begin_line();
        out_ += "<!--";
        out_ += view(node->content);
        out_ += "-->";
        return true;
      case XML_TEXT_NODE:
        return append_content(node->content, false);
      default:
        return false;
    }
  }

  bool open_element(const xmlNode* node) {
    if (node->ns != nullptr || node->nsDef != nullptr) return false;
    out_ += '<';
    out_ += view(node->name);
    for (const xmlAttr* attr = node->properties; attr != nullptr; attr = attr->next) {
      if (attr->ns != nullptr) return false;
      out_ += ' ';
      out_ += view(attr->name);
      out_ += "=\"";
      for (const xmlNode* text = attr->children; text != nullptr; text = text->next) {
        if (text->type != XML_TEXT_NODE || !append_content(text->content, true)) return false;
      }
      out_ += '"';
    }
    if (node->children == nullptr) {
      out_ += "/>";
      return true;
    }
    out_ += '>';
    if (indented() && holds_text(node)) unformatted_ = node;
    end_line();
    ++level_;
    return true;
  }

  void close(const xmlNode* node) {
    --level_;
    begin_line();
    out_ += "</";
    out_ += view(node->name);
    out_ += '>';
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
    const xmlChar* plain = text;
    for (; *text != 0; ++text) {
      const unsigned char kind = kKinds[*text];
      if (kind == kPlain || (kind == kEscapedInAttributes && !attribute)) continue;
      if (kind == kBeyondAscii) return false;
      out_.append(reinterpret_cast<const char*>(plain), static_cast<std::size_t>(text - plain));
      out_ += escaped(static_cast<char>(*text));
      plain = text + 1;
    }
    out_.append(reinterpret_cast<const char*>(plain), static_cast<std::size_t>(text - plain));
    return true;
  }

  std::string& out_;
  Layout layout_;
  int level_;
  const xmlNode* unformatted_ = nullptr;  ///< the outermost open element with text inside
};

}  // namespace

void append_text(std::string& out, Node node, Layout layout, int level) {
  const xmlNode* root = node.raw();
  if (root == nullptr) return;
  const std::size_t before = out.size();
  if (Serialiser(out, layout, level).run(root)) return;
  out.resize(before);
  append_by_libxml2(out, root, layout, level);
}

void append_attribute(std::string& out, const Attribute& attribute) {
  out += ' ';
  out += attribute.name;
  out += "=\"";
  for (const char c : attribute.value) {
    if (const char* replacement = escaped(c)) {
      out += replacement;
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace quorate::xml
