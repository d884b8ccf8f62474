#include "status/show.h"

#include <algorithm>

#include "base/text.h"

namespace quorate::status {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool parent_passes(const Show& show, const model::Resource& resource) {
  const model::Resource& top = model::outermost_of(resource);
  return &top != &resource && show.names(top);
}

bool any_child_passes(const Show& show, const model::Resource& resource) {
  return std::any_of(resource.children.begin(), resource.children.end(),
                     [&](const model::Resource* child) { return passes(show, *child, false); });
}

}  // namespace

bool Show::wants_node(std::string_view name) const {
  return !nodes || std::any_of(nodes->begin(), nodes->end(),
                               [&](const std::string& wanted) { return iequals(wanted, name); });
}

bool Show::names(const model::Resource& resource) const {
  return !resources || contains(*resources, resource.printable_id()) ||
         contains(*resources, resource.id);
}

bool passes(const Show& show, const model::Resource& resource, bool consider_parent) {
  if (!show.resources) return true;
  if (show.names(resource)) return true;
  if (consider_parent && parent_passes(show, resource)) return true;
  if (resource.is_clone() && resource.clone->child_xml &&
      contains(*show.resources, resource.clone->child_xml.id())) {
    return true;
  }
  return !resource.is_primitive() && any_child_passes(show, resource);
}

bool on_wanted_node(const Show& show, const model::Resource& resource) {
  if (!show.nodes) return true;
  const auto nodes = model::active_nodes(resource);
  return nodes.empty() || std::any_of(nodes.begin(), nodes.end(), [&](const model::Node* node) {
           return show.wants_node(node->name);
         });
}

std::optional<std::vector<std::string>> node_filter(model::Snapshot& snapshot,
                                                    std::string_view value) {
  if (value.empty() || value == "*") return std::nullopt;
  std::vector<std::string> names;
  if (const model::Node* node = snapshot.find_node_by_name(value)) {
    names.emplace_back(node->name);
    return names;
  }
  const auto tag = snapshot.tags.find(value);
  if (tag == snapshot.tags.end()) return names;
  for (const std::string_view id : tag->second.members) {
    if (const model::Node* node = snapshot.find_node_by_id(id)) names.emplace_back(node->name);
  }
  return names;
}

std::optional<std::vector<std::string>> resource_filter(model::Snapshot& snapshot,
                                                        std::string_view value) {
  if (value.empty() || value == "*") return std::nullopt;
  const auto find = [&](std::string_view id) -> const model::Resource* {
    if (const model::Resource* found = snapshot.find_resource(id)) return found;
    for (const model::Resource& resource : snapshot.all_resources) {
      if (resource.xml_id == id) return &resource;
    }
    return nullptr;
  };
  std::vector<std::string> ids;
  if (const model::Resource* resource = find(value)) {
    const bool exact = value.find(':') != std::string_view::npos;
    ids.emplace_back(exact ? resource->id : resource->printable_id());
    return ids;
  }
  const auto tag = snapshot.tags.find(value);
  if (tag == snapshot.tags.end()) return ids;
  for (const std::string_view id : tag->second.members) {
    if (const model::Resource* resource = find(id)) ids.emplace_back(resource->printable_id());
  }
  return ids;
}

}  // namespace quorate::status
