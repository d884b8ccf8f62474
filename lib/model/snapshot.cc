#include "model/snapshot.h"

#include <algorithm>

#include "base/text.h"

namespace quorate::model {

std::string_view Snapshot::intern(std::string_view text) {
  if (const auto found = interned_.find(text); found != interned_.end()) return found->second;
  const std::string_view kept = texts_.emplace_back(text);
  interned_.emplace(kept, kept);
  return kept;
}

xml::Element Snapshot::keep(xml::Document document) {
  return documents_.emplace_back(std::move(document)).root();
}

void Snapshot::report_once(MessageClass level, std::string_view text) {
  const bool said = std::any_of(messages.begin(), messages.end(),
                                [&](const Message& m) { return m.text == text; });
  if (!said) report(level, std::string(text));
}

Node* Snapshot::find_node_by_id(std::string_view id) {
  const auto found = nodes_by_lower_id_.find(to_lower(id));
  return found == nodes_by_lower_id_.end() ? nullptr : found->second;
}

Node* Snapshot::find_node_by_name(std::string_view name) {
  const auto found = nodes_by_lower_name_.find(to_lower(name));
  return found == nodes_by_lower_name_.end() ? nullptr : found->second;
}

Node* Snapshot::find_node(std::string_view id, std::string_view name) {
  if (!id.empty()) {
    if (Node* node = find_node_by_id(id)) return node;
  }
  return name.empty() ? nullptr : find_node_by_name(name);
}

Node& Snapshot::add_node(std::string_view id, std::string_view name, NodeKind kind,
                         Score base_score) {
  Node& node = nodes.emplace_back();
  node.index = NodeId(static_cast<std::uint32_t>(nodes.size() - 1));
  node.id = intern(id);
  node.name = intern(name);
  node.kind = kind;
  node.base_score = base_score;
  const auto place =
      std::find_if(nodes_by_name.begin(), nodes_by_name.end(), [&](const Node* other) {
        return compare_names_numerically(node.name, other->name) <= 0;
      });
  nodes_by_name.insert(place, &node);
  // The node that comes first in node order answers for a name or ID that occurs twice.
  nodes_by_lower_id_[to_lower(id)] = &node;
  nodes_by_lower_name_[to_lower(name)] = &node;
  return node;
}

Resource& Snapshot::add_resource() {
  Resource& resource = all_resources.emplace_back();
  resource.index = ResourceId(static_cast<std::uint32_t>(all_resources.size() - 1));
  return resource;
}

void Snapshot::index_resource(Resource& resource) {
  auto& same = resources_by_id_[resource.id];
  if (std::find(same.begin(), same.end(), &resource) == same.end()) same.push_back(&resource);
}

void Snapshot::set_history_id(Resource& resource, std::string_view id) {
  if (!resource.history_id.empty() && resource.history_id != resource.id) {
    const auto old = resources_by_id_.find(resource.history_id);
    if (old != resources_by_id_.end()) std::erase(old->second, &resource);
  }
  resource.history_id = id.empty() ? std::string_view() : intern(id);
  if (!resource.history_id.empty()) {
    auto& same = resources_by_id_[resource.history_id];
    if (std::find(same.begin(), same.end(), &resource) == same.end()) same.push_back(&resource);
  }
}

namespace {
Resource* first_match(const std::vector<Resource*>& list, std::string_view id) {
  for (Resource* resource : list) {
    if (resource->id == id || (!resource->history_id.empty() && resource->history_id == id)) {
      return resource;
    }
    if (Resource* found = first_match(resource->children, id)) return found;
  }
  return nullptr;
}
}  // namespace

Resource* Snapshot::find_resource(std::string_view id) {
  const auto found = resources_by_id_.find(id);
  if (found == resources_by_id_.end() || found->second.empty()) return nullptr;
  // Several candidates (a history ID that equals another's ID): the first in list order counts.
  // A single one may still be unreachable (its parent was refused), so it is checked.
  if (found->second.size() > 1) return first_match(resources, id);
  Resource* only = found->second.front();
  return outermost_of(*only).listed ? only : nullptr;
}

std::optional<Score> Snapshot::parse_score(std::string_view text) const {
  if (iequals(text, "red")) return options.health_red;
  if (iequals(text, "yellow")) return options.health_yellow;
  if (iequals(text, "green")) return options.health_green;
  return quorate::parse_score(text);
}

void Snapshot::propose_recheck(std::int64_t epoch_seconds) {
  if (epoch_seconds <= now_seconds) return;
  if (!recheck_by || *recheck_by > epoch_seconds) recheck_by = epoch_seconds;
}

}  // namespace quorate::model
