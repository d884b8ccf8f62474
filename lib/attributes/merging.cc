#include "attributes/merging.h"

#include <utility>

namespace quorate::attributes {

void Merging::begin(std::uint64_t view, const std::set<NodeNumber>& members) {
  view_ = view;
  members_ = members;
  waiting_for_ = members;
  with_values_.clear();
  table_ = Table();
  kept_.clear();
}

void Merging::take(NodeNumber sender, const AttributeSync& sync) {
  if (sync.view != view_ || !waiting_for_.contains(sender)) return;
  table_.merge(sync);
  for (const AttributeSync::Value& value : sync.values) {
    const Attribute* attribute = table_.find(value.name);
    if (value.value && attribute != nullptr && !attribute->traits.is_private) {
      with_values_.insert(sender);
    }
  }
  if (sync.last) waiting_for_.erase(sender);
}

void Merging::keep(Kept kept) { kept_.push_back(std::move(kept)); }

bool Merging::complete() const { return waiting_for_.empty() || kept_.size() > kMaxKept; }

Merging::Outcome Merging::finish() {
  Outcome outcome{std::move(table_), std::move(kept_), {}};
  for (const NodeNumber node : members_) {
    if (!with_values_.contains(node)) outcome.empty_nodes.insert(node);
  }
  waiting_for_.clear();
  table_ = Table();
  kept_.clear();
  return outcome;
}

}  // namespace quorate::attributes
