#include "messages/xml_form.h"

#include <algorithm>
#include <charconv>

namespace quorate::form {
namespace {

/// Length of the valid UTF-8 sequence at `at` that XML 1.0 allows; 0 if there is none.
std::size_t xml_character_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(at);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  std::size_t length = 0;
  unsigned code = 0;
  if ((first & 0xe0) == 0xc0)
    length = 2, code = first & 0x1f;
  else if ((first & 0xf0) == 0xe0)
    length = 3, code = first & 0x0f;
  else if ((first & 0xf8) == 0xf0)
    length = 4, code = first & 0x07;
  else
    return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(at + i) & 0x3f);
  }
  constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff) return 0;
  if ((code >= 0xd800 && code <= 0xdfff) || code == 0xfffe || code == 0xffff) return 0;
  return length;
}

}  // namespace

xml::Document begin(std::string_view name) {
  xml::Document document = xml::Document::with_root(name);
  document.root().set("protocol", std::to_string(kProtocol));
  return document;
}

Result<xml::Document> open(std::string_view text, const std::vector<std::string_view>& names,
                           std::size_t max_bytes) {
  xml::ParseLimits limits;
  limits.max_bytes = max_bytes;
  Result<xml::Document> document = xml::Document::parse(text, "message", limits);
  if (!document) return document;
  xml::Element root = document->root();
  if (std::find(names.begin(), names.end(), root.name()) == names.end()) {
    return fail(ErrorKind::kInvalid,
                "message of unknown kind '" + std::string(root.name()) + "' refused");
  }
  const std::int64_t protocol = number(root, "protocol", 0);
  if (protocol < 1 || protocol > kProtocol) {
    return fail(ErrorKind::kUnsupported, "message '" + std::string(root.name()) + "' of protocol " +
                                             std::to_string(protocol) +
                                             " refused: this node speaks " +
                                             std::to_string(kProtocol));
  }
  return document;
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = xml_character_length(text, i);
    if (length == 0) {
      result += '?';
      ++i;
    } else {
      result.append(text.substr(i, length));
      i += length;
    }
  }
  return result;
}

void put(xml::Element element, std::string_view name, std::string_view value) {
  if (!value.empty()) put_always(element, name, value);
}

void put_always(xml::Element element, std::string_view name, std::string_view value) {
  element.set(name, printable(value));
}

void put_flag(xml::Element element, std::string_view name, bool value) {
  if (value) element.set(name, "1");
}

void put_number(xml::Element element, std::string_view name, std::int64_t value) {
  if (value != 0) element.set(name, std::to_string(value));
}

void put_unsigned(xml::Element element, std::string_view name, std::uint64_t value) {
  if (value != 0) element.set(name, std::to_string(value));
}

std::string text(xml::Element element, std::string_view name) {
  return std::string(element.get_or(name, {}));
}

bool flag(xml::Element element, std::string_view name) { return element.get_or(name, {}) == "1"; }

namespace {
template <class T>
T parse(xml::Element element, std::string_view name, T fallback) {
  const std::string_view value = element.get_or(name, {});
  T parsed{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  return error == std::errc{} && end == value.data() + value.size() && !value.empty() ? parsed
                                                                                      : fallback;
}
}  // namespace

std::int64_t number(xml::Element element, std::string_view name, std::int64_t fallback) {
  return parse<std::int64_t>(element, name, fallback);
}

std::uint64_t unsigned_number(xml::Element element, std::string_view name, std::uint64_t fallback) {
  return parse<std::uint64_t>(element, name, fallback);
}

ErrorKind error_kind(xml::Element element, std::string_view name) {
  const std::int64_t value = number(element, name, static_cast<int>(ErrorKind::kInternal));
  return value < 0 || value > static_cast<int>(ErrorKind::kInternal)
             ? ErrorKind::kInternal
             : static_cast<ErrorKind>(value);
}

void put_fragment(xml::Element element, std::string_view name, std::string_view fragment) {
  if (fragment.empty()) return;
  const Result<xml::Document> parsed = xml::Document::parse(fragment, "fragment");
  if (parsed) element.add(name).add_copy(parsed->root());
}

std::string fragment(xml::Element element, std::string_view name) {
  const xml::Element inner = element.first_child(name).first_child();
  return inner ? inner.to_string() : std::string();
}

}  // namespace quorate::form
