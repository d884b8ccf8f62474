#include <algorithm>

#include "scheduler/placement/promotion.h"
#include "scheduler/placement/references.h"

namespace quorate::scheduler {

using model::Node;
using model::NodeEntry;
using model::Resource;

namespace {

bool contains(const std::vector<Node*>& nodes, const Node& node) {
  return std::find(nodes.begin(), nodes.end(), &node) != nodes.end();
}

/// The clone an instance, or a member of one, belongs to.
const Resource* clone_of(const Resource& resource) {
  const Resource* at = resource.parent;
  while (at != nullptr && !at->is_clone()) at = at->parent;
  return at;
}

/// Calls visit(instance) for the primitives of that base name in a clone until it returns true.
template <class Visit>
const Resource* find_instance(const Resource& resource, std::string_view base, const Visit& visit) {
  if (resource.is_primitive()) {
    return model::base_name(resource.id) == base && visit(resource) ? &resource : nullptr;
  }
  for (const Resource* child : resource.children) {
    if (const Resource* found = find_instance(*child, base, visit)) return found;
  }
  return nullptr;
}

/// Whether the node's attribute says something about this instance (spec/04 §19.2 step 1).
bool applies(const Resource& instance, const Node& node) {
  bool relevant = false;
  const Resource* clone = clone_of(instance);
  if (!instance.unique && clone != nullptr) {
    const std::string_view base = model::base_name(instance.id);
    const Resource* active = find_instance(
        *clone, base, [&](const Resource& other) { return contains(other.active, node); });
    if (active == &instance) {
      relevant = true;
    } else if (active == nullptr) {
      relevant = find_instance(*clone, base, [&](const Resource& other) {
                   return contains(other.known_on, node);
                 }) != nullptr;
    }
  }
  relevant = relevant || (instance.active.empty() && instance.known_on.empty()) ||
             contains(instance.known_on, node) || contains(instance.active, node);
  if (!relevant) return false;
  const NodeEntry* entry = instance.allowed.find(node);
  return entry != nullptr && entry->score >= 0;
}

std::optional<Score> score_of_primitive(Context& context, const Resource& instance,
                                        const Node& node) {
  if (!applies(instance, node)) return std::nullopt;
  const auto target = instance.meta.get("container-attribute-target");
  const model::When when = instance.open ? model::When::kNow : model::When::kPlanned;
  const auto look_up = [&](std::string_view name) {
    return model::node_attribute(node, text_of("master-", name), target, when);
  };
  const std::string_view name = instance.history_id.empty() ? instance.id : instance.history_id;
  auto value = look_up(name);
  if (!value && !instance.unique) {
    const std::string_view base = model::base_name(instance.id);
    if (base != name) value = look_up(base);
  }
  if (!value) return std::nullopt;
  const auto score = context.snapshot.parse_score(*value);
  if (!score) {
    context.snapshot.report(
        model::MessageClass::kWarning,
        text_of("Using 0 as promotion score for ", instance.id, " on ", node.name, " because '",
                *value, "' is not a valid score: Invalid score"));
  }
  return score.value_or(0);
}

}  // namespace

std::optional<Score> promotion_score(Context& context, const Resource& instance, const Node& node) {
  if (instance.children.empty()) return score_of_primitive(context, instance, node);
  std::optional<Score> sum;
  for (const Resource* member : instance.children) {
    if (const auto score = promotion_score(context, *member, node)) sum = sum.value_or(0) + *score;
  }
  return sum;
}

}  // namespace quorate::scheduler
