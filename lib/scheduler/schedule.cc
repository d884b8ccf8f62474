#include "scheduler/schedule.h"

#include "scheduler/actions/actions.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/output/graph_xml.h"
#include "scheduler/state/state.h"

namespace quorate::scheduler {
namespace {

Schedule begin(const Input& input) {
  Schedule run;
  run.snapshot = std::make_unique<model::Snapshot>();
  run.actions = std::make_unique<graph::ActionGraph>();
  if (input.want_reasons) run.recorder = std::make_unique<Recorder>();
  run.snapshot->cib = input.cib;
  run.snapshot->now_seconds = input.now_seconds;
  run.snapshot->now_offset_seconds = input.now_offset_seconds;
  run.snapshot->local_offset_seconds = input.local_offset_seconds;
  run.snapshot->sanitized = input.sanitized;
  run.snapshot->local_node_name = input.local_node_name;
  return run;
}

void read_constraints(Context& context) {
  apply_node_health(context);
  unpack_constraints(context);
}

/// P5: what follows from the kind of each resource, one top-level resource after the other, as
/// colocations and orderings of one resource belong together.
void create_implicit_constraints(Context& context) {
  for (model::Resource* resource : context.snapshot.resources) {
    create_implicit_colocations(context, *resource);
    create_implicit_orderings(context, *resource);
  }
}

void write_outputs(Context& context, const Input& input, Schedule& run) {
  if (!input.want_graph && !input.want_dot) return;
  GraphText graph = write_graph_xml(context, input.transition_id);
  run.graph_xml = std::move(graph.xml);
  if (graph.taken_out) run.summary = summarize(context);
  if (input.want_dot) run.graph_dot = write_graph_dot(context, input.dot_all_actions);
}

}  // namespace

Result<Schedule> read_only(const Input& input) {
  Schedule run = begin(input);
  Context context{*run.snapshot, *run.actions, run.recorder.get()};
  if (auto read = read_state(context); !read) return tl::unexpected<Error>(read.error());
  return run;
}

Result<Schedule> verify(const Input& input) {
  auto run = read_only(input);
  if (!run) return run;
  Context context{*run->snapshot, *run->actions};
  read_constraints(context);
  return run;
}

void plan(Schedule& run, const Input& input) {
  Context context{*run.snapshot, *run.actions, run.recorder.get()};
  run.listing.scores = input.want_scores;
  run.listing.utilization = input.want_utilization;
  const bool listing = input.want_scores || input.want_utilization;
  read_constraints(context);                                   // P2, P3
  apply_node_criteria(context);                                // P4
  create_implicit_constraints(context);                        // P5
  check_changed_definitions(context);                          // P6
  place_resources(context, listing ? &run.listing : nullptr);  // P7
  create_actions(context);                                     // P8
  create_node_actions(context);                                // P9, P10
  apply_orderings(context);                                    // P11
  run.summary = summarize(context);                            // P12
  write_outputs(context, input, run);                          // P13
}

Result<Schedule> schedule(const Input& input) {
  auto run = read_only(input);  // P1
  if (run) plan(*run, input);
  return run;
}

}  // namespace quorate::scheduler
