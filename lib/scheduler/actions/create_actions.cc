#include "scheduler/actions/actions.h"
#include "scheduler/actions/steps.h"

/// The phases of this stage, in order (spec/05 §1.1).
namespace quorate::scheduler {

void create_actions(Context& context) {
  check_deferred_definitions(context);
  if (context.snapshot.options.startup_probes) create_probes(context);
  clear_failures_of_removed(context);
  for (model::Resource* resource : context.snapshot.resources) {
    create_resource_actions(context, *resource);
  }
}

void create_node_actions(Context& context) {
  create_remote_orderings(context);
  create_fencing_and_shutdown(context);
}

}  // namespace quorate::scheduler
