#include <fmt/format.h>

#include <algorithm>

#include "transition/walker.h"

namespace quorate::transition {
namespace {

std::string_view kind_word(ActionKind kind) {
  switch (kind) {
    case ActionKind::kResource:
      return "resource";
    case ActionKind::kPseudo:
      return "pseudo";
    case ActionKind::kCluster:
      return "cluster";
  }
  return {};
}

}  // namespace

std::string Walker::describe_pass(std::string_view source) const {
  return fmt::format(
      "Transition {} (Complete={}, Pending={}, Fired={}, Skipped={}, Incomplete={}, Source={}): {}",
      graph_.transition_id, pass_.completed, pass_.pending, pass_.fired, pass_.skipped,
      pass_.incomplete, source.empty() ? "unknown" : source, status_word());
}

bool Walker::input_open(const Synapse& synapse, const Action& input) const {
  const ActionState& state = actions_[static_cast<std::size_t>(&input - graph_.actions.data())];
  return !state.confirmed || (state.failed && synapse.priority != kAbortAll);
}

void Walker::describe_synapse(std::size_t index, std::vector<std::string>& lines) const {
  const Synapse& synapse = graph_.synapses[index];
  const SynapseState& state = synapses_[index];
  const char* word = state.failed             ? "Failed"
                     : state.confirmed        ? "Completed"
                     : state.executed         ? "In-flight"
                     : state.open_inputs == 0 ? "Ready"
                                              : "Pending";
  std::string waiting;
  std::vector<int> unresolved;
  if (!state.executed) {
    for (const int id : synapse.inputs) {
      const Action* input = graph_.find(id);
      if (input == nullptr) {
        unresolved.push_back(id);
      } else if (input_open(synapse, *input)) {
        waiting += fmt::format("{}{}", waiting.empty() ? "" : " ", id);
      }
    }
  }
  for (const std::size_t at : synapse.actions) {
    const Action& action = graph_.actions[at];
    const std::string text = fmt::format("{} {} op {}", word, kind_word(action.kind), action.key);
    lines.push_back(fmt::format("[Action {:4}]: {:<50}{}{} (priority: {}, waiting: {})", action.id,
                                text, action.node.empty() ? "" : " on ", action.node,
                                synapse.priority, waiting.empty() ? "none" : waiting));
  }
  for (const int id : unresolved) {
    lines.push_back(fmt::format(" * [Input {:2}]: Unresolved dependency", id));
  }
}

std::vector<std::string> Walker::describe_graph() const {
  std::vector<std::string> lines;
  if (graph_.actions.empty()) return lines;
  lines.push_back(fmt::format("Graph {} with {} actions: batch-limit={} jobs, network-delay={}ms",
                              graph_.transition_id, graph_.actions.size(), graph_.batch_limit,
                              graph_.cluster_delay_ms));
  for (std::size_t i = 0; i < graph_.synapses.size(); ++i) describe_synapse(i, lines);
  return lines;
}

}  // namespace quorate::transition
