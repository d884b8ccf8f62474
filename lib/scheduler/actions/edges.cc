#include "scheduler/actions/edges.h"

#include <algorithm>
#include <string>

#include "scheduler/actions/actions.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/search.h"
#include "scheduler/actions/steps.h"

/// From relations to edges (spec/05 §18.1-18.3).
namespace quorate::scheduler {

using graph::Action;
using graph::Relation;
using graph::Tags;
using model::Resource;
using model::Role;
namespace tag = graph::tag;

namespace {

/// Turns relations into edges, one after the other.
class EdgeBuilder {
 public:
  explicit EdgeBuilder(Context& context) : context_(context) {}

  void build(const Relation& relation) {
    if (relation.first_resource == nullptr) {
      return order(*relation.first_action, relation);
    }
    if (relation.first_action != nullptr) {
      return order(*relation.first_action, relation);
    }
    find_firsts(relation);
    for (Action* first : firsts_) order(*first, relation);
  }

 private:
  /// The resource's actions with a key, or with its task under the resource's own name.
  void find(Resource& resource, std::string_view key, std::vector<Action*>& found) {
    found.clear();
    collect(resource, key, found);
    if (!found.empty()) return;
    const KeyParts parts = parse_key(key);
    if (parts.resource == resource.id) return;
    collect(resource, key_of(context_, resource, parts.task, parts.interval_ms), found);
  }

  static void collect(const Resource& resource, std::string_view key, std::vector<Action*>& found) {
    for_each_with_key(resource, key, [&](Action& action) { found.push_back(&action); });
    std::reverse(found.begin(), found.end());
  }

  void find_firsts(const Relation& relation) {
    Resource& resource = *relation.first_resource;
    find(resource, relation.first_key, firsts_);
    if (!firsts_.empty() || relation.then_resource == &resource) return;
    const KeyParts parts = parse_key(relation.first_key);
    if (parts.task == "stop" && role_of(resource) == Role::kStopped) return;
    if (parts.task == "demote" && role_of(resource) == Role::kUnpromoted) return;
    firsts_.push_back(
        &recurring_action(context_, resource, parts.task, parts.interval_ms, nullptr, true));
  }

  void add(Action& first, Action& then, const Relation& relation, Tags tags) {
    context_.graph.add_edge(first, then, tags);
    if (context_.recorder != nullptr) [[unlikely]] {
      context_.recorder->note_edge(first, then, relation);
    }
  }

  void order(Action& first, const Relation& relation) {
    Resource* resource = relation.then_resource;
    if (resource == nullptr) {
      return add(first, *relation.then_action, relation, relation.tags);
    }
    Tags tags = relation.tags;
    if (first.resource == resource && first.has(graph::flag::kMigrationAbort)) {
      tags &= ~tag::kPullThen;
    }
    if (relation.then_action != nullptr) {
      return add(first, *relation.then_action, relation, tags);
    }
    find(*resource, relation.then_key, thens_);
    for (Action* then : thens_) add(first, *then, relation, tags);
  }

  Context& context_;
  std::vector<Action*> firsts_;
  std::vector<Action*> thens_;
};

void block_all_dependents(Context& context) {
  for (Action* action = context.graph.newest; action != nullptr; action = action->next) {
    if (!action->runnable()) block_dependents(context, *action);
  }
}

/// Inside a guest nothing can be ordered before what launches the guest (spec/05 §20.1).
void disable_edges_out_of_guests(Context& context, Action& then) {
  for (graph::Edge* edge = then.before; edge != nullptr; edge = edge->next) {
    const Action& first = *edge->other;
    if ((edge->tags & tag::kGuestOk) != 0 || first.resource == nullptr || first.node == nullptr ||
        then.resource == nullptr || !first.node->is_guest_or_bundle() ||
        first.node->connection->launcher != then.resource) {
      continue;
    }
    edge->tags = 0;
    context.snapshot.report(model::MessageClass::kProcessingWarning,
                            std::string("Invalid ordering constraint between ")
                                .append(first.resource->id)
                                .append(" and ")
                                .append(then.resource->id));
  }
}

}  // namespace

void apply_orderings(Context& context) {
  EdgeBuilder builder(context);
  for (const Relation& relation : context.graph.relations) builder.build(relation);
  block_all_dependents(context);
  create_probe_edges(context);
  context.graph.applying_orderings = true;
  for (Action* action = context.graph.newest; action != nullptr; action = action->next) {
    refresh(context, *action);
  }
  context.graph.applying_orderings = false;
  for (Action* action = context.graph.newest; action != nullptr; action = action->next) {
    disable_edges_out_of_guests(context, *action);
    disable_load_loops(context, *action);
  }
}

}  // namespace quorate::scheduler
