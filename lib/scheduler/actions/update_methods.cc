#include "scheduler/actions/create.h"
#include "scheduler/actions/edges.h"
#include "scheduler/actions/steps.h"
#include "scheduler/placement/placement.h"

/// How an edge reaches the parts of collective resources (spec/05 §19.7).
namespace quorate::scheduler {

using graph::Action;
using graph::ActionFlags;
using graph::Tags;
using model::Node;
using model::Resource;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

/// The edge that is applied, for all parts.
struct Update {
  Context& context;
  Action& first;
  Action& then;
  Node* node;
  ActionFlags first_flags;
  Tags tag;
};

bool is_clone_or_bundle(const Resource& resource) {
  return resource.is_clone() || resource.is_bundle();
}

bool is_interleaved(const Action& first, const Action& then) {
  if (first.resource == nullptr || then.resource == nullptr || first.resource == then.resource ||
      !is_clone_or_bundle(*first.resource) || !is_clone_or_bundle(*then.resource)) {
    return false;
  }
  const bool down = then.key.ends_with("_stop_0") || then.key.ends_with("_demote_0");
  return interleaves(down ? *first.resource : *then.resource);
}

/// What runs inside a container of a bundle, or null.
Resource* inner_instance(const Resource& container) {
  const Resource* bundle = bundle_of(container);
  if (bundle == nullptr) return nullptr;
  for (const model::BundleReplica& replica : bundle->bundle->replica_list) {
    if (replica.container == &container) return replica.child;
  }
  return nullptr;
}

bool is_role_task(std::string_view task) {
  return task == "promote" || task == "promoted" || task == "demote" || task == "demoted";
}

Action* instance_action(Resource& instance, std::string_view task, bool as_first,
                        const Node* node) {
  Resource* inner = inner_instance(instance);
  const bool inside = as_first ? task != "stop" && task != "stopped" : is_role_task(task);
  if (inner != nullptr && inside) return newest_action(*inner, plain_task(task));
  return newest_action(instance, task, node);
}

/// For explain: what gives the instance and all in it no node.
void note_no_counterpart(const Update& update, const Resource& resource) {
  const Recorder* recorder = update.context.recorder;
  if (recorder == nullptr) return;
  const graph::Relation* relation = recorder->relation_of(update.first, update.then);
  note_state(update.context, resource,
             {Cause::kNoCounterpart, relation != nullptr ? relation->constraint_id : "",
              update.first.resource});
  for (const Resource* child : resource.children) note_no_counterpart(update, *child);
}

Changes update_interleaved_instance(const Update& update, Resource& then_instance, bool down) {
  Changes changes;
  Context& context = update.context;
  Resource* first_instance = compatible_instance(context, then_instance, *update.first.resource,
                                                 model::Role::kUnknown, down);
  if (first_instance == nullptr) {
    if (!down && (update.tag & (tag::kBlockThen | tag::kPullThen)) != 0) {
      changes.then = assign_nowhere(context, then_instance);
      if (changes.then) note_no_counterpart(update, then_instance);
    }
    return changes;
  }
  Action* first =
      instance_action(*first_instance, task_of_instance(update.first), true, update.node);
  Action* then = instance_action(then_instance, update.then.task, false, update.node);
  if (first == nullptr || then == nullptr) return changes;
  note_derived_edge(context, {&update.first, &update.then}, *first, *then);
  if (context.graph.add_edge(*first, *then, update.tag)) changes = {true, true};
  changes |= update_ordered(context, then_instance, *first, *then, update.node,
                            method_flags(context, *first, update.node), update.tag);
  return changes;
}

Changes update_interleaved(const Update& update) {
  Changes changes;
  const bool down =
      update.first.key.ends_with("_stopped_0") || update.first.key.ends_with("_demoted_0");
  for (Resource* instance : instances_of(*update.then.resource)) {
    changes |= update_interleaved_instance(update, *instance, down);
  }
  return changes;
}

Changes update_every_instance(const Update& update) {
  Context& context = update.context;
  Changes changes =
      apply_pair_rules(context, update.first, update.then, update.first_flags, update.tag);
  for (Resource* instance : instances_of(*update.then.resource)) {
    Action* action = newest_action(*instance, update.then.task, update.node);
    if (action == nullptr) continue;
    if ((method_flags(context, *action, update.node) & flag::kRunnable) == 0) continue;
    const Changes of_instance = update_ordered(context, *instance, update.first, *action,
                                               update.node, update.first_flags, update.tag);
    changes |= of_instance;
    if (!of_instance.then) continue;
    for (const graph::Edge* edge = action->after; edge != nullptr; edge = edge->next) {
      refresh(context, *edge->other);
    }
  }
  return changes;
}

Changes update_group(const Update& update) {
  Changes changes =
      apply_pair_rules(update.context, update.first, update.then, update.first_flags, update.tag);
  if (update.then.resource == nullptr) return changes;
  // Members don't have "running" or "stopped".
  if (plain_task(update.then.task) != update.then.task) return changes;
  for (Resource* member : update.then.resource->children) {
    Action* action = newest_action(*member, update.then.task, update.node);
    if (action == nullptr) continue;
    changes |= update_ordered(update.context, *member, update.first, *action, update.node,
                              update.first_flags, update.tag);
  }
  return changes;
}

}  // namespace

Changes update_ordered(Context& context, Resource& resource, Action& first, Action& then,
                       Node* node, ActionFlags first_flags, Tags tag) {
  const Update update{context, first, then, node, first_flags, tag};
  if (resource.is_primitive()) {
    return apply_pair_rules(context, first, then, first_flags, tag);
  }
  if (resource.is_group()) return update_group(update);
  if (then.resource == nullptr) return {};
  return is_interleaved(first, then) ? update_interleaved(update) : update_every_instance(update);
}

}  // namespace quorate::scheduler
