#pragma once

#include "scheduler/state/history.h"

/// How one entry's recorded result is understood (spec/03 §11.4-11.7).
namespace quorate::scheduler {

/// An entry while it is processed: its result may be remapped.
struct EntryResult {
  const HistoryEntry& entry;
  std::int64_t code = 0;              ///< exit status R
  OpStatus status = OpStatus::kDone;  ///< execution status X
  bool expired = false;
  bool maskable = false;  ///< maskable probe of a resource outside bundles
};

/// §11.4; may schedule the failure's clearing.
bool is_expired(ResourceHistory& history, const HistoryEntry& entry);
/// §11.5
void remap(ResourceHistory& history, EntryResult& result);

/// `exit text: exit reason`, for messages.
std::string result_text(const HistoryEntry& entry, std::int64_t code);

}  // namespace quorate::scheduler
