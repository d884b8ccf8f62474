#include "explain/findings.h"

#include <algorithm>

#include "base/text.h"
#include "explain/causes.h"
#include "explain/text.h"
#include "graph/action.h"

namespace quorate::explain {

using model::Node;
using model::Resource;
using scheduler::Cause;
using scheduler::ScoreChange;

namespace {

Finding plain(Why why, const Resource& resource, std::string_view kind, std::string text,
              std::string_view detail = {}) {
  Finding finding;
  finding.why = why;
  finding.reason.kind = kind;
  finding.reason.text = std::move(text);
  finding.resource = &resource;
  finding.detail = detail;
  return finding;
}

/// A cause with all it changed on one node.
struct Sum {
  scheduler::Reason cause;
  Score amount = 0;
};

std::vector<Sum> sums_on(const Run& run, const Resource& resource, const Node& node) {
  std::vector<Sum> sums;
  const auto* changes = run.recorder().changes_of(resource);
  if (changes == nullptr) return sums;
  for (const ScoreChange& change : *changes) {
    if (change.node != &node || change.removed) continue;
    Score amount = change.after - change.before;
    if (change.after <= -kInfinity) amount = -kInfinity;
    if (change.after >= kInfinity) amount = kInfinity;
    const auto same = std::find_if(sums.begin(), sums.end(), [&](const Sum& sum) {
      return sum.cause.cause == change.reason.cause && sum.cause.id == change.reason.id &&
             sum.cause.other == change.reason.other;
    });
    if (same == sums.end()) {
      sums.push_back({change.reason, amount});
    } else {
      same->amount = add_scores(same->amount, amount);
    }
  }
  return sums;
}

Finding score_finding(const Run& run, const Resource& resource, const Node& node, const Sum& sum) {
  Finding finding;
  finding.why = Why::kScore;
  finding.cause = sum.cause;
  finding.resource = &resource;
  finding.node = &node;
  finding.reason = describe(run, resource, node, sum.cause, sum.amount);
  return finding;
}

/// The collective whose instance this is, or null.
const Resource* collective_of(const Resource& leaf) {
  for (const Resource* at = leaf.parent; at != nullptr; at = at->parent) {
    if (at->is_clone() || at->is_bundle()) return at;
  }
  return nullptr;
}

/// What concerns the node itself.
void add_node_findings(const Run& run, const Resource& leaf, const Node& node,
                       std::vector<Finding>& found) {
  for (const NodeState& state : node_states(run, node)) {
    Finding finding = plain(Why::kNodeState, leaf, state.word, state.text, state.word);
    finding.node = &node;
    found.push_back(std::move(finding));
  }
}

void add_limits(const Run& run, const Resource& leaf, const Node& node,
                std::vector<Finding>& found) {
  const Resource* collective = collective_of(leaf);
  if (collective == nullptr) return;
  bool any = false;
  for (const Sum& sum : sums_on(run, *collective, node)) {
    if (sum.amount >= 0) continue;
    found.push_back(score_finding(run, *collective, node, sum));
    any = any || sum.amount <= -kInfinity;
  }
  if (any) return;
  const bool bundle = collective->is_bundle();
  const int total = bundle ? collective->bundle->replicas : collective->clone->clone_max;
  const int per_node =
      bundle ? collective->bundle->replicas_per_host : collective->clone->clone_node_max;
  Finding finding = plain(
      Why::kLimit, *collective, "instance-limit",
      say({"all instances of ", collective->id, " have other places (",
           bundle ? "replicas=" : "clone-max=", std::to_string(total), ", ",
           bundle ? "replicas-per-host=" : "clone-node-max=", std::to_string(per_node), ")"}));
  finding.node = &node;
  found.push_back(std::move(finding));
}

/// Negative causes, those that forbid first, otherwise in the order they took effect; what is
/// behind a colocation follows it.
void add_score_findings(const Run& run, const Resource& leaf, const Node& node, int depth,
                        std::vector<Finding>& found) {
  std::vector<Sum> sums = sums_on(run, leaf, node);
  std::erase_if(sums, [](const Sum& sum) { return sum.amount >= 0; });
  std::stable_sort(sums.begin(), sums.end(), [](const Sum& a, const Sum& b) {
    const Score of_a = std::max(a.amount, -kInfinity);
    const Score of_b = std::max(b.amount, -kInfinity);
    return of_a < of_b;
  });
  for (const Sum& sum : sums) {
    if (sum.cause.cause == Cause::kPlannedRole) continue;
    if (sum.cause.cause == Cause::kInstanceLimit) {
      add_limits(run, leaf, node, found);
      continue;
    }
    found.push_back(score_finding(run, leaf, node, sum));
    const bool linked =
        sum.cause.cause == Cause::kColocation || sum.cause.cause == Cause::kDependent;
    if (!linked || depth <= 0 || sum.cause.other == nullptr) continue;
    Subject other;
    other.whole = const_cast<Resource*>(sum.cause.other);
    other.leaves = leaves_of(*other.whole);
    if (will_run(other, node) ||
        std::find(other.leaves.begin(), other.leaves.end(), &leaf) != other.leaves.end()) {
      continue;
    }
    for (Finding& finding : findings_against(run, other, node, depth - 1)) {
      if (finding.why == Why::kOutranked && sum.cause.cause == Cause::kDependent) continue;
      finding.reason.text = say({other.whole->id, ": ", finding.reason.text});
      found.push_back(std::move(finding));
    }
  }
}

/// The choice among nodes that were possible.
void add_comparison(const Run& run, const Resource& leaf, const Node& node,
                    std::vector<Finding>& found) {
  const Node* chosen = leaf.assigned ? leaf.assigned->node : nullptr;
  if (chosen == nullptr || chosen == &node || !node.usable()) return;
  const model::NodeEntry* here_entry = leaf.allowed.find(node);
  const model::NodeEntry* there_entry = leaf.allowed.find(*chosen);
  if (here_entry == nullptr || there_entry == nullptr || here_entry->score < 0) return;
  const Score mine = here_entry->score;
  const Score best = there_entry->score;
  std::string text;
  if (best > mine) {
    text = say(
        {"score ", format_score(mine), " is below the ", format_score(best), " of ", chosen->name});
  } else {
    text = say({"same score as ", chosen->name, " (", format_score(best), "), which was taken"});
    const scheduler::Choice* choice = run.recorder().choice_of(leaf);
    const scheduler::Candidate* here = nullptr;
    const scheduler::Candidate* there = nullptr;
    if (choice != nullptr) {
      for (const auto& candidate : choice->candidates) {
        if (candidate.node == &node) here = &candidate;
        if (candidate.node == chosen) there = &candidate;
      }
    }
    if (choice != nullptr && choice->current == chosen) {
      text += " because it runs there";
    } else if (choice != nullptr && choice->hint == chosen) {
      text += " because it was proposed first";
    } else if (here != nullptr && there != nullptr && here->placed != there->placed) {
      text += say({" because fewer resources are placed there (", std::to_string(there->placed),
                   " instead of ", std::to_string(here->placed), ")"});
    } else {
      text += " because of its place in the order of nodes";
    }
  }
  Finding finding = plain(Why::kOutranked, leaf, "score", std::move(text));
  finding.node = &node;
  finding.reason.score = mine;
  found.push_back(std::move(finding));
}

/// It has the node, but its start is held up.
void add_blocked_start(const Run& run, const Resource& leaf, const Node& node,
                       std::vector<Finding>& found) {
  if (!leaf.assigned || leaf.assigned->node != &node) return;
  const graph::Action* start = required_action(leaf, "start", node);
  if (start == nullptr || start->runnable()) return;
  if (start->reason == "no quorum" || start->reason == "quorum freeze") return;  // state_findings
  const std::size_t before = found.size();
  for (const graph::Edge* edge = start->before; edge != nullptr; edge = edge->next) {
    const graph::Action& first = *edge->other;
    if (first.runnable() || first.resource == nullptr) continue;
    const graph::Relation* relation = run.recorder().relation_of(first, *start);
    const std::string_view id = relation != nullptr ? relation->constraint_id : std::string_view();
    Finding finding = plain(Why::kOrder, *first.resource, "order",
                            say({"its start has to wait for ", first.key, ", which can't run",
                                 id.empty() ? "" : " (order ", id, id.empty() ? "" : ")"}));
    finding.reason.id = id;
    finding.node = &node;
    found.push_back(std::move(finding));
  }
  if (found.size() > before) return;
  Finding finding = plain(Why::kOrder, leaf, "order",
                          start->reason.empty() ? std::string("its start can't run now")
                                                : say({"its start can't run: ", start->reason}));
  finding.node = &node;
  found.push_back(std::move(finding));
}

/// Was it given the node, even if something took it away again (add_missing_counterparts)?
bool was_chosen_for(const Run& run, const Resource& leaf, const Node& node) {
  if (leaf.assigned) return leaf.assigned->node == &node;
  const scheduler::Choice* choice = run.recorder().choice_of(leaf);
  return choice != nullptr && choice->chosen == &node;
}

/// The node was taken away again from an instance that goes by what runs there of something else.
/// Other nodes were never its own: as far as they are concerned it has another place.
void add_missing_counterparts(const Run& run, const Resource& leaf, const Node& node,
                              std::vector<Finding>& found) {
  const std::vector<scheduler::Reason>* states = run.recorder().states_of(leaf);
  if (leaf.assigned || states == nullptr) return;
  for (const scheduler::Reason& state : *states) {
    if (state.cause != Cause::kNoCounterpart) continue;
    if (!was_chosen_for(run, leaf, node)) return add_limits(run, leaf, node, found);
    Finding finding = plain(Why::kOrder, *state.other, "order", {});
    finding.reason = describe(run, leaf, node, state, -kInfinity);
    finding.node = &node;
    found.push_back(std::move(finding));
  }
}

std::string_view unmanaged_by(const Run& run, const Resource& leaf) {
  if (run.snapshot().options.maintenance_mode) return "maintenance-mode";
  for (const Node* node : leaf.active) {
    if (node->maintenance) return "node";
  }
  if (const auto text = leaf.meta.get("maintenance"); text && parse_boolean(*text) == true) {
    return "maintenance";
  }
  if (const auto text = leaf.meta.get("is-managed"); text && parse_boolean(*text) != true) {
    return "is-managed";
  }
  return {};
}

void add_management(const Run& run, const Resource& leaf, std::vector<Finding>& found) {
  if (leaf.managed) return;
  const model::Snapshot& snapshot = run.snapshot();
  const std::string_view by = unmanaged_by(run, leaf);
  if (snapshot.options.fencing_enabled && !snapshot.fence_devices_exist) {
    found.push_back(plain(Why::kNoFencing, leaf, "fencing",
                          "fencing is enabled but no fence device is configured, so nothing is "
                          "started or moved"));
  }
  if (by == "maintenance-mode") {
    found.push_back(plain(Why::kUnmanaged, leaf, "maintenance",
                          "the cluster is in maintenance mode (maintenance-mode=true)", by));
  } else if (by == "node") {
    found.push_back(plain(Why::kUnmanaged, leaf, "maintenance",
                          say({"it runs on ", leaf.active.front()->name,
                               ", which is in maintenance: it stays as it is"}),
                          by));
  } else if (by == "maintenance") {
    found.push_back(plain(Why::kUnmanaged, leaf, "maintenance",
                          "it is in maintenance (meta-attribute maintenance)", by));
  } else if (by == "is-managed") {
    found.push_back(plain(Why::kUnmanaged, leaf, "unmanaged",
                          "it isn't managed (meta-attribute is-managed=false)", by));
  }
}

}  // namespace

std::optional<Score> final_score(const Resource& leaf, const Node& node) {
  const model::NodeEntry* entry = leaf.allowed.find(node);
  return entry != nullptr ? std::optional<Score>(entry->score) : std::nullopt;
}

const Resource* leaf_for(const Run& run, const Subject& subject, const Node& node) {
  const Resource* best = nullptr;
  const auto rank = [&](const Resource& leaf) {
    if (will_run(leaf, node)) return 4;
    if (was_chosen_for(run, leaf, node)) return 3;
    if (!leaf.assigned) return 2;
    return 1;
  };
  for (const Resource* leaf : subject.leaves) {
    if (best == nullptr || rank(*leaf) > rank(*best)) best = leaf;
  }
  return best;
}

std::vector<Finding> state_findings(const Run& run, const Resource& leaf) {
  std::vector<Finding> found;
  const model::Snapshot& snapshot = run.snapshot();
  if (leaf.removed) {
    found.push_back(plain(Why::kRemoved, leaf, "removed",
                          "it is no longer in the configuration (or beyond clone-max)"));
  }
  add_management(run, leaf, found);
  if (snapshot.options.stop_all_resources) {
    found.push_back(plain(Why::kStopAll, leaf, "stop-all-resources",
                          "all resources are to be stopped (stop-all-resources=true)"));
  }
  if (!snapshot.quorate && snapshot.options.quorum_policy != model::QuorumPolicy::kIgnore &&
      leaf.needs_quorum()) {
    found.push_back(plain(Why::kNoQuorum, leaf, "quorum",
                          say({"the cluster has no quorum (no-quorum-policy=",
                               snapshot.option_values.get_or("no-quorum-policy", "stop"), ")"})));
  }
  const auto target = leaf.meta.get("target-role");
  if (target && model::parse_role(*target) == model::Role::kStopped) {
    found.push_back(plain(Why::kTargetRole, leaf, "target-role",
                          "it is to be stopped (meta-attribute target-role=Stopped)"));
  }
  if (const auto* states = run.recorder().states_of(leaf)) {
    for (const scheduler::Reason& state : *states) {
      if (state.cause == Cause::kNoCounterpart) continue;  // concerns one node
      Finding finding =
          plain(state.cause == Cause::kTicket ? Why::kScore : Why::kFailureState, leaf, "failure",
                say({"a failure of ", leaf.id, " stops or blocks it"}));
      finding.cause = state;
      if (state.cause == Cause::kFailure) {
        finding.reason.text = say({"failure ", state.id, " stops it"});
        finding.reason.id = state.id;
      } else if (state.cause == Cause::kOnFail) {
        finding.reason.text = say({"a failure with on-fail=", state.id, " was recorded"});
      } else if (state.cause == Cause::kMultiplyActive) {
        finding.reason = {"multiply-active", "it is active on several nodes and blocked", {}, {}};
      } else if (state.cause == Cause::kTicket) {
        finding.reason = {"ticket",
                          say({"ticket constraint ", state.id, " freezes it"}),
                          std::string(state.id),
                          {}};
      }
      found.push_back(std::move(finding));
    }
  }
  return found;
}

std::vector<Finding> findings_against(const Run& run, const Subject& subject, const Node& node,
                                      int depth) {
  std::vector<Finding> found;
  const Resource* leaf = leaf_for(run, subject, node);
  if (leaf == nullptr) return found;
  add_node_findings(run, *leaf, node, found);
  for (Finding& finding : state_findings(run, *leaf)) found.push_back(std::move(finding));
  if (leaf->allowed.find(node) == nullptr) {
    Finding finding =
        plain(Why::kNotAllowed, *leaf, "not-allowed",
              run.snapshot().options.symmetric_cluster
                  ? say({"resources don't run on ", node.name})
                  : say({"no constraint allows it on ", node.name, " (symmetric-cluster=false)"}));
    finding.node = &node;
    found.push_back(std::move(finding));
  }
  if (leaf->assigned && leaf->assigned->node == &node) {
    add_blocked_start(run, *leaf, node, found);
    return found;
  }
  add_missing_counterparts(run, *leaf, node, found);
  add_comparison(run, *leaf, node, found);
  add_score_findings(run, *leaf, node, depth, found);
  const Resource* collective = collective_of(*leaf);
  const bool placed_elsewhere = leaf->assigned.has_value();
  if (collective != nullptr && placed_elsewhere) add_limits(run, *leaf, node, found);
  return found;
}

std::vector<Finding> findings_for(const Run& run, const Subject& subject, const Node& node) {
  std::vector<Finding> found;
  const Resource* leaf = leaf_for(run, subject, node);
  if (leaf == nullptr) return found;
  std::vector<Sum> sums = sums_on(run, *leaf, node);
  std::erase_if(sums, [](const Sum& sum) { return sum.amount <= 0; });
  std::stable_sort(sums.begin(), sums.end(),
                   [](const Sum& a, const Sum& b) { return a.amount > b.amount; });
  for (const Sum& sum : sums) found.push_back(score_finding(run, *leaf, node, sum));
  if (!leaf->managed) {
    for (Finding& finding : state_findings(run, *leaf)) found.push_back(std::move(finding));
    return found;
  }
  const scheduler::Choice* choice = run.recorder().choice_of(*leaf);
  if (choice == nullptr || choice->chosen != &node) return found;
  std::vector<const scheduler::Candidate*> possible;
  for (const auto& candidate : choice->candidates) {
    if (candidate.usable && candidate.score >= 0) possible.push_back(&candidate);
  }
  const auto score = final_score(*leaf, node).value_or(0);
  std::string text;
  if (possible.size() <= 1) {
    text = "it is the only node possible";
  } else if (std::none_of(possible.begin(), possible.end(), [&](const auto* candidate) {
               return candidate->node != &node && candidate->score >= score;
             })) {
    text = say({"its score of ", format_score(score), " is the highest of ",
                std::to_string(possible.size()), " nodes possible"});
  } else if (choice->current == &node) {
    text =
        say({"no other node has a higher score than ", format_score(score), ", and it runs here"});
  } else {
    text = say({"no other node has a higher score than ", format_score(score),
                "; of equals the one with fewest resources, then the first, is taken"});
  }
  Finding finding = plain(Why::kChosen, *leaf, "choice", std::move(text));
  finding.node = &node;
  finding.reason.score = score;
  found.push_back(std::move(finding));
  return found;
}

}  // namespace quorate::explain
