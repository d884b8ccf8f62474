#pragma once

#include <vector>

#include "cib/schema.h"
#include "xml/relaxng.h"

namespace quorate::cib {

/// Says in an administrator's words why a document isn't valid: which element or attribute is not
/// allowed, missing or has a bad value, and what is allowed there, read off the grammar. Falls
/// back to the validator's own complaints where the grammar's pieces are all right but their
/// combination isn't. Never empty. At most 20.
std::vector<Violation> diagnose(xml::Element cib, xml::Element grammar,
                                const std::vector<xml::ValidityError>& errors);

}  // namespace quorate::cib
