#pragma once

#include <string>

#include "cib/document.h"

/// What of the document a subscriber needs (CibPart), as text: most of a long one is of no use to
/// most of them.
namespace quorate::replica {

/// CibPart::kHistory.
std::string history_part(const cib::Cib& cib);
/// CibPart::kFencing.
std::string fencing_part(const cib::Cib& cib);

}  // namespace quorate::replica
