#include <algorithm>
#include <vector>

#include "scheduler/actions/create.h"
#include "scheduler/actions/edges.h"
#include "scheduler/actions/steps.h"
#include "scheduler/placement/placement.h"

/// What must wait until it is known what runs where (spec/05 §18.5).
namespace quorate::scheduler {

using graph::Action;
using graph::Edge;
using graph::Relation;
using graph::Tags;
using model::Resource;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

bool is_clone_or_bundle(const Resource& resource) {
  return resource.is_clone() || resource.is_bundle();
}

/// A probe that can't run keeps its clone's instances from starting.
void order_before_instances(Context& context, Action& probe, const Edge& entry) {
  const Action& then = *entry.other;
  if (then.resource == nullptr || !is_clone_or_bundle(*then.resource)) return;
  const Resource& top = *then.resource;
  if (then.task != "start" || probe.runnable() || (entry.tags & tag::kBlockThen) != 0 ||
      &top_of(*probe.resource) != &top) {
    return;
  }
  for (const Edge* at = then.after; at != nullptr; at = at->next) {
    Action& start = *at->other;
    if (start.task != "start" || start.resource == nullptr || &top_of(*start.resource) != &top ||
        !active_nodes(*start.resource).empty()) {
      continue;
    }
    context.graph.add_edge(probe, start, tag::kSeq | tag::kBlockThen);
  }
}

/// The task that goes before a resource's start or promote; empty for others.
std::string_view down_task(const Action& action) {
  if (action.task == "start") return "stop";
  return action.task == "promote" ? "demote" : std::string_view();
}

/// Which actions RestartOrdering could find something behind, by number. Most have nothing, and
/// following all of them anew for each probe would cost the square of a chain's length.
class RestartsAhead {
 public:
  explicit RestartsAhead(Context& context) : ahead_(context.graph.actions.size() + 1) {
    for (Action& action : context.graph.actions) {
      if (is_restart(context, action)) mark(action);
    }
    while (!pending_.empty()) {
      const Action& then = *pending_.back();
      pending_.pop_back();
      for (const Edge* at = then.before; at != nullptr; at = at->next) {
        if (may_follow(*at->other, then, at->created_tags)) mark(*at->other);
      }
    }
  }

  bool operator()(const Action& action) const {
    return ahead_[static_cast<std::size_t>(action.number)];
  }

 private:
  static bool is_restart(Context& context, const Action& action) {
    const std::string_view down = down_task(action);
    return !down.empty() && action.resource != nullptr && action.resource->is_primitive() &&
           !all_actions(context, *action.resource, down).empty();
  }
  /// At least what RestartOrdering follows.
  static bool may_follow(const Action& first, const Action& then, Tags tags) {
    const bool into_part = first.resource != nullptr && then.resource != nullptr &&
                           then.resource->parent == first.resource;
    return into_part || (tags & (tag::kPullThen | tag::kPullThenNode)) != 0;
  }
  void mark(Action& action) {
    if ((*this)(action)) return;
    ahead_[static_cast<std::size_t>(action.number)] = true;
    pending_.push_back(&action);
  }

  std::vector<bool> ahead_;
  std::vector<Action*> pending_;
};

/// Orders a probe before the stops and demotes that the actions behind it could cause.
class RestartOrdering {
 public:
  RestartOrdering(Context& context, const RestartsAhead& restarts_ahead, Action& probe)
      : context_(context), restarts_ahead_(restarts_ahead), probe_(probe) {}
  ~RestartOrdering() {
    for (Action* action : visited_) action->flags &= ~flag::kVisitMark;
  }
  RestartOrdering(const RestartOrdering&) = delete;
  RestartOrdering& operator=(const RestartOrdering&) = delete;

  void follow(Action& start) {
    pending_.push_back(&start);
    while (!pending_.empty()) {
      Action& then = *pending_.back();
      pending_.pop_back();
      if (then.has(flag::kVisitMark)) continue;
      then.flags |= flag::kVisitMark;
      visited_.push_back(&then);
      order_before_downs(then);
      push_followers(then);
    }
  }

