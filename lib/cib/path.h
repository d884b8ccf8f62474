#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cib/document.h"
#include "xml/node.h"

/// Paths as patches have them (spec/08 §10.1): /cib/configuration/x[@id='ID'], a comment's last
/// component being /comment. Not XPath: an id ends only at `']` followed by `/` or the end.
namespace quorate::cib {

std::string path_of(xml::Node node);
/// The last component of path_of().
void append_component(std::string& path, xml::Node node);

/// The first fitting element, component by component; null if there is none or the path is
/// malformed. With `comment_position`, a last component "comment" names the comment there.
xml::Node resolve_path(const Cib& cib, std::string_view path,
                       std::optional<std::size_t> comment_position = {});

}  // namespace quorate::cib
