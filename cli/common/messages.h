#pragma once

#include <cstddef>

#include "common/output.h"
#include "model/snapshot.h"

namespace quorate::cli {

/// Log lines on standard error for the messages of a snapshot from number `from` on, as the
/// verbosity asks for (spec/14 §5.6). Returns the number of messages there are.
std::size_t log_messages(Output& output, const model::Snapshot& snapshot, std::size_t from,
                         int verbosity);

}  // namespace quorate::cli
