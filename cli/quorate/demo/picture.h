#pragma once

#include <cstdint>

#include "quorate/demo/cluster_watch.h"
#include "xml/document.h"

namespace quorate::demo {

/// What a CIB says, and what the scheduler would do about it. The document may be changed.
Picture picture_of(xml::Document& cib, std::int64_t now_seconds);

}  // namespace quorate::demo
