#include "scheduler/placement/listing.h"

#include "scheduler/placement/references.h"
#include "scheduler/placement/table_order.h"

namespace quorate::scheduler {

using model::Node;
using model::NodeEntry;
using model::Resource;

namespace {

/// ` NAME=VALUE` for each attribute in table order.
std::string amounts(const model::NameValues& table) {
  std::vector<model::NameValues::Entry> entries(table.begin(), table.end());
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const auto& entry : entries) names.push_back(entry.first);
  std::string text;
  for (const std::size_t i : table_order(names)) {
    text += text_of(" ", entries[i].first, "=", entries[i].second);
  }
  return text;
}

}  // namespace

void list_scores(Placer& placer, std::string_view label, const Resource& resource) {
  if (placer.listing == nullptr || !placer.listing->scores || resource.removed) return;
  for (const Node* node : placer.snapshot().nodes_by_name) {
    const NodeEntry* entry = resource.allowed.find(*node);
    if (entry == nullptr) continue;
    placer.listing->lines.push_back(text_of(label, ": ", resource.id, " allocation score on ",
                                            node->name, ": ", format_score(entry->score)));
  }
  for (const Resource* child : resource.children) list_scores(placer, label, *child);
}

void list_promotion_score(Placer& placer, const Resource& instance) {
  if (placer.listing == nullptr || !placer.listing->scores) return;
  const Node* node = model::placed_node(instance);
  const std::string place = node == nullptr ? "(inactive)" : text_of("on ", node->name);
  placer.listing->lines.push_back(text_of(instance.id, " promotion score ", place, ": ",
                                          format_score(instance.promotion_priority)));
}

void list_capacity(Placer& placer, std::string_view when) {
  if (placer.listing == nullptr || !placer.listing->utilization) return;
  for (const Node* node : placer.snapshot().nodes_by_name) {
    if (node->is_bundle()) continue;
    placer.listing->lines.push_back(
        text_of(when, ": ", node->name, " capacity:", amounts(node->utilization)));
  }
}

void list_utilization(Placer& placer, const Resource& resource, const Node& node) {
  if (placer.listing == nullptr || !placer.listing->utilization) return;
  placer.listing->lines.push_back(text_of("pcmk__assign_resource: ", resource.id,
                                          " utilization on ", node.name, ":",
                                          amounts(resource.utilization)));
}

}  // namespace quorate::scheduler
