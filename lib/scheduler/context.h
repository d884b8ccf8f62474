#pragma once

#include "graph/action.h"
#include "model/snapshot.h"
#include "scheduler/recorder.h"

namespace quorate::scheduler {

/// What every stage works on: the snapshot it reads and changes, and the actions created so far.
struct Context {
  model::Snapshot& snapshot;
  graph::ActionGraph& graph;
  Recorder* recorder = nullptr;  ///< null: reasons aren't kept
};

/// Why the resource's table, or those beneath it, have just changed; nothing without a recorder.
inline void note(const Context& context, const model::Resource& resource, const Reason& reason) {
  if (context.recorder != nullptr) [[unlikely]]
    context.recorder->note(resource, reason);
}
/// Why it is to be stopped, unmanaged or blocked.
inline void note_state(const Context& context, const model::Resource& resource,
                       const Reason& reason) {
  if (context.recorder != nullptr) [[unlikely]]
    context.recorder->note_state(resource, reason);
}

}  // namespace quorate::scheduler
