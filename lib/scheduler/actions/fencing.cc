#include <algorithm>
#include <string>
#include <vector>

#include "scheduler/actions/create.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"
#include "scheduler/state/state.h"

/// Fencing of nodes and what waits for it (spec/05 §13.6-13.8).
namespace quorate::scheduler {

using graph::Action;
using model::Node;
using model::Resource;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

bool contains(const std::vector<Node*>& nodes, const Node* node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

bool is_managed_anywhere(const Resource& resource) {
  if (resource.managed) return true;
  return std::any_of(resource.children.begin(), resource.children.end(),
                     [](const Resource* child) { return is_managed_anywhere(*child); });
}

bool is_known_on(const Resource& resource, const Node& node) {
  if (contains(resource.known_on, &node)) return true;
  const Resource* parent = resource.parent;
  return parent != nullptr && parent->is_anonymous_clone() && contains(parent->known_on, &node);
}

/// Starts need to know that the node no longer runs anything (spec/05 §13.7 (1)).
void order_starts(Context& context, Resource& resource, Action& fencing) {
  const Node& node = *fencing.node;
  for (Action* action = resource.newest_action; action != nullptr;
       action = action->next_of_resource) {
    if (action->needs == graph::Needs::kFencing) {
      context.graph.add_edge(fencing, *action, tag::kSeq);
    } else if (action->needs == graph::Needs::kQuorum && action->task == "start" &&
               resource.allowed.find(node) != nullptr && !is_known_on(resource, node)) {
      context.graph.add_edge(fencing, *action, tag::kSeq | tag::kBlockThen);
    }
  }
}

/// Fencing stops and demotes what ran there (spec/05 §13.7 (2), (3)).
void imply_downs(Context& context, Resource& resource, Action& fencing) {
  Node& node = *fencing.node;
  const bool ordered = resource.needs_fencing() || node.is_guest_or_bundle();
  const bool bundled = bundle_of(resource) != nullptr;
  Action* top_stop = ordered ? newest_action(top_of(resource), "stop") : nullptr;
  for (Action* stop : all_actions(context, resource, "stop", &node)) {
    stop->flags |= flag::kPseudo | flag::kRunnable;
    if (ordered) {
      if (!bundled) context.graph.add_edge(fencing, *stop, tag::kGuestOk);
      if (top_stop != nullptr) context.graph.add_edge(fencing, *top_stop, tag::kGuestOk);
    }
    if (resource.notify) notify_of_fencing(context, resource, *stop, fencing);
  }
  for (Action* demote : all_actions(context, resource, "demote", &node)) {
    if (node.online && !node.unclean && !resource.failed) continue;
    demote->flags |= flag::kPseudo | flag::kRunnable;
    if (ordered && !bundled) {
      context.graph.add_edge(fencing, *demote, tag::kGuestOk | tag::kSeq);
    }
  }
}

/// A guest is "fenced" by recovering the resource that launches it (spec/05 §13.8).
void fence_guest(Context& context, Node& node) {
  Resource& launcher = *node.connection->launcher;
  const bool comes_back = newest_action(launcher, "start") != nullptr;
  Action& fencing =
      fence_action(context, node, comes_back ? "reboot" : "off", true, "guest is unclean", false);
  fencing.flags |= flag::kPseudo | flag::kRunnable;
  constexpr graph::Tags kFollows = tag::kBlockThen | tag::kPullThen;
  if (Action* stop = newest_action(launcher, "stop")) {
    if (!stop->pseudo()) {
      context.graph.add_edge(*stop, fencing, kFollows);
    } else if (stop->node != nullptr) {
      Action& of_host = fence_action(context, *stop->node, {}, true, {}, false);
      context.graph.add_edge(of_host, fencing, kFollows);
    }
  } else if (Action* connection_stop = newest_action(*node.connection, "stop")) {
    context.graph.add_edge(*connection_stop, fencing, tag::kSeq);
  }
  order_against_fencing(context, fencing);
}

/// Fencing and shutdowns of one run, ordered so that the DC goes last.
struct NodeActions {
  std::vector<Action*> fencings;   ///< of nodes other than the DC's, oldest first
  std::vector<Action*> shutdowns;  ///< the same
  Action* of_dc = nullptr;
};

void fence(Context& context, Node& node, NodeActions& all) {
  Action& fencing = fence_action(context, node, {}, true, "node is unclean", false);
  order_against_fencing(context, fencing);
  if (node.is_dc) {
    all.of_dc = &fencing;
    return;
  }
  if (!context.snapshot.options.concurrent_fencing && !all.fencings.empty()) {
    context.graph.add_edge(*all.fencings.back(), fencing, tag::kSeq);
  }
  all.fencings.push_back(&fencing);
}

void order_dc_last(Context& context, const NodeActions& all) {
  Action& last = *all.of_dc;
  if (last.task == "do_shutdown") {
    for (Action* shutdown : all.shutdowns) context.graph.add_edge(*shutdown, last, tag::kSeq);
  }
  if (all.fencings.empty()) return;
  if (!context.snapshot.options.concurrent_fencing) {
    context.graph.add_edge(*all.fencings.back(), last, tag::kSeq);
    return;
  }
  for (auto at = all.fencings.rbegin(); at != all.fencings.rend(); ++at) {
    context.graph.add_edge(**at, last, tag::kSeq);
  }
}

}  // namespace

void order_against_fencing(Context& context, Action& fencing) {
  for (Resource* resource : context.snapshot.resources) {
    for_each_primitive(*resource, [&](Resource& primitive) {
      if (!primitive.managed) return;
      order_starts(context, primitive, fencing);
      imply_downs(context, primitive, fencing);
    });
  }
}

void create_fencing_and_shutdown(Context& context) {
  const auto& resources = context.snapshot.resources;
  const bool have_managed =
      std::any_of(resources.begin(), resources.end(),
                  [](const Resource* resource) { return is_managed_anywhere(*resource); });
  NodeActions all;
  for (Node* node : context.snapshot.nodes_by_name) {
    if (node->is_guest_or_bundle()) {
      if (node->needs_reset && have_managed && can_fence(context.snapshot, *node)) {
        fence_guest(context, *node);
      }
      continue;
    }
    bool fenced = false;
    if (have_managed && node->unclean && can_fence(context.snapshot, *node)) {
      fence(context, *node, all);
      fenced = true;
    } else if (!node->is_remote_kind() && node->online && node->shutdown) {
      Action& shutdown = create_shutdown(context, *node);
      if (node->is_dc) {
        all.of_dc = &shutdown;
      } else {
        all.shutdowns.push_back(&shutdown);
      }
    }
    if (node->unclean && !fenced) {
      context.snapshot.report(
          model::MessageClass::kProcessingWarning,
          std::string("Node ").append(node->name).append(" is unclean but cannot be fenced"));
    }
  }
  if (all.of_dc != nullptr) order_dc_last(context, all);
}

}  // namespace quorate::scheduler
