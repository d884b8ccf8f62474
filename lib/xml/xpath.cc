#include "xml/xpath.h"

#include <fmt/format.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <memory>

namespace quorate::xml {

namespace {

struct FreeContext {
  void operator()(xmlXPathContext* c) const { xmlXPathFreeContext(c); }
};
struct FreeObject {
  void operator()(xmlXPathObject* o) const { xmlXPathFreeObject(o); }
};
using XPathResult = std::unique_ptr<xmlXPathObject, FreeObject>;

/// The nodes selected, in document order. The object must not outlive the document.
Result<XPathResult> evaluate(Element context, const std::string& text) {
  const std::unique_ptr<xmlXPathContext, FreeContext> evaluation(
      xmlXPathNewContext(context.raw()->doc));
  evaluation->node = context.raw();
  evaluation->error = [](void*, xmlErrorPtr) {};
  evaluation->opLimit = 50'000'000;
  XPathResult result(
      xmlXPathEvalExpression(reinterpret_cast<const xmlChar*>(text.c_str()), evaluation.get()));
  if (!result) {
    return fail(ErrorKind::kInvalid, fmt::format("XPath '{}': not a valid expression", text));
  }
  if (result->type == XPATH_NODESET && result->nodesetval != nullptr) {
    xmlXPathNodeSetSort(result->nodesetval);
  }
  return result;
}

int count_of(const XPathResult& result) {
  return result->type == XPATH_NODESET && result->nodesetval != nullptr ? result->nodesetval->nodeNr
                                                                        : 0;
}

/// The element a selected node is or belongs to; null for none.
xmlNode* owner_of(xmlNode* node, Element context) {
  if (node->type == XML_NAMESPACE_DECL) return nullptr;
  if (node->type == XML_DOCUMENT_NODE) return xmlDocGetRootElement(context.raw()->doc);
  if (node->type != XML_ELEMENT_NODE) node = node->parent;
  return node != nullptr && node->type == XML_ELEMENT_NODE ? node : nullptr;
}

}  // namespace

Result<std::vector<Element>> find_all(Element context, std::string_view expression) {
  std::vector<Element> found;
  if (!context) return found;
  const Result<XPathResult> result = evaluate(context, std::string(expression));
  if (!result) return tl::unexpected(result.error());
  for (int i = 0; i < count_of(*result); ++i) {
    xmlNode* node = owner_of((*result)->nodesetval->nodeTab[i], context);
    if (node == nullptr) continue;
    if (found.empty() || !(found.back() == Element(node))) found.emplace_back(node);
  }
  return found;
}

Result<std::vector<Match>> find_matches(Element context, std::string_view expression) {
  std::vector<Match> found;
  if (!context) return found;
  const Result<XPathResult> result = evaluate(context, std::string(expression));
  if (!result) return tl::unexpected(result.error());
  for (int i = 0; i < count_of(*result); ++i) {
    xmlNode* node = (*result)->nodesetval->nodeTab[i];
    xmlNode* owner = owner_of(node, context);
    if (owner == nullptr) continue;
    Match match;
    match.element = Element(owner);
    match.is_element = node->type == XML_ELEMENT_NODE || node->type == XML_DOCUMENT_NODE;
    if (node->type == XML_ATTRIBUTE_NODE) {
      match.attribute_name = reinterpret_cast<const char*>(node->name);
      match.attribute_value = std::string(Element(owner).get_or(match.attribute_name, {}));
    }
    found.push_back(std::move(match));
  }
  return found;
}

std::string xpath_literal(std::string_view text) {
  if (text.find('\'') == std::string_view::npos) return fmt::format("'{}'", text);
  if (text.find('"') == std::string_view::npos) return fmt::format("\"{}\"", text);
  std::string joined = "concat(";
  bool first = true;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find('\'', start), text.size());
    if (!first) joined += ",\"'\",";
    joined += fmt::format("'{}'", text.substr(start, end - start));
    first = false;
    start = end + 1;
  }
  return joined + ")";
}

}  // namespace quorate::xml
