#include <string>

#include "scheduler/actions/create.h"
#include "scheduler/actions/steps.h"

/// Pseudo-actions around the operations of clones that notify (spec/05 §12.1).
namespace quorate::scheduler {

using graph::Action;
using graph::Notification;
using graph::Notifications;
using model::Resource;
namespace flag = graph::flag;
namespace tag = graph::tag;

namespace {

std::string notify_key(const Resource& resource, std::string_view type,
                       std::string_view operation) {
  std::string key(resource.id);
  key.append("_").append(type).append("_notify_").append(operation).append("_0");
  return key;
}

/// What one pseudo-action is about.
struct Purpose {
  std::string_view key_type;
  std::string_view key_operation;
  std::string_view type;
  std::string_view operation;
};

Action& notify_pseudo(Context& context, Resource& resource, const Purpose& purpose,
                      std::string_view task, const Action& like, bool runnable) {
  Action& action = get_or_create(context, &resource,
                                 notify_key(resource, purpose.key_type, purpose.key_operation),
                                 task, nullptr, !like.required());
  action.flags |= flag::kPseudo;
  if (runnable) {
    action.flags |= flag::kRunnable;
  } else {
    action.flags &= ~flag::kRunnable;
  }
  action.meta.set("notify_key_type", purpose.key_type);
  action.meta.set("notify_key_operation", context.snapshot.intern(purpose.key_operation));
  action.meta.set("notify_type", purpose.type);
  action.meta.set("notify_operation", context.snapshot.intern(purpose.operation));
  return action;
}

void create_after(Context& context, Resource& resource, std::string_view operation,
                  Action& completed, std::string_view key_operation, Notification& notification) {
  const bool runnable = completed.runnable();
  notification.after = &notify_pseudo(context, resource, {"post", key_operation, "post", operation},
                                      "notify", completed, runnable);
  notification.after->priority = kInfinity;
  notification.after_done =
      &notify_pseudo(context, resource, {"confirmed-post", key_operation, "post", operation},
                     "notified", completed, runnable);
  notification.after_done->priority = kInfinity;
  context.graph.add_edge(completed, *notification.after, tag::kPullThen);
  context.graph.add_edge(*notification.after, *notification.after_done, tag::kPullThen);
}

Notification& notification_of(Notifications& all, std::string_view operation) {
  if (operation == "start") return all.start;
  if (operation == "stop") return all.stop;
  return operation == "promote" ? all.promote : all.demote;
}

}  // namespace

void create_notification(Context& context, Resource& clone, std::string_view task, Action& action,
                         Action& completed) {
  if (!clone.notify) return;
  Notification& notification = notification_of(context.graph.notifications[&clone], task);
  notification.before =
      &notify_pseudo(context, clone, {"pre", task, "pre", task}, "notify", action, true);
  notification.before_done = &notify_pseudo(context, clone, {"confirmed-pre", task, "pre", task},
                                            "notified", action, true);
  context.graph.add_edge(*notification.before, *notification.before_done, tag::kSeq);
  context.graph.add_edge(*notification.before_done, action, tag::kSeq);
  create_after(context, clone, task, completed, completed.task, notification);
  context.graph.add_edge(*notification.before_done, *notification.after, tag::kSeq);
}

void order_notifications(Context& context, Resource& clone) {
  const auto found = context.graph.notifications.find(&clone);
  if (found == context.graph.notifications.end()) return;
  const Notifications& all = found->second;
  if (all.demote.after_done == nullptr) {
    context.graph.add_edge(*all.stop.after_done, *all.start.before, tag::kSeq);
    return;
  }
  Action& promote = *all.promote.before;
  context.graph.add_edge(*all.stop.after_done, promote, tag::kSeq);
  context.graph.add_edge(*all.start.after_done, promote, tag::kSeq);
  context.graph.add_edge(*all.demote.after_done, promote, tag::kSeq);
  context.graph.add_edge(*all.demote.after_done, *all.start.before, tag::kSeq);
  context.graph.add_edge(*all.demote.after_done, *all.stop.before, tag::kSeq);
}

Notification create_fencing_notification(Context& context, Resource& instance, Action& fencing) {
  Notification notification;
  create_after(context, instance, "stop", fencing, "stonith", notification);
  return notification;
}

}  // namespace quorate::scheduler
