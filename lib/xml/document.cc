#include "xml/document.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <utility>

#include "xml/serialise.h"

namespace quorate::xml {

namespace {

const xmlChar* chars(const char* text) { return reinterpret_cast<const xmlChar*>(text); }
std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}
/// libxml2 wants terminated strings; names and values come as views.
struct Terminated {
  explicit Terminated(std::string_view view) : text(view) {}
  operator const xmlChar*() const { return chars(text.c_str()); }
  std::string text;
};

/// Most names differ in their first letters: no call pays for that.
bool same(const xmlChar* own, std::string_view name) {
  std::size_t i = 0;
  while (i < name.size() && own[i] == static_cast<xmlChar>(name[i])) ++i;
  return i == name.size() && own[i] == 0;
}

bool name_is(const xmlNode* node, std::string_view name) { return same(node->name, name); }

xmlNode* forward_to_element(xmlNode* node) {
  while (node != nullptr && node->type != XML_ELEMENT_NODE) node = node->next;
  return node;
}
xmlNode* forward_to_element(xmlNode* node, std::string_view name) {
  while (node != nullptr && (node->type != XML_ELEMENT_NODE || !name_is(node, name))) {
    node = node->next;
  }
  return node;
}

std::string_view attribute_value(const xmlAttr* attr) {
  const xmlNode* child = attr->children;
  return child == nullptr ? std::string_view("", 0) : view(child->content);
}

std::string serialise(Element element, Layout layout) {
  std::string text;
  append_text(text, element, layout);
  return text;
}

}  // namespace

std::string_view Element::name() const {
  return node_ == nullptr ? std::string_view() : view(node_->name);
}

void Element::rename(std::string_view name) { xmlNodeSetName(node_, Terminated(name)); }

std::optional<std::string_view> Element::get(std::string_view name) const {
  if (node_ == nullptr) return std::nullopt;
  for (const xmlAttr* attr = node_->properties; attr != nullptr; attr = attr->next) {
    if (same(attr->name, name)) return attribute_value(attr);
  }
  return std::nullopt;
}

std::string_view Element::get_or(std::string_view name, std::string_view fallback) const {
  const auto value = get(name);
  return value ? *value : fallback;
}

std::vector<Attribute> Element::attributes() const {
  std::vector<Attribute> all;
  if (node_ == nullptr) return all;
  for (const xmlAttr* attr = node_->properties; attr != nullptr; attr = attr->next) {
    all.push_back({view(attr->name), attribute_value(attr)});
  }
  return all;
}

_xmlAttr* Element::first_attribute() const {
  return node_ == nullptr ? nullptr : node_->properties;
}
_xmlAttr* Element::next_attribute(_xmlAttr* at) { return at->next; }
Attribute Element::attribute_at(_xmlAttr* at) { return {view(at->name), attribute_value(at)}; }

namespace {

/// The text that is all of an attribute's value; null if it isn't that simple.
xmlNode* plain_text(xmlNode* element, std::string_view name) {
  for (xmlAttr* attr = element->properties; attr != nullptr; attr = attr->next) {
    if (!same(attr->name, name)) continue;
    xmlNode* text = attr->children;
    const bool plain = attr->ns == nullptr && attr->atype == 0 && text != nullptr &&
                       text->type == XML_TEXT_NODE && text->next == nullptr;
    return plain ? text : nullptr;
  }
  return nullptr;
}

}  // namespace

void Element::set(std::string_view name, std::string_view value) {
  if (xmlNode* text = plain_text(node_, name)) {
    const std::string copy(value);  // it may be a view into what is replaced
    return xmlNodeSetContentLen(text, chars(copy.c_str()), static_cast<int>(copy.size()));
  }
  xmlSetProp(node_, Terminated(name), Terminated(value));
}

bool Element::remove_attribute(std::string_view name) {
  return node_ != nullptr && xmlUnsetProp(node_, Terminated(name)) == 0;
}

Element Element::parent() const {
  if (node_ == nullptr || node_->parent == nullptr || node_->parent->type != XML_ELEMENT_NODE) {
    return {};
  }
  return Element(node_->parent);
}

Element Element::document_root() const {
  return node_ == nullptr ? Element() : Element(xmlDocGetRootElement(node_->doc));
}

Element Element::first_child() const {
  return Element(node_ == nullptr ? nullptr : forward_to_element(node_->children));
}
Element Element::first_child(std::string_view name) const {
  return Element(node_ == nullptr ? nullptr : forward_to_element(node_->children, name));
}
Element Element::last_child() const {
  if (node_ == nullptr) return {};
  xmlNode* child = node_->last;
  while (child != nullptr && child->type != XML_ELEMENT_NODE) child = child->prev;
  return Element(child);
}
Element Element::next() const {
  return Element(node_ == nullptr ? nullptr : forward_to_element(node_->next));
}
Element Element::next(std::string_view name) const {
  return Element(node_ == nullptr ? nullptr : forward_to_element(node_->next, name));
}
Element Element::previous() const {
  if (node_ == nullptr) return {};
  xmlNode* sibling = node_->prev;
  while (sibling != nullptr && sibling->type != XML_ELEMENT_NODE) sibling = sibling->prev;
  return Element(sibling);
}
std::size_t Element::child_count() const {
  std::size_t count = 0;
  for (Element child = first_child(); child; child = child.next()) ++count;
  return count;
}

