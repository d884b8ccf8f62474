#include <algorithm>

#include "base/text.h"
#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// Instance attributes of resources (spec/03 §5.11).
namespace quorate::scheduler {

using model::Node;
using model::Resource;

namespace {

/// Can the values differ between nodes? Only rules make them, here or behind a reference.
bool may_depend_on_node(const Resource& resource) {
  for (const Resource* at = &resource; at != nullptr; at = at->parent) {
    for (xml::Element block : xml::children(at->xml, "instance_attributes")) {
      if (block.has("id-ref") || block.first_child("rule")) return true;
    }
  }
  return false;
}

model::NameValues evaluate(Context& context, const Resource& resource, const Node* node) {
  rules::RuleContext inputs = time_only(context);
  const std::function<std::optional<std::string_view>(std::string_view)> attribute =
      [node](std::string_view name) { return node->attributes.get(name); };
  if (node != nullptr) inputs.node_attribute = &attribute;
  model::NameValues values;
  for (const Resource* at = &resource; at != nullptr; at = at->parent) {
    merge_into(context, at->xml, "instance_attributes", inputs, values);
  }
  return values;
}

}  // namespace

const model::NameValues& parameters_of(Context& context, Resource& resource, const Node* node) {
  auto& cached = resource.parameter_cache;
  if (node != nullptr && !may_depend_on_node(resource)) node = nullptr;
  const auto same = [node](const model::ParameterSet& set) {
    if (set.node == nullptr || node == nullptr) return set.node == node;
    return set.node == node || iequals(set.node->name, node->name);
  };
  const auto found = std::find_if(cached.begin(), cached.end(), same);
  if (found != cached.end()) return *found->values;
  cached.push_back({node, std::make_unique<model::NameValues>(evaluate(context, resource, node))});
  return *cached.back().values;
}

}  // namespace quorate::scheduler
