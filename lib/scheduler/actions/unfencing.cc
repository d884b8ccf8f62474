#include <string>

#include "scheduler/actions/create.h"
#include "scheduler/actions/steps.h"
#include "scheduler/state/state.h"

/// Unfencing: nodes that devices must let in again (spec/05 §13.4, §13.5).
namespace quorate::scheduler {

using graph::Action;
using model::Node;
using model::Resource;

namespace {

bool is_ready(const Node& node) { return node.online && !node.unclean && !node.shutdown; }

}  // namespace

void order_after_unfencing(Context& context, Resource& resource, Node& node, Action& action,
                           graph::Tags tags) {
  const bool is_device = resource.is_fence_device && context.snapshot.unfencing_in_use;
  if (!is_device && resource.needs != model::Requires::kUnfencing) return;
  Action& unfence = fence_action(context, node, "on", false, {}, false);
  context.graph.add_edge(unfence, action, tags);
  if (node.attributes.get_or("#node-unfenced", "0") != "0") return;
  std::string reason = "required by ";
  reason.append(resource.id).append(" ").append(action.task);
  trigger_unfencing(context, nullptr, node, reason);
}

void trigger_unfencing(Context& context, Resource* resource, Node& node, std::string_view reason) {
  if (!context.snapshot.unfencing_in_use) return;
  if (resource != nullptr && !resource->is_fence_device) return;
  if (is_ready(node)) {
    fence_action(context, node, "on", true, reason, false);
  } else if (resource != nullptr) {
    for (Node* other : context.snapshot.nodes_by_name) {
      if (resource->allowed.find(*other) == nullptr || !is_ready(*other)) continue;
      fence_action(context, *other, "on", true, reason, false);
    }
  }
}

}  // namespace quorate::scheduler