std::string Element::text() const {
  std::string text;
  if (node_ == nullptr) return text;
  for (const xmlNode* child = node_->children; child != nullptr; child = child->next) {
    if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
      text += view(child->content);
    }
  }
  return text;
}

void Element::set_text(std::string_view text) {
  xmlNode* child = node_->children;
  while (child != nullptr) {
    xmlNode* following = child->next;
    if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
      xmlUnlinkNode(child);
      xmlFreeNode(child);
    }
    child = following;
  }
  xmlAddChild(node_,
              xmlNewDocTextLen(node_->doc, chars(text.data()), static_cast<int>(text.size())));
}

Element Element::add(std::string_view name) {
  return Element(xmlNewChild(node_, nullptr, Terminated(name), nullptr));
}

Element Element::add_after(std::string_view name) {
  xmlNode* created = xmlNewDocNode(node_->doc, nullptr, Terminated(name), nullptr);
  return Element(xmlAddNextSibling(node_, created));
}

Element Element::add_copy(Element source) {
  return Element(xmlAddChild(node_, xmlDocCopyNode(source.node_, node_->doc, 1)));
}
Element Element::add_copy_before(Element source) {
  return Element(xmlAddPrevSibling(node_, xmlDocCopyNode(source.node_, node_->doc, 1)));
}
Element Element::add_copy_after(Element source) {
  return Element(xmlAddNextSibling(node_, xmlDocCopyNode(source.node_, node_->doc, 1)));
}

void Element::move_into(Element parent) {
  xmlUnlinkNode(node_);
  xmlAddChild(parent.node_, node_);
}
void Element::move_before(Element sibling) {
  xmlUnlinkNode(node_);
  xmlAddPrevSibling(sibling.node_, node_);
}

void Element::remove() {
  xmlUnlinkNode(node_);
  xmlFreeNode(node_);
  node_ = nullptr;
}

void Element::clear_children() {
  xmlNode* children = node_->children;
  node_->children = nullptr;
  node_->last = nullptr;
  for (xmlNode* child = children; child != nullptr; child = child->next) child->parent = nullptr;
  xmlFreeNodeList(children);
}

std::string Element::to_string() const { return serialise(*this, Layout::kDense); }
std::string Element::to_pretty_string() const { return serialise(*this, Layout::kIndented); }

std::string Element::path() const {
  if (node_ == nullptr) return "";
  std::string path = parent() ? parent().path() : "";
  path += "/";
  path += name();
  if (const auto own_id = get("id")) {
    path += "[@id='";
    path += *own_id;
    path += "']";
  }
  return path;
}

long Element::line() const { return node_ == nullptr ? 0 : xmlGetLineNo(node_); }

Document::Document(Document&& other) noexcept : doc_(std::exchange(other.doc_, nullptr)) {}
Document& Document::operator=(Document&& other) noexcept {
  std::swap(doc_, other.doc_);
  return *this;
}
Document::~Document() {
  if (doc_ != nullptr) xmlFreeDoc(doc_);
}

Document Document::adopt(_xmlDoc* doc) {
  Document document;
  document.doc_ = doc;
  return document;
}

Document Document::with_root(std::string_view root_name) {
  Document document = adopt(xmlNewDoc(chars("1.0")));
  xmlDocSetRootElement(document.doc_,
                       xmlNewDocNode(document.doc_, nullptr, Terminated(root_name), nullptr));
  return document;
}

Document Document::copy_of(Element root) {
  Document document = adopt(xmlNewDoc(chars("1.0")));
  if (root) xmlDocSetRootElement(document.doc_, xmlDocCopyNode(root.raw(), document.doc_, 1));
  return document;
}

Document Document::copy() const { return copy_of(root()); }

Element Document::root() const {
  return doc_ == nullptr ? Element() : Element(xmlDocGetRootElement(doc_));
}

std::string Document::to_file_text() const {
  return "<?xml version=\"1.0\"?>\n" + root().to_pretty_string() + "\n";
}

Fragment Fragment::copy_of(Element source) {
  return Fragment(Element(xmlDocCopyNode(source.raw(), source.raw()->doc, 1)));
}

Fragment::Fragment(Fragment&& other) noexcept : root_(std::exchange(other.root_, Element())) {}
Fragment& Fragment::operator=(Fragment&& other) noexcept {
  std::swap(root_, other.root_);
  return *this;
}
Fragment::~Fragment() {
  if (root_) xmlFreeNode(root_.raw());
}

std::string escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace quorate::xml
