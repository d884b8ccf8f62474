#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

/// The small subset of XML that messages are written in (codec.h), read in one pass into a list of
/// views of the text: no document, no entity but what the writer uses, everything bounded.
///
///   <order protocol="1" to="3" task="start"><param name="a" value="b"/></order>
///
/// An element holds elements, or text (escaped), or raw bytes: if its first field is `bytes`, that
/// many bytes of any kind follow and aren't looked at:
///
///   <cib-change protocol="1" position="7"><patch bytes="8"><diff/>..</patch></cib-change>
namespace quorate::codec {

/// Most elements inside elements, fields of one element, elements and fields of one message.
inline constexpr int kMaxDepth = 8;
inline constexpr std::size_t kMaxFieldsOfElement = 64;
inline constexpr std::size_t kMaxElements = std::size_t{1} << 20;
inline constexpr std::size_t kMaxFields = std::size_t{1} << 22;

/// The name of a message's root element, for dispatch; empty if the text starts with none.
std::string_view message_name(std::string_view message);

/// Views into the text it was read from, which must outlive it.
struct Markup {
  struct Field {
    std::string_view name;
    std::string_view value;  ///< as written: escaped
  };
  struct Element {
    std::string_view name;
    std::string_view content;  ///< raw bytes, or text as written; empty if it holds elements
    std::uint32_t first_field = 0;
    std::uint32_t field_count = 0;
    std::uint32_t end = 0;  ///< behind the last element inside it
  };
  std::vector<Element> elements;  ///< in document order; the root is the first
  std::vector<Field> fields;

  /// kInvalid with a reason if the text isn't one complete element of this subset or is too large.
  static Result<Markup> read(std::string_view text);
};

}  // namespace quorate::codec
