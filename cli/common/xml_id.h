#pragma once

#include <string>

namespace quorate::cli {

/// A text as an XML ID: characters not allowed in one become `.`.
std::string as_xml_id(std::string text);

}  // namespace quorate::cli
