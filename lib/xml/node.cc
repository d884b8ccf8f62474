#include "xml/node.h"

#include <libxml/tree.h>
#include <libxml/xpath.h>

#include <algorithm>

namespace quorate::xml {
namespace {

bool visible(const xmlNode* node) {
  return node->type == XML_ELEMENT_NODE || node->type == XML_COMMENT_NODE;
}
xmlNode* forward(xmlNode* node) {
  while (node != nullptr && !visible(node)) node = node->next;
  return node;
}
const xmlChar* chars(const std::string& text) {
  return reinterpret_cast<const xmlChar*>(text.c_str());
}

}  // namespace

bool Node::is_comment() const { return node_ != nullptr && node_->type == XML_COMMENT_NODE; }

std::string_view Node::comment_text() const {
  if (!is_comment() || node_->content == nullptr) return {};
  return reinterpret_cast<const char*>(node_->content);
}

Element Node::parent() const {
  if (node_ == nullptr || node_->parent == nullptr || node_->parent->type != XML_ELEMENT_NODE) {
    return {};
  }
  return Element(node_->parent);
}

Node Node::first_child() const {
  if (node_ == nullptr || is_comment()) return {};
  return Node(forward(node_->children));
}
Node Node::next() const { return Node(node_ == nullptr ? nullptr : forward(node_->next)); }
Node Node::previous() const {
  if (node_ == nullptr) return {};
  xmlNode* at = node_->prev;
  while (at != nullptr && !visible(at)) at = at->prev;
  return Node(at);
}

std::size_t Node::ordinal() const {
  std::size_t count = 0;
  for (Node at = previous(); at; at = at.previous()) ++count;
  return count;
}

Node child_at(Element parent, std::size_t ordinal) {
  Node at = Node(parent).first_child();
  while (at && ordinal-- > 0) at = at.next();
  return at;
}

std::vector<Node> child_nodes(Element parent) {
  std::vector<Node> nodes;
  for (Node at = Node(parent).first_child(); at; at = at.next()) nodes.push_back(at);
  return nodes;
}

Detached::~Detached() {
  if (node_ != nullptr) xmlFreeNode(node_);
}

Detached detach(Node node) {
  xmlUnlinkNode(node.raw());
  return Detached(node.raw());
}

Detached copy_for(Node source, Element target) {
  return Detached(xmlDocCopyNode(source.raw(), target.raw()->doc, 1));
}

Detached new_element_for(std::string_view name, Element target) {
  return Detached(xmlNewDocNode(target.raw()->doc, nullptr, chars(std::string(name)), nullptr));
}

Node attach(Detached node, Element parent, Node before) {
  xmlNode* raw = node.release();
  return Node(before ? xmlAddPrevSibling(before.raw(), raw) : xmlAddChild(parent.raw(), raw));
}

AttributeList::AttributeList(std::initializer_list<Entry> entries) {
  for (const auto& [name, value] : entries) add(name, value);
}

std::optional<std::string_view> AttributeList::find(std::string_view name) const {
  for (const auto& [own, value] : *this) {
    if (own == name) return value;
  }
  return std::nullopt;
}

void AttributeList::add(std::string_view name, std::string_view value) {
  const auto start = static_cast<std::uint32_t>(text_.size());
  const auto middle = static_cast<std::uint32_t>(start + name.size());
  text_ += name;
  text_ += value;
  places_.push_back({start, middle, static_cast<std::uint32_t>(middle + value.size())});
}

void AttributeList::reserve(std::size_t entries, std::size_t bytes) {
  places_.reserve(entries);
  text_.reserve(bytes);
}

AttributeList attribute_list(Element element) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  element.for_each_attribute([&](const Attribute& attribute) {
    ++count;
    bytes += attribute.name.size() + attribute.value.size();
  });
  AttributeList list;
  list.reserve(count, bytes);
  element.for_each_attribute(
      [&](const Attribute& attribute) { list.add(attribute.name, attribute.value); });
  return list;
}

bool has_attributes(Element element, const AttributeList& attributes) {
  std::size_t at = 0;
  bool same = true;
  element.for_each_attribute([&](const Attribute& attribute) {
    same = same && at < attributes.size() &&
           attributes[at] == AttributeList::Entry(attribute.name, attribute.value);
    ++at;
  });
  return same && at == attributes.size();
}

void set_attribute_list(Element element, const AttributeList& attributes) {
  // Mostly values have changed, the names have not.
  std::size_t at = 0;
  bool same_names = true;
  element.for_each_attribute([&](const Attribute& attribute) {
    same_names = same_names && at < attributes.size() && attributes[at].first == attribute.name;
    ++at;
  });
  if (same_names && at == attributes.size()) {
    for (const auto& [name, value] : attributes) {
      if (element.get(name) != value) element.set(name, value);
    }
    return;
  }
  xmlNode* raw = element.raw();
  xmlFreePropList(raw->properties);
  raw->properties = nullptr;
  for (const auto& [name, value] : attributes) {
    xmlNewProp(raw, chars(std::string(name)), chars(std::string(value)));
  }
}

int compare_place(Node a, Node b) {
  if (a == b) return 0;
  return xmlXPathCmpNodes(a.raw(), b.raw()) > 0 ? -1 : 1;
}

bool reduce_to_elements(Element root) {
  xmlNode* const top = root.raw();
  xmlNode* at = top;
  bool plain = true;
  while (at != nullptr) {
    xmlNode* following = nullptr;
    if (at->type == XML_ELEMENT_NODE) {
      plain = plain && at->ns == nullptr && at->nsDef == nullptr;
      for (const xmlAttr* attr = at->properties; attr != nullptr; attr = attr->next) {
        plain = plain && attr->ns == nullptr;
      }
      following = at->children;
    }
    xmlNode* doomed = visible(at) ? nullptr : at;
    while (following == nullptr && at != top) {
      following = at->next;
      at = at->parent;
    }
    if (doomed != nullptr) {
      xmlUnlinkNode(doomed);
      xmlFreeNode(doomed);
    }
    at = following;
  }
  return plain;
}

int depth_of(Element root, int limit) {
  int depth = 1;
  int deepest = 1;
  Element at = root;
  while (at) {
    if (const Element child = at.first_child()) {
      at = child;
      deepest = std::max(deepest, ++depth);
      if (deepest >= limit) return limit;
      continue;
    }
    while (!(at == root) && !at.next()) {
      at = at.parent();
      --depth;
    }
    if (at == root) break;
    at = at.next();
  }
  return deepest;
}

ChildrenAside::ChildrenAside(Element element) : element_(element) {
  if (!element_) return;
  first_ = std::exchange(element_.raw()->children, nullptr);
  last_ = std::exchange(element_.raw()->last, nullptr);
}
ChildrenAside::~ChildrenAside() {
  if (!element_) return;
  element_.raw()->children = first_;
  element_.raw()->last = last_;
}

Node add_comment(Element parent, std::string_view text) {
  return Node(
      xmlAddChild(parent.raw(), xmlNewDocComment(parent.raw()->doc, chars(std::string(text)))));
}

}  // namespace quorate::xml
