#pragma once

#include "scheduler/context.h"
#include "status/list_writer.h"
#include "status/show.h"
#include "xml/writer.h"

/// Operations, Migration Summary and Failed Resource Actions (spec/07 §11, spec/13 §12-13).
namespace quorate::status {

struct HistoryOptions {
  bool operations = false;  ///< list operations; otherwise fail counts only
  bool timing = false;      ///< with the details of time
};

/// False, and nothing, without an online node with a state.
bool write_node_history(ListWriter& out, scheduler::Context& context, const Show& show,
                        const HistoryOptions& options);
bool write_node_history(xml::Writer& out, scheduler::Context& context, const Show& show,
                        const HistoryOptions& options);

/// Failures that aren't masked probes. With `show.detail` in the detailed form. False, and nothing,
/// if there are none.
bool write_failures(ListWriter& out, const model::Snapshot& snapshot, const Show& show);
bool write_failures(xml::Writer& out, const model::Snapshot& snapshot, const Show& show);

/// A key `RSC_TASK_INTERVAL` in its parts (spec/05 §2.2); absent if it isn't one.
struct OperationKey {
  std::string resource;
  std::string task;
  std::int64_t interval_ms = 0;
};
std::optional<OperationKey> parse_operation_key(std::string_view key);

}  // namespace quorate::status
