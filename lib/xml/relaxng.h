#pragma once

#include <memory>
#include <string>
#include <vector>

#include "xml/document.h"

struct _xmlRelaxNG;

namespace quorate::xml {

/// One complaint of the validator: where, and libxml2's words.
struct ValidityError {
  Element element;
  std::string message;
};

/// A compiled RelaxNG grammar. Movable; validation is not thread-safe.
class RelaxNg {
 public:
  /// Compiles; an Error means the grammar itself is wrong.
  static Result<RelaxNg> compile(const Document& grammar);
  RelaxNg(RelaxNg&&) noexcept;
  RelaxNg& operator=(RelaxNg&&) noexcept;
  ~RelaxNg();

  /// Empty if the document of `root` is valid; at most `limit` complaints otherwise. Cost: linear
  /// in the document.
  std::vector<ValidityError> validate(Element root, std::size_t limit = 20) const;

 private:
  RelaxNg() = default;
  Document grammar_;
  _xmlRelaxNG* schema_ = nullptr;
};

/// Takes the children of an element out of the tree for its own lifetime and puts them back in
/// place: what is validated or transformed meanwhile doesn't see them.
class DetachedContent {
 public:
  explicit DetachedContent(Element element);
  ~DetachedContent();
  DetachedContent(const DetachedContent&) = delete;
  DetachedContent& operator=(const DetachedContent&) = delete;

 private:
  _xmlNode* node_ = nullptr;
  _xmlNode* first_ = nullptr;
  _xmlNode* last_ = nullptr;
};

/// A compiled XSLT stylesheet. It can neither read nor write files nor use the network.
class Stylesheet {
 public:
  static Result<Stylesheet> compile(const Document& stylesheet);
  /// A new document; an Error if the stylesheet refuses the input (xsl:message terminate="yes"),
  /// with its message.
  Result<Document> apply(Element root) const;
  Stylesheet(Stylesheet&&) noexcept;
  Stylesheet& operator=(Stylesheet&&) noexcept;
  ~Stylesheet();

 private:
  struct Compiled;
  Stylesheet();
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace quorate::xml
