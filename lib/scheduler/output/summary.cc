#include "scheduler/output/summary.h"

#include "scheduler/actions/create.h"

namespace quorate::scheduler {
namespace {

using graph::Action;
using model::Node;
using model::Resource;
using model::Role;

bool is_required(const Action* action) { return action != nullptr && action->required(); }

/// Oldest interval-0 action of the task; with a node, node-less entries adopt it.
Action* oldest(Context& context, Resource& resource, std::string_view task, Node* node) {
  const auto found = all_actions(context, resource, task, node);
  return found.empty() ? nullptr : found.front();
}

/// The actions of one primitive the wording depends on.
struct Candidates {
  Action* start = nullptr;
  Action* stop = nullptr;
  Action* promote = nullptr;
  Action* demote = nullptr;
  Action* migrate_from = nullptr;
};

/// Writes the lines of one primitive.
class Describer {
 public:
  Describer(Context& context, Resource& resource, std::vector<ResourceChange>& lines)
      : context_(context),
        resource_(resource),
        lines_(lines),
        current_(model::current_node(resource)),
        next_(resource.assigned ? resource.assigned->node : nullptr),
        role_(resource.role) {
    if (!resource.active.empty() && role_ == Role::kStopped) role_ = Role::kStarted;
  }

  void describe() {
    if (resource_.removed && current_ == nullptr) return;
    if (!resource_.managed || (current_ == nullptr && next_ == nullptr)) return;
    find_candidates();
    if (role_ == resource_.next_role) {
      describe_same_role();
    } else {
      describe_role_change();
    }
  }

 private:
  bool moving() const { return current_ != nullptr && next_ != nullptr && current_ != next_; }

  void find_candidates() {
    found_.start = oldest(context_, resource_, "start", next_);
    const bool starting = found_.start != nullptr && found_.start->runnable();
    found_.stop = oldest(context_, resource_, "stop", starting ? current_ : nullptr);
    if (found_.stop == nullptr && resource_.stop_unexpected) {
      found_.stop = oldest(context_, resource_, "stop", nullptr);
    }
    found_.promote = oldest(context_, resource_, "promote", next_);
    found_.demote = oldest(context_, resource_, "demote", next_);
    found_.migrate_from = oldest(context_, resource_, "migrate_from", next_);
  }

  void add(std::string_view word, const Node* origin, const Node* destination, const Action* action,
           const Action* reason_from) {
    if (reason_from == nullptr) reason_from = action;
    ResourceChange& line = lines_.emplace_back();
    line.resource = &resource_;
    line.word = word;
    line.origin = origin;
    line.destination = destination;
    line.role = role_;
    line.next_role = resource_.next_role;
    if (reason_from != nullptr) line.reason = reason_from->reason;
    line.runnable = action == nullptr || action->runnable();
  }

  void describe_same_role() {
    Action* start = found_.start;
    if (found_.migrate_from != nullptr && found_.migrate_from->runnable() && current_ != nullptr) {
      add("Migrate", current_, next_, start, start);
    } else if (resource_.reload) {
      add("Reload", current_, next_, start, start);
    } else if (!is_required(start)) {
      if (is_required(found_.demote) && is_required(found_.promote)) {
        add("Re-promote", current_, next_, found_.promote, found_.demote);
      }
    } else if (!start->runnable()) {
      const bool own_reason = found_.stop != nullptr && !found_.stop->reason.empty();
      add("Stop", current_, nullptr, found_.stop, own_reason ? found_.stop : start);
    } else if (moving()) {
      add(resource_.failed ? "Recover" : "Move", current_, next_, found_.stop, found_.stop);
    } else if (resource_.failed) {
      add("Recover", current_, nullptr, found_.stop, found_.stop);
    } else {
      add("Restart", current_, next_, start, start);
    }
  }

  void describe_role_change() {
    Action* start = found_.start;
    const bool start_blocked = start != nullptr && !start->runnable();
    if (found_.stop != nullptr && (resource_.next_role == Role::kStopped || start_blocked)) {
      for (Node* node : resource_.active) {
        Action* stop = oldest(context_, resource_, "stop", node);
        const bool own_reason = stop != nullptr && !stop->reason.empty();
        add("Stop", node, nullptr, stop, own_reason ? stop : start);
      }
    } else if (found_.stop != nullptr && resource_.failed && resource_.must_stop) {
      add("Recover", current_, next_, found_.stop, start);
    } else if (moving()) {
      add("Move", current_, next_, found_.stop, found_.stop);
    } else if (resource_.reload) {
      add("Reload", current_, next_, start, start);
    } else if (is_required(found_.stop)) {
      add("Restart", current_, next_, start, start);
    } else if (role_ == Role::kPromoted) {
      add("Demote", current_, next_, found_.demote, found_.demote);
    } else if (resource_.next_role == Role::kPromoted) {
      add("Promote", current_, next_, found_.promote, found_.promote);
    } else if (role_ == Role::kStopped && resource_.next_role > Role::kStopped) {
      add("Start", current_, next_, start, start);
    }
  }

  Context& context_;
  Resource& resource_;
  std::vector<ResourceChange>& lines_;
  Node* current_;
  Node* next_;
  Role role_;
  Candidates found_;
};

void summarize_resource(Context& context, Resource& resource, std::vector<ResourceChange>& lines) {
  if (resource.is_primitive()) {
    Describer(context, resource, lines).describe();
  } else if (resource.is_bundle()) {
    for (const model::BundleReplica& replica : resource.bundle->replica_list) {
      for (Resource* part : {replica.ip, replica.container, replica.connection, replica.child}) {
        if (part != nullptr) summarize_resource(context, *part, lines);
      }
    }
  } else {
    for (Resource* child : resource.children) summarize_resource(context, *child, lines);
  }
}

std::vector<NodeChange> summarize_nodes(const Context& context) {
  std::vector<NodeChange> changes;
  for (const Action* action = context.graph.newest; action != nullptr; action = action->next) {
    if (action->resource != nullptr || !action->required() || action->node == nullptr) continue;
    const bool fencing = action->task == "stonith";
    if (!fencing && action->task != "do_shutdown") continue;
    NodeChange change;
    change.node = action->node;
    change.node_text = action->node->name;
    if (action->node->is_guest_or_bundle()) {
      change.node_text += " (resource: ";
      change.node_text += action->node->connection->launcher->id;
      change.node_text += ")";
    }
    if (fencing) {
      change.task = "Fence (";
      change.task += action->meta.get_or("stonith_action", "reboot");
      change.task += ")";
    } else {
      change.task = "Shutdown";
    }
    change.reason = action->reason;
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace

Summary summarize(Context& context) {
  Summary summary;
  summary.nodes = summarize_nodes(context);
  for (Resource* resource : context.snapshot.resources) {
    summarize_resource(context, *resource, summary.resources);
  }
  return summary;
}

}  // namespace quorate::scheduler
