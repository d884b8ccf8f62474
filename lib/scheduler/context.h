#pragma once

#include "graph/action.h"
#include "model/snapshot.h"

namespace quorate::scheduler {

/// What every stage works on: the snapshot it reads and changes, and the actions created so far.
struct Context {
  model::Snapshot& snapshot;
  graph::ActionGraph& graph;
};

}  // namespace quorate::scheduler
