#include "explain/causes.h"

#include "base/duration.h"
#include "base/text.h"
#include "explain/text.h"
#include "scheduler/state/state.h"

namespace quorate::explain {

using model::Node;
using model::Resource;
using scheduler::Cause;

xml::Element find_by_id(xml::Element cib, std::string_view id) {
  xml::Element found;
  xml::for_each_descendant(cib.first_child("configuration"), [&](xml::Element element) {
    if (!found && element.id() == id) found = element;
  });
  return found;
}

xml::Element constraint_of(xml::Element cib, std::string_view id) {
  xml::Element at = find_by_id(cib, id);
  while (at && !at.name().starts_with("rsc_")) at = at.parent();
  return at;
}

namespace {

std::string_view verb(Score amount) {
  if (amount <= -kInfinity) return "forbids it";
  if (amount >= kInfinity) return "demands it";
  return amount < 0 ? "speaks against it" : "speaks for it";
}

std::string described_location(const Run& run, std::string_view id, Score amount) {
  const xml::Element constraint = constraint_of(run.document.root(), id);
  const std::string_view own = constraint ? constraint.id() : id;
  if (own.starts_with("cli-ban-")) {
    return say({"ban ", own, " (made by crm_resource --ban) ", verb(amount)});
  }
  if (own.starts_with("cli-prefer-")) {
    return say({"preference ", own, " (made by crm_resource --move) ", verb(amount)});
  }
  if (own != id) {
    return say({"rule ", id, " of location constraint ", own, " ", verb(amount)});
  }
  return say({"location constraint ", own, " ", verb(amount)});
}

/// Where the other resource will be.
std::string whereabouts(const Resource& other) {
  const Node* node = model::placed_node(other);
  if (node != nullptr) return say({"which is placed on ", node->name});
  return other.is_primitive() ? "which gets no node" : "which has no node in common";
}

std::string described_colocation(const Resource& resource, const scheduler::Reason& cause,
                                 Score amount) {
  const Resource& other = *cause.other;
  if (cause.id == "#group-members") {
    return say({"member of a group: it goes with ", other.id, ", ", whereabouts(other)});
  }
  const bool implicit = cause.id.starts_with("#");
  const std::string_view label = implicit ? "implied" : cause.id;
  for (const model::Colocation* record : resource.this_with) {
    if (record->primary != &other || record->id != cause.id || record->score >= 0) continue;
    return say({"must not be with ", other.id, " (colocation ", label, "), ", whereabouts(other)});
  }
  if (amount <= -kInfinity) {
    return say({"has to be with ", other.id, " (colocation ", label, "), ", whereabouts(other)});
  }
  return say({"colocation ", label, " with ", other.id, " ", verb(amount), "; ", other.id, ", ",
              whereabouts(other)});
}

std::string described_dependent(const scheduler::Reason& cause, Score amount) {
  const Resource& other = *cause.other;
  if (cause.id == "#group-members") {
    return say({"group member ", other.id, " has to go along; its scores ",
                amount < 0 ? "speak against the node" : "speak for the node"});
  }
  const std::string_view label = cause.id.starts_with("#") ? "implied" : cause.id;
  return say({other.id, " depends on it (colocation ", label, "): its scores ",
              amount < 0 ? "speak against the node" : "speak for the node"});
}

std::string described_failure_limit(const Run& run, const Resource& resource, const Node& node) {
  scheduler::Context context{*run.schedule.snapshot, *run.schedule.actions};
  auto& failed = const_cast<Resource&>(resource);
  const scheduler::FailCount failures =
      scheduler::fail_count(context, failed, node, {true, true, {}});
  std::string text =
      say({"fail count of ", resource.id, " on ", node.name, " is ", format_score(failures.count),
           ", migration-threshold is ", format_score(resource.migration_threshold)});
  if (resource.failure_timeout_ms > 0 && failures.last_failure > 0) {
    const std::int64_t left =
        failures.last_failure + resource.failure_timeout_ms / 1000 - run.snapshot().now_seconds;
    text += say({" (expires in ", format_duration_ms(std::max<std::int64_t>(left, 0) * 1000), ")"});
  } else {
    text += " (doesn't expire: no failure-timeout)";
  }
  return text;
}

std::string described_failure(const Run& run, const scheduler::Reason& cause) {
  std::string text = say({"failure ", cause.id, " of ", cause.other->id});
  for (const model::FailedOperation& failed : run.snapshot().failed_operations) {
    if (failed.resource != cause.other || failed.entry.id() != cause.id) continue;
    text += say({" on ", failed.node_name, " (rc ", failed.entry.get_or("rc-code", "?")});
    if (const auto reason = failed.entry.get("exit-reason"); reason && !reason->empty()) {
      text += say({", ", *reason});
    }
    return text + ")";
  }
  return text;
}

std::string described_capacity(const Resource& resource, const Node& node) {
  std::string text = say({"capacity of ", node.name, " doesn't suffice for ", resource.id});
  for (const auto& [name, amount] : resource.utilization) {
    text +=
        say({"; needs ", name, "=", amount, " (", node.utilization.get_or(name, "0"), " left)"});
  }
  return text;
}

struct Words {
  std::string_view kind;
  std::string text;
};

Words words_for(const Run& run, const Resource& resource, const Node& node,
                const scheduler::Reason& cause, Score amount) {
  switch (cause.cause) {
    case Cause::kBase:
      return {"node-score", say({"score of node ", node.name})};
    case Cause::kLocation:
      return {"location", described_location(run, cause.id, amount)};
    case Cause::kHealth:
      return {"health", say({"health of ", node.name, " (node-health-strategy=", cause.id, ")"})};
    case Cause::kTicket:
      return {"ticket", say({"ticket constraint ", cause.id, ": its ticket isn't granted"})};
    case Cause::kStickiness:
      return {"stickiness", "it runs there now (resource-stickiness)"};
    case Cause::kFailureLimit:
      return {"fail-count", described_failure_limit(run, *cause.other, node)};
    case Cause::kFailure:
      return {"failure", described_failure(run, cause)};
    case Cause::kOnFail:
      return {"failure", say({"it failed there, and on-fail is ", cause.id})};
    case Cause::kMultiplyActive:
      return {"multiply-active", "it is active on several nodes (multiple-active=stop_only)"};
    case Cause::kDiscovery:
      return {"resource-discovery",
              "its location constraints are exclusive (resource-discovery=exclusive)"};
    case Cause::kShutdownLock:
      return {"shutdown-lock", resource.lock_node == nullptr
                                   ? "locked to a node that shut down"
                                   : say({"locked to ", resource.lock_node->name,
                                          ", which shut down (shutdown-lock)"})};
    case Cause::kConnection:
      return {"connection", cause.other != nullptr ? say({"only runs inside ", cause.other->id})
                                                   : "may not run on a remote or guest node"};
    case Cause::kPromotion:
      return {"promotion", "promotion score of its agent"};
    case Cause::kColocation:
      return {"colocation", described_colocation(resource, cause, amount)};
    case Cause::kDependent:
      return {"dependent", described_dependent(cause, amount)};
    case Cause::kPlannedRole:
      return {"role", "it is to be stopped"};
    case Cause::kInstanceLimit:
      return {"instance-limit", "no further instance is to run there"};
    case Cause::kReplica:
      return {"replica", "only runs inside its container"};
    case Cause::kCapacity:
      return {"utilization", described_capacity(resource, node)};
    case Cause::kUnmanaged:
      return {"unmanaged", "it runs there and isn't managed"};
    case Cause::kNoCounterpart:
      return {"order", say({"it goes by what ", cause.other->id, " does on its node (order ",
                            cause.id, ", interleave=true), and none of it is active there"})};
  }
  return {"unknown", "unknown"};
}

}  // namespace

Reason describe(const Run& run, const Resource& resource, const Node& node,
                const scheduler::Reason& cause, Score amount) {
  Words words = words_for(run, resource, node, cause, amount);
  Reason reason;
  reason.kind = words.kind;
  reason.text = std::move(words.text);
  reason.id = cause.id.starts_with("#") ? std::string_view{} : cause.id;
  reason.score = amount;
  return reason;
}

std::vector<NodeState> node_states(const Run& run, const Node& node) {
  std::vector<NodeState> states;
  const auto add = [&](bool holds, std::string_view word, std::string_view what) {
    if (holds) states.push_back({word, say({node.name, what})});
  };
  if (node.is_remote_kind() && !node.online) {
    const bool guest = node.is_guest_or_bundle();
    add(true, "offline", guest ? " isn't up: what launches it doesn't run" : " isn't connected");
  } else {
    add(!node.online, "offline", node.seen ? " is offline" : " was never seen");
  }
  add(node.unclean, "unclean", " is unclean and has to be fenced first");
  add(node.pending, "pending", " hasn't finished joining the cluster");
  add(node.shutdown && node.online, "shutdown", " is shutting down");
  add(node.standby && node.standby_on_failure, "standby-failure",
      " is in standby because a resource failed there (on-fail=standby)");
  add(node.standby && !node.standby_on_failure, "standby", " is in standby");
  add(node.maintenance && !run.snapshot().options.maintenance_mode, "maintenance",
      " is in maintenance");
  return states;
}

}  // namespace quorate::explain
