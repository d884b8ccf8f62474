#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "xml/document.h"

/// Attributes of status entries, as the controller writes and reads them.
namespace quorate::controller::field {

/// Sets text of any bytes (an agent's reason); what XML can't carry becomes `?`.
void put_always(xml::Element element, std::string_view name, std::string_view value);
/// As above; empty text isn't written.
void put(xml::Element element, std::string_view name, std::string_view value);

std::string text(xml::Element element, std::string_view name);
/// The number, or `fallback` if missing or unreadable.
std::int64_t number(xml::Element element, std::string_view name, std::int64_t fallback = 0);

}  // namespace quorate::controller::field
