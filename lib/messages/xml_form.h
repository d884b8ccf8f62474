#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "xml/document.h"

/// How messages are written as XML: one element, its fields as attributes, lists as children. Used
/// by the codecs of lib/messages only.
namespace quorate::form {

/// Messages of a later protocol are refused.
inline constexpr int kProtocol = 1;

/// A new message of this name, with the protocol version.
xml::Document begin(std::string_view name);
/// Parses a message and checks name (any of `names`), protocol and size.
Result<xml::Document> open(std::string_view text, const std::vector<std::string_view>& names,
                           std::size_t max_bytes);

/// Text as XML can hold it: bytes that aren't UTF-8 and control characters become `?`.
std::string printable(std::string_view text);

/// Sets a text field; empty text isn't written.
void put(xml::Element element, std::string_view name, std::string_view value);
/// Sets a text field, also if empty.
void put_always(xml::Element element, std::string_view name, std::string_view value);
void put_flag(xml::Element element, std::string_view name, bool value);
void put_number(xml::Element element, std::string_view name, std::int64_t value);
void put_unsigned(xml::Element element, std::string_view name, std::uint64_t value);

std::string text(xml::Element element, std::string_view name);
bool flag(xml::Element element, std::string_view name);
/// The number, or `fallback` if missing or unreadable.
std::int64_t number(xml::Element element, std::string_view name, std::int64_t fallback = 0);
std::uint64_t unsigned_number(xml::Element element, std::string_view name,
                              std::uint64_t fallback = 0);
template <std::unsigned_integral T>
T narrow(xml::Element element, std::string_view name) {
  const std::uint64_t value = unsigned_number(element, name);
  return value > static_cast<T>(-1) ? T{0} : static_cast<T>(value);
}

/// A field written as the number of an ErrorKind; kInternal if it is none.
ErrorKind error_kind(xml::Element element, std::string_view name);

/// Puts `fragment` (an XML element as text) inside a new child `name`; nothing if it doesn't parse.
void put_fragment(xml::Element element, std::string_view name, std::string_view fragment);
/// The first element inside the child `name`, as text; empty if there is none.
std::string fragment(xml::Element element, std::string_view name);

}  // namespace quorate::form
