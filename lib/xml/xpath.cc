#include "xml/xpath.h"

#include <fmt/format.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <memory>

namespace quorate::xml {

Result<std::vector<Element>> find_all(Element context, std::string_view expression) {
  std::vector<Element> found;
  if (!context) return found;
  struct FreeContext {
    void operator()(xmlXPathContext* c) const { xmlXPathFreeContext(c); }
  };
  struct FreeObject {
    void operator()(xmlXPathObject* o) const { xmlXPathFreeObject(o); }
  };
  const std::unique_ptr<xmlXPathContext, FreeContext> evaluation(
      xmlXPathNewContext(context.raw()->doc));
  evaluation->node = context.raw();
  evaluation->error = [](void*, xmlErrorPtr) {};
  evaluation->opLimit = 50'000'000;
  const std::string text(expression);
  const std::unique_ptr<xmlXPathObject, FreeObject> result(
      xmlXPathEvalExpression(reinterpret_cast<const xmlChar*>(text.c_str()), evaluation.get()));
  if (!result) {
    return fail(ErrorKind::kInvalid, fmt::format("XPath '{}': not a valid expression", text));
  }
  if (result->type != XPATH_NODESET || result->nodesetval == nullptr) return found;
  xmlXPathNodeSetSort(result->nodesetval);
  for (int i = 0; i < result->nodesetval->nodeNr; ++i) {
    xmlNode* node = result->nodesetval->nodeTab[i];
    if (node->type == XML_DOCUMENT_NODE) node = xmlDocGetRootElement(context.raw()->doc);
    if (node != nullptr && node->type != XML_ELEMENT_NODE) node = node->parent;
    if (node == nullptr || node->type != XML_ELEMENT_NODE) continue;
    if (found.empty() || !(found.back() == Element(node))) found.emplace_back(node);
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
