#include <algorithm>

#include "base/duration.h"
#include "base/text.h"
#include "explain/explain.h"
#include "explain/subject.h"
#include "explain/text.h"
#include "graph/action.h"

/// Why each action of a plan is there and what it waits for.
namespace quorate::explain {

using graph::Action;
using model::Node;
using model::Resource;
using model::Role;

namespace {

std::string on(const Node* node) { return node != nullptr ? say({" on ", node->name}) : ""; }

std::string to(const Node* node) { return node != nullptr ? say({" to ", node->name}) : ""; }

std::string why_start(const Resource& resource, const Action& action) {
  const Node* from = model::current_node(resource);
  if (from == nullptr || resource.role <= Role::kStopped) {
    return say({resource.id, " isn't running and is to run", on(action.node)});
  }
  if (from != action.node) return say({resource.id, " moves from ", from->name, to(action.node)});
  if (resource.failed) return say({resource.id, " failed and is recovered", on(action.node)});
  return say({resource.id, " is restarted", on(action.node)});
}

std::string why_stop(const Resource& resource, const Action& action) {
  const Node* next = resource.assigned ? resource.assigned->node : nullptr;
  if (resource.removed) return say({resource.id, " is no longer in the configuration"});
  if (resource.next_role == Role::kStopped || next == nullptr) {
    const auto target = resource.meta.get("target-role");
    if (target && model::parse_role(*target) == Role::kStopped) {
      return say({resource.id, " is to be stopped (target-role)"});
    }
    return say({resource.id, " has no node it may run on"});
  }
  if (action.node != next)
    return say({resource.id, " moves from ",
                action.node != nullptr ? action.node->name : std::string_view("?"), to(next)});
  if (resource.failed) return say({resource.id, " failed and is recovered", on(action.node)});
  return say({resource.id, " is restarted", on(action.node)});
}

std::string why_monitor(const Resource& resource, const Action& action) {
  if (action.interval_ms == 0) {
    return say({"it isn't known whether ", resource.id, " is active", on(action.node)});
  }
  const bool inactive = action.meta.get_or("op_target_rc", {}) == "7";
  return say({inactive ? "makes sure that " : "watches ", resource.id,
              inactive ? " stays inactive" : "", on(action.node), " every ",
              format_duration_ms(action.interval_ms)});
}

std::string why_resource_action(const Action& action) {
  const Resource& resource = *action.resource;
  if (action.pseudo() && !resource.children.empty()) {
    return say({"marks a step of ", resource.id, " as a whole"});
  }
  if (action.task == "start") return why_start(resource, action);
  if (action.task == "stop") return why_stop(resource, action);
  if (action.task == "monitor") return why_monitor(resource, action);
  if (action.task == "promote") {
    return say({resource.id, " is to be promoted", on(action.node)});
  }
  if (action.task == "demote") {
    return say({resource.id,
                resource.next_role == Role::kPromoted ? " is demoted for a restart"
                                                      : " is no longer to be promoted",
                on(action.node)});
  }
  if (action.task == "migrate_to" || action.task == "migrate_from") {
    return say({resource.id, " is live-migrated",
                to(resource.assigned ? resource.assigned->node : nullptr)});
  }
  if (action.task == "notify") return say({"tells ", resource.id, " what happens to the clone"});
  if (action.task == "cancel") return "the recurring operation is no longer configured";
  if (action.task == "delete" || action.task == "lrm_delete") {
    return say({"removes what is recorded of ", resource.id, on(action.node)});
  }
  return {};
}

std::string why(const Action& action) {
  if (!action.reason.empty()) {
    std::string own = action.resource != nullptr && !action.pseudo() ? why_resource_action(action)
                                                                     : std::string();
    if (own.empty()) return std::string(action.reason);
    return say({own, ": ", action.reason});
  }
  if (action.resource != nullptr) {
    std::string text = why_resource_action(action);
    if (!text.empty()) return text;
  }
  if (action.task == "do_shutdown") return say({"shutdown was requested", on(action.node)});
  if (action.task == "stonith") return say({"fencing is needed", on(action.node)});
  if (action.pseudo()) return "marks a point others wait for";
  return "required by the plan";
}

std::string title(const Action& action) {
  if (action.node == nullptr || action.pseudo()) return std::string(action.key);
  return say({action.key, " on ", action.node->name});
}

PlannedAction describe(const Run& run, const Action& action) {
  PlannedAction planned;
  planned.number = action.number;
  planned.key = action.key;
  planned.task = action.task;
  planned.pseudo = action.pseudo();
  if (action.resource != nullptr) planned.resource = action.resource->id;
  if (action.node != nullptr) planned.node = action.node->name;
  planned.reason = why(action);
  for (const graph::Edge* edge = action.before; edge != nullptr; edge = edge->next) {
    if (!edge->is_input) continue;
    PlannedAction::Input input;
    input.number = edge->other->number;
    input.text = title(*edge->other);
    if (const auto* relation = run.recorder().relation_of(*edge->other, action)) {
      input.constraint = relation->constraint_id;
    }
    planned.waits_for.push_back(std::move(input));
  }
  std::sort(planned.waits_for.begin(), planned.waits_for.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return planned;
}

bool concerns(const Action& action, const Subject& subject) {
  for (const Resource* at = action.resource; at != nullptr; at = at->parent) {
    if (at == subject.whole ||
        std::find(subject.leaves.begin(), subject.leaves.end(), at) != subject.leaves.end()) {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<std::vector<PlannedAction>> explain_plan(const Question& question) {
  const auto run = run_with(question, {}, true);
  if (!run) {
    return fail(ErrorKind::kInvalid, "the configuration can't be scheduled; run crm_verify");
  }
  Subject subject;
  if (!question.resource.empty()) {
    subject = find_subject(run->snapshot(), question.resource);
    if (subject.whole == nullptr) return unknown_resource(*run, question.resource);
  }
  std::vector<PlannedAction> plan;
  for (const Action& action : run->schedule.actions->actions) {
    if (!action.has(graph::flag::kGraphed)) continue;
    if (subject.whole != nullptr && !concerns(action, subject)) continue;
    if (!question.node.empty() &&
        (action.node == nullptr || !iequals(action.node->name, question.node))) {
      continue;
    }
    plan.push_back(describe(*run, action));
  }
  return plan;
}

}  // namespace quorate::explain
