#pragma once

#include <string>
#include <string_view>

namespace quorate::cli {

/// The XML form of a tool's output as JSON: an object per element with its attributes as members
/// (`true`/`false` as booleans), its children as arrays under their names, text as `text`. Empty if
/// `document` doesn't parse.
std::string json_of_xml(std::string_view document);

}  // namespace quorate::cli
