#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cib/request.h"
#include "xml/document.h"
#include "xml/node.h"

namespace quorate::cib {

/// Elements by name and id, ids compared without case (spec/08 §5: deleting ignores it). Kept by
/// Edit; costs one entry per element.
class Index {
 public:
  /// About so many elements are to come.
  void reserve(std::size_t elements) { entries_.reserve(elements); }
  void add_subtree(xml::Node node);
  void remove_subtree(xml::Node node);
  void add(xml::Element element);
  void remove(xml::Element element);
  /// All elements of this name with this id in any case (nullopt: without an id), in no order.
  std::vector<xml::Element> find(std::string_view name, std::optional<std::string_view> id) const;
  /// Likewise without a list of them: `visit(xml::Element)`.
  template <class Visitor>
  void for_each(std::string_view name, std::optional<std::string_view> id, Visitor&& visit) const {
    auto [at, end] = entries_.equal_range(key_of(name, id));
    for (; at != end; ++at) {
      const xml::Element element(at->second);
      if (is_called(element, name, id)) visit(element);
    }
  }
  std::size_t size() const { return entries_.size(); }

 private:
  static std::uint64_t key_of(std::string_view name, std::optional<std::string_view> id);
  static bool is_called(xml::Element element, std::string_view name,
                        std::optional<std::string_view> id);

  std::unordered_multimap<std::uint64_t, _xmlNode*> entries_;
};

/// Where a section is (spec/08 §2). `known` is false for names the table doesn't have.
struct SectionPlace {
  bool known = false;
  bool whole = false;       ///< empty, `all` in any case, or `cib`
  std::string_view parent;  ///< "cib" or "configuration"
};
SectionPlace section_place(std::string_view name);

/// The CIB: the document, its index and nothing else. Holds only elements and comments. Changed
/// through Edit alone.
class Cib {
 public:
  /// Takes a document, dropping text. Errors: root isn't `cib`, names with namespaces.
  static Result<Cib> from(xml::Document document);
  /// As from(), with any root element.
  static Result<Cib> wrap(xml::Document document);
  static Result<Cib> parse(std::string_view text, std::string_view source = "CIB");
  /// The empty CIB of spec/08 §1.1.
  static Cib empty(std::string_view feature_set, std::string_view schema, std::int64_t epoch = 0);

  Cib(Cib&&) = default;
  Cib& operator=(Cib&&) = default;

  xml::Element root() const { return document_.root(); }
  xml::Element configuration() const { return root().first_child("configuration"); }
  xml::Element status() const { return root().first_child("status"); }
  Version version() const { return version_of(root()); }
  /// The element of a section; null if there isn't exactly one or the name is unknown.
  xml::Element section(std::string_view name) const;
  const Index& index() const { return index_; }
  /// The first child of `parent` with this name and exactly this id. Cost: as many elements as have
  /// both anywhere.
  xml::Element child(xml::Element parent, std::string_view name, std::string_view id) const;
  /// The first element at or beneath `start`, in document order, with this name and exactly this
  /// id (nullopt: without one). Doesn't walk: candidates come from the index.
  xml::Element find(xml::Element start, std::string_view name,
                    std::optional<std::string_view> id) const;
  std::string to_string() const { return root().to_string(); }

 private:
  friend class Edit;
  Cib(xml::Document document, Index index)
      : document_(std::move(document)), index_(std::move(index)) {}
  xml::Document document_;
  Index index_;
};

/// True if `element` is `ancestor` or beneath it.
bool is_within(xml::Node element, xml::Element ancestor);

/// Levels of elements a CIB may have.
inline constexpr int kMaxDepth = 256;

}  // namespace quorate::cib
