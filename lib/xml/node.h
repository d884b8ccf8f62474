#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xml/document.h"

/// Where order, comments and undoing matter: children as nodes (elements and comments), taking
/// them out of a document and putting them back. Used by the CIB's own rules.
namespace quorate::xml {

/// A cheap handle to an element or a comment. A default one is null and tests false.
class Node {
 public:
  Node() = default;
  explicit Node(_xmlNode* node) : node_(node) {}
  Node(Element element) : node_(element.raw()) {}  // NOLINT: an element is a node

  explicit operator bool() const { return node_ != nullptr; }
  friend bool operator==(Node a, Node b) { return a.node_ == b.node_; }

  bool is_comment() const;
  Element element() const { return is_comment() ? Element() : Element(node_); }
  std::string_view comment_text() const;
  Element parent() const;
  Node first_child() const;  ///< null for comments
  Node next() const;
  Node previous() const;
  /// Number of elements and comments before it among its siblings. Cost: that number.
  std::size_t ordinal() const;
  _xmlNode* raw() const { return node_; }

 private:
  _xmlNode* node_ = nullptr;
};

/// The child with this ordinal among elements and comments; null if there are fewer.
Node child_at(Element parent, std::size_t ordinal);
std::vector<Node> child_nodes(Element parent);

/// Owns a node that is in no tree. It must go before its document does.
class Detached {
 public:
  Detached() = default;
  explicit Detached(_xmlNode* node) : node_(node) {}
  Detached(Detached&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Detached& operator=(Detached&& other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Detached();
  explicit operator bool() const { return node_ != nullptr; }
  Node node() const { return Node(node_); }
  _xmlNode* release() { return std::exchange(node_, nullptr); }

 private:
  _xmlNode* node_ = nullptr;
};

/// Takes the node with all beneath it out of its document.
Detached detach(Node node);
/// Deep copy for the document of `target`.
Detached copy_for(Node source, Element target);
Detached new_element_for(std::string_view name, Element target);
/// Puts a node in front of `before`, a child of `parent`, or last if that is null.
Node attach(Detached node, Element parent, Node before);

using AttributeList = std::vector<std::pair<std::string, std::string>>;
AttributeList attribute_list(Element element);
/// Removes all attributes and sets these, in this order.
void set_attribute_list(Element element, const AttributeList& attributes);

/// Negative, zero or positive as `a` stands before, at or behind `b` in their common document.
int compare_place(Node a, Node b);

/// Removes text, CDATA, processing instructions and whatever else is neither element nor comment.
/// False if names with namespaces occur, which nothing in a CIB has.
bool reduce_to_elements(Element root);

/// Levels of elements beneath and including this one, counted up to `limit`.
int depth_of(Element root, int limit);

/// While it lives, the element looks as if it had no children. O(1).
class ChildrenAside {
 public:
  explicit ChildrenAside(Element element);
  ~ChildrenAside();
  ChildrenAside(const ChildrenAside&) = delete;
  ChildrenAside& operator=(const ChildrenAside&) = delete;

 private:
  Element element_;
  _xmlNode* first_ = nullptr;
  _xmlNode* last_ = nullptr;
};

/// A comment between elements, appended.
Node add_comment(Element parent, std::string_view text);

}  // namespace quorate::xml
