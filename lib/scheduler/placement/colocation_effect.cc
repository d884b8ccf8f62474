#include <algorithm>

#include "scheduler/placement/attribute_view.h"
#include "scheduler/placement/colocation_lists.h"
#include "scheduler/placement/compatible.h"
#include "scheduler/placement/placer.h"
#include "scheduler/placement/references.h"

namespace quorate::scheduler {

using model::Colocation;
using model::Node;
using model::NodeEntry;
using model::NodeTable;
using model::Resource;
using model::Role;

namespace {

/// The resource whose role counts: for a container the instance inside it.
const Resource& role_resource(const Resource& resource) {
  const model::BundleReplica* replica = replica_of_container(resource);
  return replica != nullptr && replica->child != nullptr ? *replica->child : resource;
}

bool is_parent_promotable(const Resource& resource) {
  for (const Resource* at = resource.parent; at != nullptr && !at->is_bundle(); at = at->parent) {
    if (at->is_clone()) return at->promotable;
  }
  return false;
}

/// Nodes outside `nodes` are banned.
void limit_to(NodeTable& table, const std::vector<const Node*>& nodes) {
  table.for_each([&](NodeEntry& entry) {
    if (std::find(nodes.begin(), nodes.end(), entry.node) == nodes.end()) {
      entry.score = -kInfinity;
    }
  });
}

/// Two primitives, where the colocation affects the dependent's place (spec/04 §11.4).
void affect_location(Resource& dependent, const Resource& primary, const Colocation& c) {
  const Node* node = primary.assigned ? primary.assigned->node : nullptr;
  if (node == nullptr && c.score < 0) return;
  const AttributeView of_dependent(c.node_attribute, &dependent);
  const AttributeView of_primary(c.node_attribute, &primary);
  const auto value = node != nullptr ? of_primary.of(*node) : std::nullopt;
  const bool by_node = node != nullptr && of_dependent.is_node_name() &&
                       of_primary.is_node_name() && knows_its_name(*node);
  NodeTable work = dependent.allowed;
  work.for_each([&](NodeEntry& entry) {
    if (node == nullptr) {
      entry.score = add_scores(entry.score, -c.score);
      return;
    }
    const bool matches =
        by_node ? entry.node == node : same_value(of_dependent.of(*entry.node), value);
    if (matches) {
      if (c.score < kInfinity) entry.score = add_scores(entry.score, c.score);
    } else if (c.score >= kInfinity) {
      entry.score = -kInfinity;
    }
  });
  if (c.mandatory() || has_available_node(work)) dependent.allowed = std::move(work);
}

/// Two primitives, where it affects the dependent's role (spec/04 §11.5).
Score affect_role(Resource& dependent, const Resource& primary, const Colocation& c) {
  if (!dependent.assigned) return 0;
  const Node* node = primary.assigned ? primary.assigned->node : nullptr;
  if (node != nullptr && c.primary_role != Role::kUnknown &&
      model::next_role_of(role_resource(primary)) != c.primary_role) {
    return 0;
  }
  const auto of_dependent =
      AttributeView(c.node_attribute, &dependent).of(*dependent.assigned->node);
  const auto of_primary =
      node != nullptr ? AttributeView(c.node_attribute, &primary).of(*node) : std::nullopt;
  Score delta = 0;
  if (same_value(of_dependent, of_primary)) {
    delta = c.dependent_role == Role::kUnpromoted ? -c.score : c.score;
  } else if (c.score >= kInfinity && c.dependent_role == Role::kPromoted) {
    delta = -c.score;
  }
  dependent.priority = add_scores(dependent.priority, delta);
  return delta;
}

Score by_primitive(Resource& dependent, const Resource& primary, const Colocation& c) {
  switch (effect_of(dependent, primary, c, false)) {
    case Effect::kNothing:
      return 0;
    case Effect::kRole:
      return affect_role(dependent, primary, c);
    case Effect::kLocation:
      affect_location(dependent, primary, c);
      return 0;
  }
  return 0;
}

/// A dependent that is placed by the instances of a promotable clone in a role (spec/04 §11.6).
void follow_role(Resource& dependent, const Resource& clone, const Colocation& c) {
  const AttributeView of_dependent(c.node_attribute, &dependent);
  const AttributeView of_primary(c.node_attribute, &clone);
  std::vector<const Resource*> found;  // newest first
  for (const Resource* instance : clone.children) {
    const Node* node = model::placed_node(*instance);
    if (node == nullptr || model::next_role_of(*instance) != c.primary_role) continue;
    if (c.score < kInfinity) {
      const auto value = of_primary.of(*node);
      dependent.allowed.for_each([&](NodeEntry& entry) {
        if (same_value(of_dependent.of(*entry.node), value)) {
          entry.score = add_scores(entry.score, c.score);
        }
      });
    }
    found.insert(found.begin(), instance);
  }
  const bool both_promoted =
      c.dependent_role == Role::kPromoted && c.primary_role == Role::kPromoted;
  if (c.score < kInfinity || both_promoted) return;
  dependent.allowed.for_each([&](NodeEntry& entry) {
    const auto at = std::find_if(found.begin(), found.end(), [&](const Resource* instance) {
      return model::placed_node(*instance) == entry.node;
    });
    entry.score = at == found.end() ? -kInfinity : add_scores(entry.score, assigned_score(**at));
  });
}

/// A dependent whose promotion depends on a promotable clone's role (spec/04 §11.7).
Score promote_with_role(Placer& placer, Resource& dependent, Resource& clone, const Colocation& c) {
  if (find_compatible(placer.context, dependent, clone, c.primary_role, c.node_attribute)) {
    dependent.priority = add_scores(dependent.priority, c.score);
    return c.score;
  }
  if (c.score < kInfinity) return 0;
  dependent.priority = -kInfinity;
  return -kInfinity;
}

int instances_per_node(const Resource& collective) {
  return collective.is_bundle() ? collective.bundle->replicas_per_host
                                : collective.clone->clone_node_max;
}

bool is_interleaved(Placer& placer, const Colocation& c, const Resource& clone) {
  const Resource& dependent = *c.dependent;
  if (!dependent.is_clone() && !dependent.is_bundle()) return false;
  const std::string_view interleave = dependent.meta.get_or("interleave", "false");
  if (!parse_boolean(interleave).value_or(false)) return false;
  if (instances_per_node(dependent) == instances_per_node(clone)) return true;
  report_error(placer.context,
               text_of("Cannot interleave ", dependent.id, " and ", clone.id,
                       " because they do not support the same number of instances per node"));
  return false;
}

Score by_primary(Placer& placer, Resource& dependent, Resource& primary, Colocation& c);

/// With the compatible instance, or nowhere if there is none and there has to be.
Score with_instance(Placer& placer, Resource& dependent, Resource* instance, Colocation& c) {
  if (instance != nullptr) return follow(placer, dependent, *instance, c);
  if (c.score >= kInfinity) commit(placer, dependent, nullptr, true, true);
  return 0;
}

Score by_group(Placer& placer, Resource& dependent, Resource& group, Colocation& c) {
  if (group.open || group.children.empty()) return 0;
  if (group.group.collocated) {
    Resource& member = c.score >= kInfinity ? *group.children.back() : *group.children.front();
    return by_primary(placer, dependent, member, c);
  }
  if (c.score >= kInfinity) {
    report_error(placer.context, text_of(dependent.id,
                                         ": Cannot perform mandatory colocation with non-colocated "
                                         "group ",
                                         group.id));
    return 0;
  }
  Score sum = 0;
  for (Resource* member : group.children) {
    sum = add_scores(sum, by_primary(placer, dependent, *member, c));
  }
  return sum;
}

Score by_clone(Placer& placer, Resource& dependent, Resource& clone, Colocation& c) {
  if (clone.open || clone.busy) return 0;
  if (clone.promotable && c.primary_role != Role::kUnknown) {
    if (dependent.open) {
      follow_role(dependent, clone, c);
      return 0;
    }
    if (c.dependent_role == Role::kPromoted) {
      return promote_with_role(placer, dependent, clone, c);
    }
  }
  if (is_interleaved(placer, c, clone)) {
    Resource* instance = find_compatible(placer.context, dependent, clone, Role::kUnknown, {});
    return with_instance(placer, dependent, instance, c);
  }
  if (c.score >= kInfinity) {
    std::vector<const Node*> nodes;
    for (const Resource* instance : clone.children) {
      const Node* node = model::placed_node(*instance);
      if (node != nullptr && !is_blocked(*instance)) nodes.push_back(node);
    }
    limit_to(dependent.allowed, nodes);
    return 0;
  }
  Score sum = 0;
  for (Resource* instance : clone.children) {
    sum = add_scores(sum, by_primary(placer, dependent, *instance, c));
  }
  return sum;
}

Score by_bundle(Placer& placer, Resource& dependent, Resource& bundle, Colocation& c) {
  if (bundle.open) return 0;
  if (c.dependent->is_clone() || c.dependent->is_bundle()) {
    return with_instance(placer, dependent, find_container(placer.context, dependent, bundle), c);
  }
  Score sum = 0;
  std::vector<const Node*> nodes;
  for (const model::BundleReplica& replica : bundle.bundle->replica_list) {
    if (replica.container == nullptr) continue;
    if (c.score < kInfinity) {
      sum = add_scores(sum, by_primary(placer, dependent, *replica.container, c));
      continue;
    }
    const Node* node = model::placed_node(*replica.container);
    if (node == nullptr || is_blocked(*replica.container)) continue;
    if (c.primary_role == Role::kPromoted &&
        (replica.child == nullptr || replica.child->next_role != Role::kPromoted)) {
      continue;
    }
    nodes.push_back(node);
  }
  if (c.score >= kInfinity) limit_to(dependent.allowed, nodes);
  return sum;
}

Score by_primary(Placer& placer, Resource& dependent, Resource& primary, Colocation& c) {
  switch (primary.variant) {
    case model::Variant::kPrimitive:
      return by_primitive(dependent, primary, c);
    case model::Variant::kGroup:
      return by_group(placer, dependent, primary, c);
    case model::Variant::kClone:
      return by_clone(placer, dependent, primary, c);
    case model::Variant::kBundle:
      return by_bundle(placer, dependent, primary, c);
  }
  return 0;
}

/// An instance of a promotable cloned group as dependent (spec/04 §11.3).
Score follow_as_group(Placer& placer, Resource& group, Resource& primary, Colocation& c) {
  if (group.children.empty()) return 0;
  Score delta = 0;
  if (group.group.collocated) {
    delta = follow(placer, *group.children.front(), primary, c);
  } else if (c.score >= kInfinity) {
    report_error(placer.context,
                 text_of(group.id,
                         ": Cannot perform mandatory colocation between non-colocated "
                         "group and ",
                         primary.id));
  } else {
    for (Resource* member : group.children) {
      delta = add_scores(delta, by_primitive(*member, primary, c));
    }
  }
  if (delta != 0) group.priority = add_scores(group.priority, delta);
  return delta;
}

}  // namespace

Effect effect_of(const Resource& dependent, const Resource& primary, const Colocation& c,
                 bool preview) {
  if (!preview && primary.open) return Effect::kNothing;
  const Resource& with_role = role_resource(dependent);
  if (c.dependent_role >= Role::kUnpromoted && is_parent_promotable(with_role) && !with_role.open) {
    return Effect::kRole;
  }
  if (!preview && !dependent.open) return Effect::kNothing;
  if (c.dependent_role != Role::kUnknown && c.dependent_role != model::next_role_of(with_role)) {
    return Effect::kNothing;
  }
  if (c.primary_role != Role::kUnknown &&
      c.primary_role != model::next_role_of(role_resource(primary))) {
    return Effect::kNothing;
  }
  return Effect::kLocation;
}

Score follow(Placer& placer, Resource& dependent, Resource& primary, Colocation& c) {
  if (dependent.is_primitive()) return by_primary(placer, dependent, primary, c);
  if (dependent.is_group()) return follow_as_group(placer, dependent, primary, c);
  return 0;
}

bool is_blocked(const Resource& resource) {
  return resource.blocked || std::any_of(resource.children.begin(), resource.children.end(),
                                         [](const Resource* child) { return is_blocked(*child); });
}

}  // namespace quorate::scheduler
