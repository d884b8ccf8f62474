#pragma once

#include <cstdint>
#include <string>

#include "scheduler/context.h"

/// Stage 4: the transition graph as a value, from the actions (spec/05 §21, spec/06).
namespace quorate::scheduler {

struct GraphText {
  std::string xml;
  /// Actions were taken out because they could never begin (feasible.h): a summary made before
  /// doesn't know.
  bool taken_out = false;
};

/// Chooses what goes into the graph and creates the real notify actions (spec/05 §12, §21), then
/// writes it as XML (spec/06 §3-13). `transition_id` counts runs of the process.
GraphText write_graph_xml(Context& context, int transition_id);

/// Dot file of the same run (spec/06 §14); call after write_graph_xml.
std::string write_graph_dot(Context& context, bool all_actions);

}  // namespace quorate::scheduler
