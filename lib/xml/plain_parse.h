#pragma once

#include <libxml/tree.h>

#include <string_view>

namespace quorate::xml {

/// Parses text that consists of elements, attributes, comments and text alone, without prefixes, as
/// libxml2 does with blanks dropped, at a fraction of its cost. Null if anything else occurs or the
/// text isn't well-formed: then libxml2 is to decide what it is, and to say what is wrong with it.
/// Elements nest at most `max_depth` deep.
xmlDoc* parse_plain(std::string_view text, int max_depth);

}  // namespace quorate::xml
