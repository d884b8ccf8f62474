#include <string>

#include "base/duration.h"
#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/definitions.h"
#include "scheduler/actions/operation.h"
#include "scheduler/actions/ordering.h"
#include "scheduler/actions/steps.h"
#include "scheduler/state/digests.h"
#include "scheduler/state/state.h"

/// Restart, reload, reschedule, cancel and clean-up (spec/05 §6.2, §6.4-6.7).
namespace quorate::scheduler {

using graph::Action;
using model::MessageClass;
using model::Node;
using model::Resource;
namespace tag = graph::tag;

namespace {

/// History entries hold milliseconds.
std::int64_t interval_of(xml::Element entry) {
  return to_integer(entry.get_or("interval", {})).value_or(0);
}

/// Spec/05 §6.4.
void force_restart(Context& context, Resource& resource, Node& node, std::string_view task,
                   std::int64_t interval_ms) {
  const bool as_start =
      (task == "monitor" && interval_ms == 0) || task == "migrate_from" || task == "promote";
  Action& action =
      recurring_action(context, resource, as_start ? "start" : task, interval_ms, nullptr, false);
  set_reason(context, action, "resource definition change", true);
  trigger_unfencing(context, &resource, node, "Device parameters changed");
}

/// Spec/05 §6.5.
void reload(Context& context, Resource& resource, Node& node) {
  if (!resource.is_primitive()) {
    for (Resource* child : resource.children) reload(context, *child, node);
    return;
  }
  if (!resource.managed || resource.failed) return;
  if (resource.start_pending) {
    resource_action(context, resource, "stop", &node, false);
    return;
  }
  resource.reload = true;
  Action& action = resource_action(context, resource, "reload-agent", &node, false);
  set_reason(context, action, "resource definition change");
  order_action_then(context, action, resource, "stop", tag::kSeq | tag::kCancelFirst);
  order_action_then(context, action, resource, "demote", tag::kSeq | tag::kCancelFirst);
}

void report_private_change(Context& context, const Resource& resource, const Node& node,
                           std::string_view task, std::int64_t interval_ms, xml::Element entry) {
  std::string text = "Only 'private' parameters to ";
  text += format_duration_ms(interval_ms);
  text.append("-interval ").append(task).append(" for ").append(resource.id);
  text.append(" on ").append(node.name).append(" changed: ");
  text.append(entry.get_or("transition-magic", {}));
  context.snapshot.report(MessageClass::kInfo, std::move(text));
}

/// A difference of the parameters of an active operation calls for this.
void apply_difference(Context& context, Resource& resource, Node& node, std::string_view task,
                      std::int64_t interval_ms, xml::Element entry, DigestResult result) {
  if (result == DigestResult::kRestart) {
    force_restart(context, resource, node, task, interval_ms);
  } else if (interval_ms > 0) {
    reschedule_recurring(context, resource, task, interval_ms, node);
  } else if (restart_digest(context, entry)) {
    trigger_unfencing(context, &resource, node, "Device parameters changed (reload)");
    reload(context, resource, node);
  } else {
    force_restart(context, resource, node, task, interval_ms);
  }
}

}  // namespace

bool check_definition(Context& context, Resource& resource, Node& node, xml::Element entry) {
  const std::int64_t interval_ms = interval_of(entry);
  const std::string_view task = entry.get_or("operation", {});
  if (interval_ms > 0 && !find_operation(context, resource, task, interval_ms, false)) {
    if (context.snapshot.options.cancel_removed_actions) {
      cancel_running(context, resource, node, entry, "removed");
    }
    return true;
  }
  const DigestComparison digests =
      compare_digests(context, resource, node, task, interval_ms, entry);
  if (digests.result == DigestResult::kMatch) return false;
  if (digests.only_private_changed && context.snapshot.sanitized) {
    report_private_change(context, resource, node, task, interval_ms, entry);
    return false;
  }
  apply_difference(context, resource, node, task, interval_ms, entry, digests.result);
  return true;
}

bool agent_changed(Context& context, Resource& resource, Node& node, xml::Element history,
                   bool active) {
  bool changed = false;
  for (const char* name : {"type", "class", "provider"}) {
    const auto now = resource.xml.get(name);
    const auto then = history.get(name);
    if (now == then) continue;
    changed = true;
    trigger_unfencing(context, &resource, node, "Device definition changed");
    if (!active) continue;
    std::string text = "Forcing restart of ";
    text.append(resource.id).append(" on ").append(node.name).append(" because ").append(name);
    text.append(" changed from '").append(then.value_or("")).append("' to '");
    text.append(now.value_or("")).append("'");
    context.snapshot.report(MessageClass::kNotice, std::move(text));
  }
  if (changed && active) {
    resource_action(context, resource, "stop", &node, false);
    resource.start_pending = true;
  }
  return changed;
}

void clean_up(Context& context, Resource& resource, Node& node) {
  if (resource.failed || node.unclean || !node.online) return;
  Action& action = resource_action(context, resource, "delete", &node, false);
  order_task_then(context, resource, "stop", action, tag::kSeq);
  order_action_then(context, action, resource, "start", tag::kSeq);
}

void cancel_running(Context& context, Resource& resource, Node& node, xml::Element entry,
                    std::string_view why) {
  Action& cancel =
      cancel_recurring(context, resource, entry.get_or("operation", {}), interval_of(entry), node);
  set_reason(context, cancel, why);
  if (const auto call_id = entry.get("call-id")) {
    cancel.meta.set("call-id", context.snapshot.intern(*call_id));
  }
  order_task_then(context, resource, "stop", cancel, tag::kSeq);
}

}  // namespace quorate::scheduler
