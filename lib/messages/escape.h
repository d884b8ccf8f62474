#pragma once

#include <string>
#include <string_view>

/// Text as messages hold it: what would end a field is written as a reference, and what XML can't
/// carry (control characters, bytes that aren't UTF-8) becomes `?`, when written and when read, so
/// that text out of a message can always go into a document.
namespace quorate::codec {

enum class Place { kField, kContent };  ///< line ends and tabs stay as they are in content
/// Exact text keeps any byte: for names that are compared but never shown or stored.
enum class Bytes { kPrintable, kExact };

void append_escaped(std::string& out, std::string_view text, Place place,
                    Bytes bytes = Bytes::kPrintable);

/// Replaces `text` by what append_escaped() was given; false if it holds a reference that
/// append_escaped() doesn't write.
bool unescape(std::string_view escaped, std::string& text, Bytes bytes = Bytes::kPrintable);

}  // namespace quorate::codec