 private:
  void order_before_downs(const Action& then) {
    if (then.resource == nullptr || then.resource == probe_.resource ||
        !then.resource->is_primitive()) {
      return;
    }
    const std::string_view down = down_task(then);
    if (down.empty()) return;
    for (Action* action : all_actions(context_, *then.resource, down)) {
      if (!action->pseudo()) context_.graph.add_edge(probe_, *action, tag::kSeq);
    }
  }

  void push_followers(const Action& then) {
    const std::size_t bottom = pending_.size();
    for (const Edge* at = then.after; at != nullptr; at = at->next) {
      if (!restarts_ahead_(*at->other)) continue;
      if ((at->tags & tag::kPullThen) != 0 || leads_into(then, *at->other)) {
        pending_.push_back(at->other);
      }
    }
    // Depth first, front to back.
    std::reverse(pending_.begin() + static_cast<std::ptrdiff_t>(bottom), pending_.end());
  }

  /// From a collective to the part of it that concerns the probed resource.
  bool leads_into(const Action& then, const Action& follower) const {
    Resource* collective = then.resource;
    if (collective == nullptr || collective->is_primitive() ||
        collective == probe_.resource->parent || follower.resource == nullptr ||
        follower.resource->parent != collective || is_clone_or_bundle(*follower.resource)) {
      return false;
    }
    if (!is_clone_or_bundle(*collective) || !interleaves(*collective)) return true;
    return follower.resource == compatible_instance(context_, *probe_.resource, *collective,
                                                    model::Role::kUnknown, false);
  }

  Context& context_;
  const RestartsAhead& restarts_ahead_;
  Action& probe_;
  std::vector<Action*> pending_;
  std::vector<Action*> visited_;
};

void order_after_probe(Context& context, const RestartsAhead& restarts_ahead, Action& probe) {
  for (const Edge* at = probe.after; at != nullptr; at = at->next) {
    order_before_instances(context, probe, *at);
    if (!restarts_ahead(*at->other)) continue;
    RestartOrdering(context, restarts_ahead, probe).follow(*at->other);
  }
}

bool is_stop(const Action* action, std::string_view key) {
  return action != nullptr ? action->task == "stop" : key.ends_with("_stop_0");
}

/// Part B: whatever waits for a stop waits for the probes of the same resource.
bool concerns_probes(const Relation& relation) {
  if (relation.tags == 0 || relation.first_resource == nullptr ||
      relation.first_resource == relation.then_resource ||
      !is_stop(relation.first_action, relation.first_key)) {
    return false;
  }
  return relation.first_resource->launcher == nullptr ||
         relation.first_resource->launcher != relation.then_resource ||
         !is_stop(relation.then_action, relation.then_key);
}

bool may_precede(const Action& probe, const Action& then) {
  if (then.task == "stonith") {
    return then.node != probe.node || then.meta.get_or("stonith_action", {}) != "on";
  }
  return then.task != "do_shutdown" || then.node == probe.node;
}

Tags tags_after_probe(Tags tags) {
  if (tags == tag::kAnti || tags == tag::kLoad) return tags;
  return tag::kSeq | (tags & (tag::kUnlessMigrating | tag::kSameNode));
}

void order_probes_like_stop(Context& context, const Relation& relation) {
  if (!concerns_probes(relation)) return;
  const std::vector<Action*> probes = all_actions(context, *relation.first_resource, "monitor");
  if (probes.empty()) return;
  std::vector<Action*> thens;
  if (relation.then_action != nullptr) {
    thens = {relation.then_action};
  } else if (relation.then_resource != nullptr) {
    thens = actions_with_key(*relation.then_resource, relation.then_key);
  }
  const Tags tags = tags_after_probe(relation.tags);
  for (Action* probe : probes) {
    for (Action* then : thens) {
      if (may_precede(*probe, *then)) context.graph.add_edge(*probe, *then, tags);
    }
  }
}

}  // namespace

void create_probe_edges(Context& context) {
  const RestartsAhead restarts_ahead(context);
  for (Resource* top : context.snapshot.resources) {
    for_each_primitive(*top, [&](Resource& primitive) {
      if (primitive.newest_action == nullptr) return;
      for (Action* probe : all_actions(context, primitive, "monitor")) {
        order_after_probe(context, restarts_ahead, *probe);
      }
    });
  }
  for (const Relation& relation : context.graph.relations) {
    order_probes_like_stop(context, relation);
  }
}

}  // namespace quorate::scheduler
