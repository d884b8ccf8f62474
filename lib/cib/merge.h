#pragma once

#include "cib/edit.h"

namespace quorate::cib {

/// Merges `input` into `target` (spec/08 §5, Merge). False if the document became too deep.
bool merge(Edit& edit, xml::Element target, xml::Element input, bool score_update);

}  // namespace quorate::cib
