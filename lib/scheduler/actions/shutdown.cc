#include <string>

#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"

/// Shutdown of a node once everything on it has stopped (spec/05 §13.9).
namespace quorate::scheduler {

using graph::Action;
using model::Node;

graph::Action& create_shutdown(Context& context, Node& node) {
  Action& shutdown = get_or_create(context, nullptr, std::string("do_shutdown-").append(node.name),
                                   "do_shutdown", &node, false);
  for (Action* action = context.graph.newest; action != nullptr; action = action->next) {
    if (action->node != &node || action->task != "stop" || action->resource == nullptr) continue;
    const model::Resource& resource = *action->resource;
    if (resource.maintenance || node.maintenance) continue;
    if (!resource.managed && !resource.blocked) continue;
    action->flags &= ~graph::flag::kOptional;
    order_actions(context, *action, shutdown, graph::tag::kSeq | graph::tag::kBlockThen);
  }
  shutdown.meta.set("op_no_wait", "true");
  return shutdown;
}

}  // namespace quorate::scheduler
