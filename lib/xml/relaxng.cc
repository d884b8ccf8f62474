#include "xml/relaxng.h"

#include <libxml/relaxng.h>
#include <libxml/tree.h>

#include <utility>

#include "base/text.h"

namespace quorate::xml {

namespace {

struct Collector {
  std::vector<ValidityError> errors;
  std::size_t limit = 20;
};

void collect(void* data, xmlErrorPtr error) {
  auto* collector = static_cast<Collector*>(data);
  if (error == nullptr || collector->errors.size() >= collector->limit) return;
  auto* node = static_cast<xmlNode*>(error->node);
  while (node != nullptr && node->type != XML_ELEMENT_NODE) node = node->parent;
  collector->errors.push_back(
      {Element(node), error->message == nullptr ? "" : std::string(trim(error->message))});
}

}  // namespace

Result<RelaxNg> RelaxNg::compile(const Document& grammar) {
  RelaxNg compiled;
  compiled.grammar_ = grammar.copy();
  Collector collector;
  xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewDocParserCtxt(compiled.grammar_.raw());
  xmlRelaxNGSetParserStructuredErrors(parser, collect, &collector);
  compiled.schema_ = xmlRelaxNGParse(parser);
  xmlRelaxNGFreeParserCtxt(parser);
  if (compiled.schema_ == nullptr) {
    return fail(ErrorKind::kInternal,
                "RelaxNG grammar doesn't compile: " +
                    (collector.errors.empty() ? "" : collector.errors.front().message));
  }
  return compiled;
}

RelaxNg::RelaxNg(RelaxNg&& other) noexcept
    : grammar_(std::move(other.grammar_)), schema_(std::exchange(other.schema_, nullptr)) {}
RelaxNg& RelaxNg::operator=(RelaxNg&& other) noexcept {
  std::swap(grammar_, other.grammar_);
  std::swap(schema_, other.schema_);
  return *this;
}
RelaxNg::~RelaxNg() {
  if (schema_ != nullptr) xmlRelaxNGFree(schema_);
}

std::vector<ValidityError> RelaxNg::validate(Element root, std::size_t limit) const {
  Collector collector;
  collector.limit = limit;
  xmlRelaxNGValidCtxtPtr context = xmlRelaxNGNewValidCtxt(schema_);
  xmlRelaxNGSetValidStructuredErrors(context, collect, &collector);
  const int result = xmlRelaxNGValidateDoc(context, root.raw()->doc);
  xmlRelaxNGFreeValidCtxt(context);
  if (result == 0) return {};
  if (collector.errors.empty()) collector.errors.push_back({root, "not valid"});
  return std::move(collector.errors);
}

DetachedContent::DetachedContent(Element element) : node_(element.raw()) {
  if (node_ == nullptr) return;
  first_ = std::exchange(node_->children, nullptr);
  last_ = std::exchange(node_->last, nullptr);
}

DetachedContent::~DetachedContent() {
  if (node_ == nullptr) return;
  node_->children = first_;
  node_->last = last_;
}

}  // namespace quorate::xml
