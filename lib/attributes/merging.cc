#include "attributes/merging.h"

#include <utility>

#include "base/planted.h"
#include "base/text.h"

namespace quorate::attributes {

void Merging::begin(std::uint64_t view, const std::map<NodeNumber, std::string>& members) {
  view_ = view;
  members_ = members;
  waiting_for_.clear();
  for (const auto& [node, name] : members) waiting_for_.insert(node);
  fresh_.clear();
  parts_.clear();
  kept_.clear();
}

void Merging::take(NodeNumber sender, const AttributeSync& sync) {
  if (sync.view != view_ || !waiting_for_.contains(sender)) return;
  if (sync.fresh) fresh_.insert(sender);
  // The speaker counts as one that stayed, everyone else as returning.
  if (!planted("peer-attributes-lost") || sync.speaks_for_others) parts_.emplace_back(sender, sync);
  if (sync.last) waiting_for_.erase(sender);
}

void Merging::keep(Kept kept) { kept_.push_back(std::move(kept)); }

bool Merging::complete() const { return waiting_for_.empty() || kept_.size() > kMaxKept; }

Merging::Outcome Merging::finish() {
  std::map<std::string, NodeNumber> managed;
  for (const auto& [node, name] : members_) managed[to_lower(name)] = node;
  Outcome outcome;
  outcome.kept = std::move(kept_);
  for (auto& [sender, sync] : parts_) {
    std::erase_if(sync.values, [&, from = sender](const AttributeSync::Value& value) {
      const auto manager = managed.find(to_lower(value.node));
      return manager != managed.end() && manager->second != from &&
             !fresh_.contains(manager->second);
    });
    outcome.table.merge(sync);
  }
  for (const auto& [node, name] : members_) {
    if (!outcome.table.has_public_values(name)) outcome.empty_nodes.insert(node);
  }
  waiting_for_.clear();
  parts_.clear();
  kept_.clear();
  return outcome;
}

}  // namespace quorate::attributes
