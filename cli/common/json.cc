#include "common/json.h"

#include <nlohmann/json.hpp>

#include "xml/document.h"

namespace quorate::cli {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(xml::Element element) {
  Json object = Json::object();
  for (const xml::Attribute& attribute : element.attributes()) {
    const std::string name(attribute.name);
    if (attribute.value == "true" || attribute.value == "false") {
      object[name] = attribute.value == "true";
    } else {
      object[name] = std::string(attribute.value);
    }
  }
  for (xml::Element child : xml::children(element)) {
    object[std::string(child.name())].push_back(json_of(child));
  }
  if (const std::string text = element.text(); !text.empty() && !element.first_child()) {
    object["text"] = text;
  }
  return object;
}

}  // namespace

std::string json_of_xml(std::string_view document) {
  const auto parsed = xml::Document::parse(document);
  if (!parsed) return {};
  return json_of(parsed->root()).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quorate::cli
