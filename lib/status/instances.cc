#include "status/instances.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "status/primitive.h"

namespace quorate::status {
namespace {

using model::Node;
using model::Resource;
using model::Role;

/// True if `test` holds for the resource or anything beneath it.
template <class Test>
bool any_of_tree(const Resource& resource, const Test& test) {
  return test(resource) ||
         std::any_of(resource.children.begin(), resource.children.end(),
                     [&](const Resource* child) { return any_of_tree(*child, test); });
}

/// The one node all its primitives are on, or null.
const Node* common_node(const Resource& instance) {
  const Node* found = nullptr;
  bool several = false;
  any_of_tree(instance, [&](const Resource& part) {
    if (!part.is_primitive()) return false;
    for (const Node* node : part.active) {
      several = several || (found != nullptr && found != node);
      found = node;
    }
    return false;
  });
  return several ? nullptr : found;
}

/// An active instance of an anonymous clone that needs a line of its own for what is unusual.
bool is_unusual(const Resource& instance) {
  return any_of_tree(
      instance, [](const Resource& part) { return part.removed || !part.managed || part.failed; });
}

bool stands_alone(const Resource& clone, const Resource& instance, const Show& show) {
  if (clone.unique) return !clone.removed || model::is_active(instance, false);
  if (show.pending && !instance.pending.task.empty()) return true;
  if (!model::is_active(instance, false)) return false;
  if (is_unusual(instance) || !model::is_active(instance, true)) return true;
  const Node* node = common_node(instance);
  return node == nullptr || (!node->online && node->unclean);
}

void sort_by_name(std::vector<std::string>& names) {
  std::stable_sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return compare_names_numerically(a, b) < 0;
  });
}

void sort_by_node(std::vector<const Node*>& nodes) {
  std::stable_sort(nodes.begin(), nodes.end(), [](const Node* a, const Node* b) {
    return compare_names_numerically(a->name, b->name) < 0;
  });
}

/// Nodes the clone could use but doesn't, by what is said of them.
void add_stopped_nodes(const model::Snapshot& snapshot, const Resource& clone, const Show& show,
                       InstanceGroups& groups) {
  std::vector<const Node*> nodes;
  clone.allowed.for_each([&](const model::NodeEntry& entry) { nodes.push_back(entry.node); });
  if (nodes.empty()) nodes.assign(clone.known_on.begin(), clone.known_on.end());
  const bool disabled = configured_role(clone) == Role::kStopped;
  for (const Node* node : nodes) {
    const bool active =
        std::find(clone.active.begin(), clone.active.end(), node) != clone.active.end();
    if (active || !show.wants_node(node->name)) continue;
    const std::string_view probe = masked_probe_text(snapshot, clone, node);
    std::string text = "Stopped";
    if (!probe.empty()) {
      text += fmt::format(" ({})", probe);
    } else if (disabled) {
      text += " (disabled)";
    }
    groups.stopped[text].emplace_back(node->name);
  }
  for (auto& [text, names] : groups.stopped) sort_by_name(names);
}

}  // namespace

InstanceGroups group_instances(const model::Snapshot& snapshot, const Resource& clone,
                               const Show& show) {
  InstanceGroups groups;
  for (const Resource* instance : clone.children) {
    if (!on_wanted_node(show, *instance)) continue;
    if (show.detail || stands_alone(clone, *instance, show)) {
      groups.individual.push_back(instance);
    } else if (model::is_active(*instance, true) && !clone.unique) {
      const Node* node = common_node(*instance);
      const bool promoted = model::role_of(*instance) > Role::kUnpromoted;
      (promoted ? groups.promoted : groups.started).push_back(node);
    }
  }
  if (show.detail) return groups;
  const auto unwanted = [&](const Node* node) {
    return node == nullptr || !show.wants_node(node->name);
  };
  std::erase_if(groups.promoted, unwanted);
  std::erase_if(groups.started, unwanted);
  sort_by_node(groups.promoted);
  sort_by_node(groups.started);
  if (clone.unique || !show.inactive) return groups;
  const std::size_t listed = groups.promoted.size() + groups.started.size();
  if (clone.clone->clone_max > static_cast<int>(listed)) {
    add_stopped_nodes(snapshot, clone, show, groups);
  }
  return groups;
}

}  // namespace quorate::status
