#include <string>

#include "scheduler/actions/create.h"
#include "scheduler/actions/notify_data.h"
#include "scheduler/actions/operation.h"
#include "scheduler/actions/steps.h"

/// The notify actions of instances (spec/05 §12.3, §12.4).
namespace quorate::scheduler {

using graph::Action;
using graph::Notification;
using model::Node;
using model::Resource;
using model::Role;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

/// One operation of a clone that is announced.
struct Announcement {
  std::string_view operation;
  const Notification& notification;
  const NotifyVariables& variables;
};

bool is_announced_task(std::string_view task) {
  return task == "start" || task == "stop" || task == "promote" || task == "demote";
}

void add_variables_to_operations(const Announcement& announcement, Resource& instance) {
  for (Action* action = instance.newest_action; action != nullptr;
       action = action->next_of_resource) {
    if (!action->required() || action->node == nullptr) continue;
    if (!is_announced_task(action->task)) continue;
    for (const auto& [name, value] : announcement.variables) action->meta.set(name, value);
  }
}

void copy_meta(Context& context, Action& from, Action& to) {
  const auto copy = [&](const model::NameValues& values) {
    for (const auto& [name, value] : values) {
      if (!action_meta(context, to, name)) to.meta.set(name, value);
    }
  };
  copy(from.meta);
  copy(settings_meta(context, from));
}

/// The notify action of an instance on a node; null if it can't be.
Action* notify(Context& context, const Announcement& announcement, std::string_view type,
               Action* pseudo, Action* done, Resource& instance, Node& node) {
  if (pseudo == nullptr || done == nullptr || !pseudo->runnable() || !node.online) return nullptr;
  std::string key(instance.id);
  key.append("_").append(type).append("_notify_").append(announcement.operation).append("_0");
  Action& action = get_or_create(context, &instance, key, "notify", &node, !pseudo->required());
  copy_meta(context, *pseudo, action);
  for (const auto& [name, value] : announcement.variables) action.meta.set(name, value);
  context.graph.add_edge(*pseudo, action, tag::kSeq);
  context.graph.add_edge(action, *done, tag::kSeq);
  return &action;
}

void notify_before(Context& context, const Announcement& announcement, Resource& instance,
                   Node& node) {
  notify(context, announcement, "pre", announcement.notification.before,
         announcement.notification.before_done, instance, node);
}

void notify_after(Context& context, const Announcement& announcement, Resource& instance,
                  Node& node) {
  Action* done = announcement.notification.after_done;
  Action* action =
      notify(context, announcement, "post", announcement.notification.after, done, instance, node);
  if (action != nullptr) action->priority = kInfinity;
  if (done == nullptr) return;
  for (Action* other = instance.newest_action; other != nullptr; other = other->next_of_resource) {
    if (other->interval_ms > 0 && other->task != "cancel") {
      context.graph.add_edge(*done, *other, tag::kSeq);
    }
  }
}

void announce_down(Context& context, const Announcement& announcement, Resource& instance) {
  const Action* stop = newest_action(instance, "stop");
  for (Node* node : instance.active) {
    if (stop != nullptr && stop->pseudo() && (node->unclean || node->needs_reset)) continue;
    notify_before(context, announcement, instance, *node);
    if (announcement.operation == "demote" || stop == nullptr || !stop->required()) {
      notify_after(context, announcement, instance, *node);
    }
  }
}

/// The node is behind a connection that can't be started.
bool is_out_of_reach(const Node* node) {
  if (node == nullptr || node->connection == nullptr) return false;
  const Action* start = newest_action(*node->connection, "start");
  return start != nullptr && !start->runnable();
}

void announce_up(Context& context, const Announcement& announcement, Resource& instance) {
  const Action* start = newest_action(instance, "start");
  if (start != nullptr && is_out_of_reach(start->node)) return;
  if (!instance.assigned) {
    return context.snapshot.report(
        model::MessageClass::kProcessingError,
        "Next role of " + std::string(instance.id) + " is active but it has no node");
  }
  Node& node = *instance.assigned->node;
  const bool starts = announcement.operation == "start" && start != nullptr && start->required();
  if (!starts) notify_before(context, announcement, instance, node);
  notify_after(context, announcement, instance, node);
}

void announce(Context& context, const Announcement& announcement, Resource& instance,
              bool has_list) {
  add_variables_to_operations(announcement, instance);
  const bool is_stop = announcement.operation == "stop";
  if (!is_stop && !has_list) return;
  if (is_stop || announcement.operation == "demote") {
    if (instance.role != Role::kStopped) announce_down(context, announcement, instance);
  } else if (instance.next_role != Role::kStopped) {
    announce_up(context, announcement, instance);
  }
}

void require(const Notification& notification) {
  for (Action* action : {notification.before, notification.before_done, notification.after,
                         notification.after_done}) {
    if (action != nullptr) action->flags &= ~flag::kOptional;
  }
}

}  // namespace

void create_notify_actions(Context& context, Resource& clone) {
  const auto found = context.graph.notifications.find(&clone);
  if (found == context.graph.notifications.end()) return;
  const graph::Notifications& all = found->second;
  NotifyData data = collect_notify_data(clone);
  const NotifyVariables variables = notify_variables(context, clone, data);
  struct Step {
    std::string_view operation;
    const Notification& notification;
    const NotifyList& list;
  };
  const Step steps[] = {{"start", all.start, data.start},
                        {"stop", all.stop, data.stop},
                        {"promote", all.promote, data.promote},
                        {"demote", all.demote, data.demote}};
  for (const Step& step : steps) {
    if (step.notification.before == nullptr) continue;
    if (!step.list.empty()) require(step.notification);
    const Announcement announcement{step.operation, step.notification, variables};
    for_each_primitive(clone, [&](Resource& instance) {
      announce(context, announcement, instance, !step.list.empty());
    });
  }
}

void notify_of_fencing(Context& context, Resource& instance, Action& stop, Action& fencing) {
  const Notification notification = create_fencing_notification(context, instance, fencing);
  const NotifyVariables variables = fencing_notify_variables(context, instance, stop.node);
  const Announcement announcement{"stop", notification, variables};
  for_each_primitive(top_of(instance),
                     [&](Resource& other) { announce(context, announcement, other, true); });
}

}  // namespace quorate::scheduler
