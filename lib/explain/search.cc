#include "explain/search.h"

#include <algorithm>

#include "explain/findings.h"
#include "explain/remedies.h"
#include "explain/subject.h"

namespace quorate::explain {

using model::Node;
using model::Resource;

namespace {

constexpr std::size_t kMostTogether = 6;  ///< changes in one answer
constexpr std::size_t kMostCandidates = 24;

/// A search for one resource and one node.
class Search {
 public:
  Search(const Question& question, std::string_view node) : question_(question), node_(node) {}

  std::vector<Change> find() {
    std::vector<Change> taken;
    for (std::size_t round = 0; round < kMostTogether; ++round) {
      const auto run = run_with(question_, edits_of(taken), true);
      if (!run) return {};
      if (round == 0) set_budget(run->snapshot());
      const Subject subject = find_subject(run->snapshot(), question_.resource);
      const Node* node = run->snapshot().find_node_by_name(node_);
      if (subject.whole == nullptr || node == nullptr) return {};
      if (will_run(subject, *node)) return minimal(std::move(taken));
      const std::vector<Change> candidates = candidates_in(*run, subject, *node, taken);
      if (candidates.empty()) return {};
      for (const Change& candidate : candidates) {
        taken.push_back(candidate);
        if (works(taken)) return minimal(std::move(taken));
        taken.pop_back();
        if (budget_ <= 0) return {};
      }
      taken.push_back(candidates.front());
    }
    return {};
  }

 private:
  static std::vector<Edit> edits_of(const std::vector<Change>& changes) {
    std::vector<Edit> edits;
    for (const Change& change : changes) {
      edits.insert(edits.end(), change.edits.begin(), change.edits.end());
    }
    return edits;
  }

  /// Attempts allowed: plenty in small clusters, a few in those whose plan takes seconds.
  void set_budget(const model::Snapshot& snapshot) {
    const std::size_t size = snapshot.all_resources.size() * snapshot.nodes.size() + 1;
    budget_ = static_cast<int>(std::clamp<std::size_t>(400'000 / size, 16, 160));
  }

  bool works(const std::vector<Change>& changes) {
    --budget_;
    const auto run = run_with(question_, edits_of(changes), false);
    if (!run) return false;
    const Subject subject = find_subject(run->snapshot(), question_.resource);
    const Node* node = run->snapshot().find_node_by_name(node_);
    return subject.whole != nullptr && node != nullptr && will_run(subject, *node);
  }

  /// Without what isn't needed.
  std::vector<Change> minimal(std::vector<Change> changes) {
    for (std::size_t i = 0; changes.size() > 1 && i < changes.size();) {
      std::vector<Change> fewer = changes;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (works(fewer)) {
        changes = std::move(fewer);
      } else {
        ++i;
      }
    }
    return changes;
  }

  static void add(std::vector<Change>& candidates, const std::vector<Change>& taken,
                  Change change) {
    const auto same = [&](const Change& other) { return other.text == change.text; };
    if (candidates.size() >= kMostCandidates || change.edits.empty() ||
        std::any_of(candidates.begin(), candidates.end(), same) ||
        std::any_of(taken.begin(), taken.end(), same)) {
      return;
    }
    candidates.push_back(std::move(change));
  }

  /// What may help, by what decides; then preferring the node.
  static std::vector<Change> candidates_in(const Run& run, const Subject& subject, const Node& node,
                                           const std::vector<Change>& taken) {
    std::vector<Change> candidates;
    const Resource* leaf = leaf_for(run, subject, node);
    if (leaf == nullptr) return candidates;
    const std::vector<Finding> findings = findings_against(run, subject, node);
    bool forbidden = false;
    for (const Finding& finding : findings) {
      const bool mild = finding.why == Why::kScore && finding.reason.score > -kInfinity;
      forbidden = forbidden || (!mild && finding.why != Why::kOutranked);
    }
    if (!forbidden) add_preferences(run, *leaf, node, candidates, taken);
    for (const Finding& finding : findings) {
      for (Change& change : remedies(run, finding, node)) {
        add(candidates, taken, std::move(change));
      }
    }
    if (forbidden) add_preferences(run, *leaf, node, candidates, taken);
    if (leaf->assigned && leaf->assigned->node != &node) {
      add_attractions(run, subject, *leaf->assigned->node, node, candidates, taken);
    }
    for (const Finding& finding : findings) {
      if (finding.cause.other == nullptr || finding.why != Why::kScore) continue;
      add(candidates, taken, preference(run, *finding.cause.other, node, kInfinity));
    }
    return candidates;
  }

  /// What holds it at its node, or holds what has to be with it there.
  static void add_attractions(const Run& run, const Subject& subject, const Node& chosen,
                              const Node& node, std::vector<Change>& candidates,
                              const std::vector<Change>& taken, int depth = 4) {
    for (const Finding& finding : findings_for(run, subject, chosen)) {
      for (Change& change : remedies(run, finding, node)) {
        add(candidates, taken, std::move(change));
      }
      if (depth <= 0 || finding.why != Why::kScore || finding.cause.other == nullptr) continue;
      Subject other;
      other.whole = const_cast<Resource*>(finding.cause.other);
      other.leaves = leaves_of(*other.whole);
      add_attractions(run, other, chosen, node, candidates, taken, depth - 1);
    }
  }

  /// By just enough to outdo the best node, then without bounds.
  static void add_preferences(const Run& run, const Resource& leaf, const Node& node,
                              std::vector<Change>& candidates, const std::vector<Change>& taken) {
    const auto mine = final_score(leaf, node);
    Score best = -kInfinity;
    leaf.allowed.for_each([&](const model::NodeEntry& entry) {
      if (entry.node != &node && entry.node->usable()) best = std::max(best, entry.score);
    });
    if (mine && *mine > -kInfinity && best < kInfinity) {
      const Score gap = std::max({best - *mine + 1, 1 - *mine, 1});
      if (gap < kInfinity) add(candidates, taken, preference(run, leaf, node, gap));
    }
    add(candidates, taken, preference(run, leaf, node, kInfinity));
  }

  const Question& question_;
  std::string_view node_;
  int budget_ = 0;
};

}  // namespace

std::vector<Change> find_changes(const Question& question, std::string_view node) {
  return Search(question, node).find();
}

}  // namespace quorate::explain
