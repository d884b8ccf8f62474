#include <algorithm>
#include <string>

#include "base/text.h"
#include "rules/rules.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/order_constraint.h"
#include "scheduler/actions/ordering.h"

/// rsc_order with resource sets (spec/05 §15.4, §15.5).
namespace quorate::scheduler {

using graph::Tags;
using model::MessageClass;
using model::Resource;
namespace tag = graph::tag;

namespace {

constexpr int kMaxTagDepth = 64;

/// An element, or the one of the same name its `id-ref` names in the document; null if there is
/// none.
xml::Element follow_reference(Context& context, xml::Element element) {
  const rules::Observer observer{[&context](rules::Severity, std::string text) {
                                   context.snapshot.report(MessageClass::kConfigError,
                                                           std::move(text));
                                 },
                                 {}};
  return rules::resolve_reference(element, observer);
}

/// Replaces tags and templates by what they stand for, in place. False if something is neither a
/// resource nor a tag.
bool expand_tags(Context& context, const std::vector<std::string_view>& ids,
                 std::vector<std::string_view>& expanded, int depth) {
  for (const std::string_view id : ids) {
    if (find_ordered_resource(context, id) != nullptr) {
      expanded.push_back(id);
      continue;
    }
    const auto tagged = tagged_ids(context, id);
    if (!tagged || depth >= kMaxTagDepth) return false;
    if (!expand_tags(context, *tagged, expanded, depth + 1)) return false;
  }
  return true;
}

void expand_tags_of_sets(Context& context, std::vector<OrderSet>& sets) {
  std::vector<std::vector<std::string_view>> expanded(sets.size());
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (expand_tags(context, sets[i].member_ids, expanded[i], 0)) continue;
    return context.snapshot.report(MessageClass::kConfigError,
                                   "Ignoring reference in constraint set '" +
                                       std::string(sets[i].id) +
                                       "' because a member is neither a resource nor a tag");
  }
  for (std::size_t i = 0; i < sets.size(); ++i) sets[i].member_ids = std::move(expanded[i]);
}

bool is_among(const std::vector<OrderSet>& sets, xml::Element element) {
  return std::any_of(sets.begin(), sets.end(),
                     [&](const OrderSet& set) { return set.element == element; });
}

bool find_members(Context& context, xml::Element constraint, OrderSet& set) {
  for (const std::string_view id : set.member_ids) {
    Resource* member = find_ordered_resource(context, id);
    if (member == nullptr) {
      context.snapshot.report(MessageClass::kConfigError,
                              "Ignoring set " + std::string(set.id) + " and later of constraint '" +
                                  std::string(constraint.id()) + "' because resource '" +
                                  std::string(id) + "' does not exist");
      return false;
    }
    set.members.push_back(member);
  }
  return true;
}

/// The constraint's settings that its sets fall back to.
struct OrderContext {
  xml::Element constraint;
  OrderKind kind;
  OrderSymmetry symmetry;
};

/// spec/05 §15.4.1.
void order_inside(Context& context, const OrderContext& order, const OrderSet& set) {
  const std::vector<Resource*>& members = set.members;
  if (members.size() < 2) return;
  const OrderKind kind =
      set.element && set.element.has("kind") ? order_kind(context, set.element) : order.kind;
  const OrderSymmetry symmetry = set.element ? order_symmetry(context, set.element, order.kind,
                                                              order.constraint.get("symmetrical"))
                                             : order.symmetry;
  const Tags tags = order_tags(kind, set.action, symmetry);
  if (kind == OrderKind::kSerialize) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      for (std::size_t later = i + 1; later < members.size(); ++later) {
        order_tasks(context, *members[i], set.action, *members[later], set.action, tags);
      }
    }
    return;
  }
  if (!set.sequential.value_or(true)) return;
  for (std::size_t i = 1; i < members.size(); ++i) {
    order_tasks(context, *members[i - 1], set.action, *members[i], set.action, tags);
  }
  if (symmetry != OrderSymmetry::kSymmetrical) return;
  const std::string_view inverse = inverse_of(set.action);
  if (inverse.empty()) {
    return report_not_invertible(context, order.constraint.id(), set.action);
  }
  const Tags inverse_tags = order_tags(kind, inverse, OrderSymmetry::kInverse);
  for (std::size_t i = 1; i < members.size(); ++i) {
    order_tasks(context, *members[i], inverse, *members[i - 1], inverse, inverse_tags);
  }
}

/// Members of one side of two sets: all, or only the end that touches the other set.
std::vector<Resource*> touching(const OrderSet& set, bool last) {
  if (!set.sequential.value_or(false) || set.members.empty()) return set.members;
  return {last ? set.members.back() : set.members.front()};
}

/// spec/05 §15.4.2.
void order_between(Context& context, const OrderContext& order, const OrderSet& first,
                   const OrderSet& then, bool inverse) {
  const std::string_view first_task = inverse ? inverse_of(first.action) : first.action;
  const std::string_view then_task = inverse ? inverse_of(then.action) : then.action;
  if (first_task.empty() || then_task.empty()) {
    return report_not_invertible(context, order.constraint.id(),
                                 first_task.empty() ? first.action : then.action);
  }
  const Tags tags =
      order_tags(order.kind, first_task, inverse ? OrderSymmetry::kInverse : order.symmetry);
  const bool all = first.require_all || first_task == "stop" || first_task == "demote";
  if (!all) {
    graph::Action& enough =
        free_pseudo_action(context, std::string("one-or-more:").append(first.id));
    enough.minimum = 1;
    for (Resource* member : first.members) {
      order_task_then(context, *member, first_task, enough, tag::kMinCount | tag::kShowThen);
    }
    for (Resource* member : then.members) {
      order_action_then(context, enough, *member, then_task, tags | tag::kBlockThen);
    }
    return;
  }
  for (Resource* left : touching(first, !inverse)) {
    for (Resource* right : touching(then, inverse)) {
      order_tasks(context, *left, first_task, *right, then_task, tags);
    }
  }
}

}  // namespace

std::vector<OrderSet> read_order_sets(Context& context, xml::Element constraint) {
  std::vector<OrderSet> sets;
  for (xml::Element at = constraint.first_child("resource_set"); at; at = at.next("resource_set")) {
    // Quirk: behind a reference the walk goes on where the referenced set is written (spec/04
    // §4.4).
    at = follow_reference(context, at);
    if (!at || is_among(sets, at)) break;
    OrderSet& set = sets.emplace_back();
    set.element = at;
    set.id = at.id();
    set.action = at.get_or("action", "start");
    if (const auto text = at.get("sequential")) {
      set.sequential = parse_boolean(*text).value_or(false);
    }
    set.require_all = parse_boolean(at.get_or("require-all", "true")).value_or(true);
    for (const xml::Element reference : children(at, "resource_ref")) {
      set.member_ids.push_back(reference.id());
    }
  }
  expand_tags_of_sets(context, sets);
  return sets;
}

void unpack_order_sets(Context& context, xml::Element constraint, std::vector<OrderSet> sets) {
  OrderContext order{constraint, order_kind(context, constraint), OrderSymmetry::kSymmetrical};
  order.symmetry = order_symmetry(context, constraint, order.kind, std::nullopt);
  OrderSet* previous = nullptr;
  for (OrderSet& set : sets) {
    if (!find_members(context, constraint, set)) return;
    order_inside(context, order, set);
    if (previous != nullptr) {
      order_between(context, order, *previous, set, false);
      if (order.symmetry == OrderSymmetry::kSymmetrical) {
        order_between(context, order, set, *previous, true);
      }
    }
    previous = &set;
  }
}

}  // namespace quorate::scheduler
