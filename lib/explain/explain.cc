#include "explain/explain.h"

#include <algorithm>

#include "explain/findings.h"
#include "explain/search.h"
#include "explain/subject.h"
#include "explain/text.h"

namespace quorate::explain {

using model::Node;
using model::Resource;

namespace {

constexpr std::size_t kMostReasons = 8;

std::string_view kind_of(const Resource& resource) {
  switch (resource.variant) {
    case model::Variant::kPrimitive:
      return "primitive";
    case model::Variant::kGroup:
      return "group";
    case model::Variant::kClone:
      return "clone";
    case model::Variant::kBundle:
      return "bundle";
  }
  return {};
}

void add_name(std::vector<std::string>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

void add_places(const Subject& subject, Explanation& answer) {
  for (const Resource* leaf : subject.leaves) {
    for (const Node* node : leaf->active) add_name(answer.runs_on, node->name);
    if (!leaf->assigned || !will_run(*leaf, *leaf->assigned->node)) continue;
    add_name(answer.will_run_on, leaf->assigned->node->name);
    if (leaf->next_role == model::Role::kPromoted) {
      add_name(answer.promoted_on, leaf->assigned->node->name);
    }
  }
}

std::vector<Reason> reasons_of(const std::vector<Finding>& findings) {
  std::vector<Reason> reasons;
  for (const Finding& finding : findings) {
    if (reasons.size() >= kMostReasons) break;
    const auto same = [&](const Reason& reason) { return reason.text == finding.reason.text; };
    if (std::none_of(reasons.begin(), reasons.end(), same)) reasons.push_back(finding.reason);
  }
  return reasons;
}

bool is_general(const Finding& finding) {
  switch (finding.why) {
    case Why::kTargetRole:
    case Why::kFailureState:
    case Why::kUnmanaged:
    case Why::kStopAll:
    case Why::kNoFencing:
    case Why::kNoQuorum:
    case Why::kRemoved:
      return true;
    default:
      return false;
  }
}

NodeVerdict verdict_on(const Run& run, const Subject& subject, const Node& node) {
  NodeVerdict verdict;
  verdict.node = node.name;
  verdict.chosen = will_run(subject, node);
  if (const Resource* leaf = leaf_for(run, subject, node)) verdict.score = final_score(*leaf, node);
  std::vector<Finding> findings =
      verdict.chosen ? findings_for(run, subject, node) : findings_against(run, subject, node);
  // What holds on all nodes is said once.
  std::erase_if(findings, [&](const Finding& finding) {
    const auto& leaves = subject.leaves;
    return is_general(finding) &&
           std::find(leaves.begin(), leaves.end(), finding.resource) != leaves.end();
  });
  verdict.reasons = reasons_of(findings);
  return verdict;
}

/// Nodes inside containers concern only what runs in them.
bool is_listed(const Subject& subject, const Node& node) {
  if (!node.is_bundle()) return true;
  return std::any_of(subject.leaves.begin(), subject.leaves.end(), [&](const Resource* leaf) {
    const auto score = final_score(*leaf, node);
    return score && *score > -kInfinity;
  });
}

void add_state(const Run& run, const Subject& subject, Explanation& answer) {
  std::vector<Finding> findings;
  for (const Resource* leaf : subject.leaves) {
    for (Finding& finding : state_findings(run, *leaf)) {
      findings.push_back(std::move(finding));
    }
  }
  answer.state = reasons_of(findings);
}

Result<Explanation> explain_in(const Run& run, const Question& question) {
  model::Snapshot& snapshot = run.snapshot();
  const Subject subject = find_subject(snapshot, question.resource);
  if (subject.whole == nullptr) return unknown_resource(run, question.resource);
  if (!question.node.empty() && snapshot.find_node_by_name(question.node) == nullptr) {
    return unknown_node(run, question.node);
  }
  Explanation answer;
  answer.resource = question.resource;
  answer.kind = kind_of(*subject.whole);
  add_places(subject, answer);
  add_state(run, subject, answer);
  for (const Node* node : snapshot.nodes_by_name) {
    const bool asked = question.every_node || node->name == question.node;
    if (!is_listed(subject, *node) && node->name != question.node) continue;
    NodeVerdict verdict = verdict_on(run, subject, *node);
    verdict.asked = asked && !verdict.chosen;
    if (verdict.asked) verdict.changes = find_changes(question, node->name);
    answer.nodes.push_back(std::move(verdict));
  }
  std::stable_sort(answer.nodes.begin(), answer.nodes.end(),
                   [](const NodeVerdict& a, const NodeVerdict& b) {
                     if (a.chosen != b.chosen) return a.chosen;
                     return a.score.value_or(-kInfinity - 1) > b.score.value_or(-kInfinity - 1);
                   });
  return answer;
}

/// The run every answer comes from.
Result<std::unique_ptr<Run>> first_run(const Question& question) {
  auto run = run_with(question, {}, true);
  if (run) return run;
  return fail(ErrorKind::kInvalid, "the configuration can't be scheduled; run crm_verify");
}

}  // namespace

Result<Explanation> explain(const Question& question) {
  const auto run = first_run(question);
  if (!run) return tl::unexpected<Error>(run.error());
  return explain_in(**run, question);
}

Result<std::vector<Explanation>> explain_each(Question question) {
  const auto run = first_run(question);
  if (!run) return tl::unexpected<Error>(run.error());
  std::vector<std::string> names;
  for (const Resource* resource : (*run)->snapshot().resources) {
    if (!resource->removed) names.emplace_back(resource->id);
  }
  std::vector<Explanation> answers;
  answers.reserve(names.size());
  for (std::string& name : names) {
    question.resource = std::move(name);
    auto answer = explain_in(**run, question);
    if (!answer) return tl::unexpected<Error>(answer.error());
    answers.push_back(std::move(*answer));
  }
  return answers;
}

}  // namespace quorate::explain
