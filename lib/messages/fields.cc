#include "messages/fields.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace quorate::fields {

xml::Document create(std::string_view root) {
  xml::Document document = xml::Document::with_root(root);
  document.root().set("protocol", std::to_string(kProtocol));
  return document;
}

Result<xml::Document> open(std::string_view payload) {
  auto document = xml::Document::parse(payload, "message", {std::size_t{64} << 20, 16});
  if (!document) return document;
  if (get_number(document->root(), "protocol") != kProtocol) {
    return fail(ErrorKind::kUnsupported, "message '" + std::string(document->root().name()) +
                                             "' has protocol version '" +
                                             get(document->root(), "protocol") +
                                             "', this program speaks " + std::to_string(kProtocol));
  }
  return document;
}

void put(xml::Element element, std::string_view name, std::string_view value) {
  if (!value.empty()) element.set(name, to_xml_safe(value));
}

void put(xml::Element element, std::string_view name, std::int64_t value) {
  if (value != 0) element.set(name, std::to_string(value));
}

void put_flag(xml::Element element, std::string_view name, bool value) {
  if (value) element.set(name, "true");
}

void put_result(xml::Element element, const AgentResult& result) {
  element.set("exit-code", std::to_string(result.exit_code));
  element.set("status", std::to_string(static_cast<int>(result.status)));
  put(element, "reason", result.reason);
}

void put_text(xml::Element element, std::string_view child, std::string_view text) {
  if (!text.empty()) element.add(child).set_text(to_xml_safe(text));
}

void put_parameters(xml::Element element, std::string_view child, const Parameters& parameters) {
  if (parameters.empty()) return;
  xml::Element list = element.add(child);
  for (const auto& [name, value] : parameters) {
    xml::Element entry = list.add("param");
    entry.set("name", to_xml_safe(name));
    entry.set("value", to_xml_safe(value));
  }
}

std::string get(xml::Element element, std::string_view name) {
  return std::string(element.get_or(name, {}));
}

std::int64_t get_number(xml::Element element, std::string_view name) {
  return to_integer(element.get_or(name, {})).value_or(0);
}

std::uint64_t get_unsigned(xml::Element element, std::string_view name) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, get_number(element, name)));
}

bool get_flag(xml::Element element, std::string_view name) {
  return parse_boolean(element.get_or(name, {})).value_or(false);
}

AgentResult get_result(xml::Element element) {
  const auto clip = [](std::int64_t number) {
    return static_cast<int>(std::clamp<std::int64_t>(number, std::numeric_limits<int>::min(),
                                                     std::numeric_limits<int>::max()));
  };
  AgentResult result;
  result.exit_code = clip(to_integer(element.get_or("exit-code", {})).value_or(ocf::kUnknown));
  result.status =
      execution_status_from(clip(to_integer(element.get_or("status", {})).value_or(-2)));
  result.reason = get(element, "reason");
  return result;
}

std::string get_text(xml::Element element, std::string_view child) {
  xml::Element found = element.first_child(child);
  return found ? found.text() : std::string();
}

Parameters get_parameters(xml::Element element, std::string_view child) {
  Parameters parameters;
  for (xml::Element entry : xml::children(element.first_child(child), "param")) {
    parameters[get(entry, "name")] = get(entry, "value");
  }
  return parameters;
}

}  // namespace quorate::fields
