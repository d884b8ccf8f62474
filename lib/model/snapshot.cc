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

xml::Element Snapshot::keep_copy(xml::Element source) {
  return fragments_.emplace_back(xml::Fragment::copy_of(source)).root();
}

void Snapshot::report_once(MessageClass level, std::string_view text) {
  if (said_once_.emplace(text).second) report(level, std::string(text));
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
  const auto place = std::find_if(
      nodes_by_name.begin(), nodes_by_name.end(),
      [&](const Node* other) { return compare_names_numerically(node.name, other->name) <= 0; });
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

void Snapshot::list_resource(Resource& resource) {
  resource.listed = true;
  resource.position = static_cast<std::uint32_t>(resources.size());
  resources.push_back(&resource);
}

void Snapshot::add_child(Resource& parent, Resource& child) {
  child.parent = &parent;
  child.position = static_cast<std::uint32_t>(parent.children.size());
  parent.children.push_back(&child);
}

void Snapshot::sort_resources_by_priority() {
  std::stable_sort(resources.begin(), resources.end(),
                   [](const Resource* a, const Resource* b) { return a->priority > b->priority; });
  for (std::size_t i = 0; i < resources.size(); ++i) {
    resources[i]->position = static_cast<std::uint32_t>(i);
  }
}

namespace {
int depth_of(const Resource& resource) {
  int depth = 0;
  for (const Resource* at = resource.parent; at != nullptr; at = at->parent) ++depth;
  return depth;
}

/// Does `a` come before `b` when the resources are visited depth first, parents first?
bool comes_before(const Resource* a, const Resource* b) {
  int a_depth = depth_of(*a);
  int b_depth = depth_of(*b);
  const bool a_is_higher = a_depth < b_depth;
  for (; a_depth > b_depth; --a_depth) a = a->parent;
  for (; b_depth > a_depth; --b_depth) b = b->parent;
  if (a == b) return a_is_higher;
  while (a->parent != b->parent) {
    a = a->parent;
    b = b->parent;
  }
  return a->position < b->position;
}
}  // namespace

Resource* Snapshot::find_resource(std::string_view id) {
  const auto found = resources_by_id_.find(id);
  if (found == resources_by_id_.end()) return nullptr;
  Resource* first = nullptr;
  for (Resource* candidate : found->second) {
    if (!outermost_of(*candidate).listed) continue;  // its parent was refused
    if (first == nullptr || comes_before(candidate, first)) first = candidate;
  }
  return first;
}

std::vector<Resource*> Snapshot::find_primitives(std::string_view id) {
  std::vector<Resource*> matches;
  const auto found = resources_by_id_.find(id);
  if (found == resources_by_id_.end()) return matches;
  for (Resource* candidate : found->second) {
    if (candidate->is_primitive() && outermost_of(*candidate).listed) matches.push_back(candidate);
  }
  std::sort(matches.begin(), matches.end(), comes_before);
  return matches;
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
