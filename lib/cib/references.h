#pragma once

#include <string_view>
#include <vector>

#include "cib/schema.h"

namespace quorate::cib {

/// IDs that occur twice and references to IDs that don't exist in the configuration of a document
/// that has the form of schema `name` (spec/01 §3.1). Cost: linear.
std::vector<Violation> check_references(xml::Element cib, std::string_view name);

}  // namespace quorate::cib
