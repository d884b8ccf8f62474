#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct _xmlDoc;
struct _xmlNode;
struct _xmlAttr;

namespace quorate::xml {

class Document;

/// One attribute, as views into the document: valid until that attribute or the element changes.
struct Attribute {
  std::string_view name;
  std::string_view value;
};

/// A cheap, copyable handle to an element of a Document (one pointer, never owning). A default
/// one is null and tests false; reading from a null element gives "absent" and no children.
/// Comments, processing instructions and text are invisible to child iteration.
class Element {
 public:
  Element() = default;
  explicit Element(_xmlNode* node) : node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }
  friend bool operator==(Element a, Element b) { return a.node_ == b.node_; }

  std::string_view name() const;
  void rename(std::string_view name);

  /// The attribute's value as a view into the document; nullopt if absent. Cost: number of
  /// attributes.
  std::optional<std::string_view> get(std::string_view name) const;
  /// The attribute's value or `fallback` if absent.
  std::string_view get_or(std::string_view name, std::string_view fallback) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  std::string_view id() const { return get_or("id", {}); }
  std::vector<Attribute> attributes() const;
  /// Visits the attributes in document order without allocating: `visit(Attribute)`.
  template <class Visitor>
  void for_each_attribute(Visitor&& visit) const {
    for (_xmlAttr* at = first_attribute(); at != nullptr; at = next_attribute(at)) {
      visit(attribute_at(at));
    }
  }
  /// Sets or replaces. A new attribute goes behind the existing ones.
  void set(std::string_view name, std::string_view value);
  bool remove_attribute(std::string_view name);

  Element parent() const;  ///< null for the root
  /// Root of the document the element belongs to, also if the element is loose (Fragment).
  Element document_root() const;
  Element first_child() const;
  Element first_child(std::string_view name) const;
  Element last_child() const;
  Element next() const;  ///< next sibling element
  Element next(std::string_view name) const;
  Element previous() const;
  std::size_t child_count() const;

  /// Text directly inside, concatenated.
  std::string text() const;
  void set_text(std::string_view text);

  /// Appends a new child element.
  Element add(std::string_view name);
  /// Appends a new element directly behind this one.
  Element add_after(std::string_view name);
  /// Deep copies of an element of any document, appended / put before / put behind; attributes and
  /// content included.
  Element add_copy(Element source);
  Element add_copy_before(Element source);
  Element add_copy_after(Element source);
  /// Moves this element (same document) to be the last child of `parent`, or before `sibling`.
  void move_into(Element parent);
  void move_before(Element sibling);
  /// Unlinks and frees the element with all it holds. Every handle into it is invalid then.
  void remove();
  /// Removes children but keeps attributes.
  void clear_children();

  /// Serialised without declaration: compact, or indented by two spaces per level.
  std::string to_string() const;
  std::string to_pretty_string() const;

  /// Path for messages: /cib/configuration/resources/primitive[@id='x'].
  std::string path() const;
  /// Line in the parsed text, 0 if unknown.
  long line() const;

  _xmlNode* raw() const { return node_; }  ///< for lib/xml itself

 private:
  _xmlAttr* first_attribute() const;
  static _xmlAttr* next_attribute(_xmlAttr* at);
  static Attribute attribute_at(_xmlAttr* at);

  _xmlNode* node_ = nullptr;
};

/// `for (Element e : children(parent))` and `children(parent, "primitive")`. The element the loop
/// stands on may be removed only by saving next() first.
class Children {
 public:
  Children(Element parent, std::string_view name) : parent_(parent), name_(name) {}
  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Element;
    using difference_type = std::ptrdiff_t;
    using pointer = const Element*;
    using reference = Element;
    iterator() = default;
    iterator(Element at, std::string_view name) : at_(at), name_(name) {}
    Element operator*() const { return at_; }
    iterator& operator++() {
      at_ = name_.empty() ? at_.next() : at_.next(name_);
      return *this;
    }
    iterator operator++(int) {
      iterator old = *this;
      ++*this;
      return old;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }

   private:
    Element at_;
    std::string_view name_;
  };
  iterator begin() const {
    return {name_.empty() ? parent_.first_child() : parent_.first_child(name_), name_};
  }
  iterator end() const { return {}; }

 private:
  Element parent_;
  std::string_view name_;
};
inline Children children(Element parent, std::string_view name = {}) { return {parent, name}; }

/// Bounds on parsed input. Beyond them parsing fails with an Error that says which.
struct ParseLimits {
  std::size_t max_bytes = std::size_t{1} << 30;
  int max_depth = 256;
};

/// Owns a parsed or built document. Movable, not copyable (copy() is explicit). A document stays
/// with the thread that made it: documents of one thread share the names in them.
class Document {
 public:
  /// An empty document with a root element.
  static Document with_root(std::string_view root_name);
  /// Parses without network access, DTD loading or entity expansion; a document type declaration
  /// is refused. Blank text between elements is dropped. Errors name `source`, line and what is
  /// wrong, in one line.
  static Result<Document> parse(std::string_view text, std::string_view source = "input",
                                const ParseLimits& limits = {});
  /// A new document whose root is a deep copy of `root`.
  static Document copy_of(Element root);

  Document() = default;
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  explicit operator bool() const { return doc_ != nullptr; }
  Element root() const;
  Document copy() const;
  /// With the XML declaration, indented, ending in a newline.
  std::string to_file_text() const;
  _xmlDoc* raw() const { return doc_; }  ///< for lib/xml itself
  /// Takes ownership of a libxml2 document; for lib/xml itself.
  static Document adopt(_xmlDoc* doc);

 private:
  _xmlDoc* doc_ = nullptr;
};

/// Owns a loose element: a deep copy that belongs to its source's document without being linked
/// into it, so no search of the document finds it. The document must outlive it. Movable.
class Fragment {
 public:
  static Fragment copy_of(Element source);

  Fragment(Fragment&&) noexcept;
  Fragment& operator=(Fragment&&) noexcept;
  ~Fragment();

  Element root() const { return root_; }

 private:
  explicit Fragment(Element root) : root_(root) {}
  Element root_;
};

/// Text with & < > " escaped as attribute content.
std::string escape(std::string_view text);

/// Depth-first visit of `root` and every element beneath it.
template <class Visitor>
void for_each_descendant(Element root, Visitor&& visit) {
  Element at = root;
  while (at) {
    visit(at);
    if (Element child = at.first_child()) {
      at = child;
      continue;
    }
    while (at && !(at == root)) {
      if (Element sibling = at.next()) {
        at = sibling;
        break;
      }
      at = at.parent();
    }
    if (at == root) break;
  }
}

}  // namespace quorate::xml
