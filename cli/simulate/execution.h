#pragma once

#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "common/output.h"
#include "scheduler/schedule.h"
#include "simulate/cluster.h"
#include "transition/walker.h"

namespace quorate::cli::simulate {

/// Names under which results may be shown (spec/07 §15.1), copied out of the snapshot, as execution
/// changes the document beneath it.
std::unordered_set<std::string> known_names(const model::Snapshot& snapshot);

/// Carries out a transition at once: says what is done and writes every result into the cluster's
/// document (spec/07 §15-17).
class Execution {
 public:
  Execution(Output& output, Cluster& cluster, std::unordered_set<std::string> known,
            const std::vector<std::string>& failures)
      : output_(output), cluster_(cluster), known_(std::move(known)), failures_(failures) {}

  /// Called after each action that was carried out; may change the document's status.
  using Observer = std::function<void(const transition::Action&, bool failed)>;
  void set_observer(Observer observer) { observer_ = std::move(observer); }

  /// True if the transition completed. Error if the graph can't be read or an action's node isn't
  /// known.
  Result<bool> run(const std::string& graph_xml);

 private:
  Result<void> carry_out(transition::Walker& walker, const transition::Action& action);
  Result<void> run_resource_action(transition::Walker& walker, const transition::Action& action);
  Result<void> fence(const transition::Action& action);
  std::string shown_name(const transition::Action& action) const;
  /// A requested failure of the action: true if one matches; changes the result.
  bool pretend_failure(transition::Walker& walker, const transition::Action& action,
                       xml::Element node_state, ActionResult& result);
  void show_item(const std::string& text);
  void observe(const transition::Action& action, bool failed);

  Output& output_;
  Cluster& cluster_;
  std::unordered_set<std::string> known_;
  const std::vector<std::string>& failures_;
  Observer observer_;
};

}  // namespace quorate::cli::simulate
