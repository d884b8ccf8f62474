#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
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

/// Names and values in an order, apart from any document. Its texts stand in one piece.
class AttributeList {
 public:
  using Entry = std::pair<std::string_view, std::string_view>;

  AttributeList() = default;
  AttributeList(std::initializer_list<Entry> entries);

  std::size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  /// Views into the list.
  Entry operator[](std::size_t at) const {
    const Place& place = places_[at];
    const std::string_view text = text_;
    return {text.substr(place.name, place.value - place.name),
            text.substr(place.value, place.end - place.value)};
  }
  std::optional<std::string_view> find(std::string_view name) const;
  void add(std::string_view name, std::string_view value);
  void reserve(std::size_t entries, std::size_t bytes);
  friend bool operator==(const AttributeList&, const AttributeList&) = default;

  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = const Entry*;
    using reference = Entry;
    iterator(const AttributeList* list, std::size_t at) : list_(list), at_(at) {}
    Entry operator*() const { return (*list_)[at_]; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) {
      iterator old = *this;
      ++at_;
      return old;
    }
    friend bool operator==(const iterator&, const iterator&) = default;

   private:
    const AttributeList* list_;
    std::size_t at_;
  };
  iterator begin() const { return {this, 0}; }
  iterator end() const { return {this, size()}; }

 private:
  struct Place {
    std::uint32_t name;
    std::uint32_t value;
    std::uint32_t end;
    friend bool operator==(const Place&, const Place&) = default;
  };
  std::vector<Place> places_;
  std::string text_;
};

AttributeList attribute_list(Element element);
/// Whether these are the element's attributes, in this order.
bool has_attributes(Element element, const AttributeList& attributes);
/// Gives the element these attributes, in this order, and no others.
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
