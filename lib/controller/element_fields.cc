#include "controller/element_fields.h"

#include <charconv>

#include "base/text.h"

namespace quorate::controller::field {

void put_always(xml::Element element, std::string_view name, std::string_view value) {
  element.set(name, to_xml_safe(value));
}

void put(xml::Element element, std::string_view name, std::string_view value) {
  if (!value.empty()) put_always(element, name, value);
}

std::string text(xml::Element element, std::string_view name) {
  return std::string(element.get_or(name, {}));
}

std::int64_t number(xml::Element element, std::string_view name, std::int64_t fallback) {
  const std::string_view value = element.get_or(name, {});
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  const bool whole = error == std::errc{} && end == value.data() + value.size();
  return whole ? parsed : fallback;
}

}  // namespace quorate::controller::field
