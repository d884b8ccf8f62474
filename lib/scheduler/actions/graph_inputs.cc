#include <string>
#include <vector>

#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/edges.h"
#include "scheduler/actions/operation.h"

/// Which actions and inputs are in the graph (spec/05 §20.2, §21.1, §21.3; spec/06 §10, §12.2).
namespace quorate::scheduler {

using graph::Action;
using graph::Edge;
using graph::Tags;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

bool refuse(Context& context, const Action& action, std::string_view why, bool report) {
  if (report) {
    context.snapshot.report(model::MessageClass::kProcessingError,
                            std::string("Skipping action ")
                                .append(action.key)
                                .append(" (")
                                .append(std::to_string(action.number))
                                .append(") because it was ")
                                .append(why)
                                .append(" (bug?)"));
  }
  return false;
}

/// Unmanaged resources are only watched.
bool is_kept_when_unmanaged(const Action& action) {
  return action.task == "monitor" || action.interval_ms != 0;
}

bool has_only(Tags tags, Tags allowed) { return (tags & ~allowed) == 0; }

/// An input that is about utilization (rows 8a-8e); disabled if it doesn't count.
bool is_load_input(const Action& then, Edge& edge) {
  const Action& first = *edge.other;
  if (then.resource != nullptr && then.task == "migrate_to") {
    const auto& assigned = then.resource->assigned;
    if (first.node != nullptr && assigned && assigned->node == first.node) return true;
  } else if (first.node != nullptr && first.node == then.node && first.required()) {
    return true;
  }
  edge.tags = 0;
  return false;
}

/// An input that keeps two resources apart (rows 9a-9c).
bool is_anti_input(const Action& then, Edge& edge) {
  const Action& first = *edge.other;
  const bool apart = first.node != nullptr && then.node != nullptr && first.node != then.node;
  if (!apart && first.required()) return true;
  edge.tags = 0;
  return false;
}

bool is_stop_of_unmanaged_failed(const Action& first, const Action& then) {
  return first.resource != nullptr && first.resource != then.resource && !first.resource->managed &&
         first.resource->failed && first.key.ends_with("_stop_0") && then.resource != nullptr &&
         then.resource->is_clone();
}

bool is_refused(const Action& first, Tags tags) {
  if (tags == 0) return true;
  if (!first.runnable()) {
    if (has_only(tags, tag::kSeq | tag::kShowFirst | tag::kShowThen)) return true;
    if ((tags & (tag::kMinCount | tag::kGuardFirst)) != 0) return true;
  }
  if (!first.has(flag::kMigratable)) return false;
  if ((tags & tag::kUnlessMigrating) != 0) return true;
  return tags == tag::kSeq && first.key.ends_with("_stop_0");
}

/// Whether `target` is among what must be done before `edge` of `then`.
class LoopSearch {
 public:
  LoopSearch(Context& context, const Action& target) : context_(context), target_(target) {}
  ~LoopSearch() {
    for (Action* action : visited_) action->flags &= ~flag::kLoopMark;
  }
  LoopSearch(const LoopSearch&) = delete;
  LoopSearch& operator=(const LoopSearch&) = delete;

  bool reaches(Action& then, Edge& edge) {
    if (!push(then, edge)) return false;
    while (!pending_.empty()) {
      Action& at = *pending_.back();
      pending_.pop_back();
      if (&at == &target_) return true;
      for (Edge* input = at.before; input != nullptr; input = input->next) push(at, *input);
    }
    return false;
  }

 private:
  bool push(Action& then, Edge& edge) {
    Action& first = *edge.other;
    if (first.has(flag::kLoopMark) || !is_input(context_, then, edge)) return false;
    first.flags |= flag::kLoopMark;
    visited_.push_back(&first);
    pending_.push_back(&first);
    return true;
  }

  Context& context_;
  const Action& target_;
  std::vector<Action*> visited_;
  std::vector<Action*> pending_;
};

}  // namespace

bool is_includable(Context& context, const Action& action, bool report) {
  if (!action.runnable()) return false;
  if (!action.required() && !action.has(flag::kShown)) return false;
  if (action.resource != nullptr && !action.resource->managed && !is_kept_when_unmanaged(action)) {
    return false;
  }
  if (action.pseudo() || iequals(action.task, "stonith") || iequals(action.task, "do_shutdown")) {
    return true;
  }
  if (action.node == nullptr) return refuse(context, action, "not assigned to a node", report);
  if (action.has(flag::kOnDc)) return true;
  if (action.node->is_guest_or_bundle() && !action.node->needs_reset) return true;
  if (!action.node->online) return refuse(context, action, "scheduled for offline node", report);
  if (action.node->unclean) return refuse(context, action, "scheduled for unclean node", report);
  return true;
}

bool is_input(Context& context, Action& then, Edge& edge) {
  const Action& first = *edge.other;
  if (edge.is_input) return true;
  if (is_refused(first, edge.tags)) return false;
  if (edge.tags == tag::kLoad) return is_load_input(then, edge);
  if (edge.tags == tag::kAnti) return is_anti_input(then, edge);
  if (is_stop_of_unmanaged_failed(first, then)) {
    context.snapshot.report_once(model::MessageClass::kProcessingWarning,
                                 std::string("Ignoring requirement that ")
                                     .append(first.key)
                                     .append(" complete before ")
                                     .append(then.key)
                                     .append(": unmanaged failed resources cannot prevent clone "
                                             "shutdown"));
    return false;
  }
  return first.required() || (first.flags & (flag::kShown | flag::kGraphed)) != 0 ||
         is_includable(context, first, false);
}

void disable_load_loops(Context& context, Action& then) {
  if (then.task != "migrate_to") return;
  for (Edge* edge = then.before; edge != nullptr; edge = edge->next) {
    if (edge->tags == tag::kLoad && LoopSearch(context, then).reaches(then, *edge)) {
      edge->tags = 0;
    }
  }
}

}  // namespace quorate::scheduler
