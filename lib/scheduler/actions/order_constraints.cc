#include <algorithm>
#include <string>

#include "base/text.h"
#include "scheduler/actions/create.h"
#include "scheduler/actions/order_constraint.h"
#include "scheduler/actions/ordering.h"

/// rsc_order with two resources, and what all forms share (spec/05 §15.1-15.3, §15.5).
namespace quorate::scheduler {

using graph::Tags;
using model::MessageClass;
using model::Resource;
namespace tag = graph::tag;

std::string_view inverse_of(std::string_view task) {
  struct Pair {
    std::string_view task, inverse;
  };
  static constexpr Pair kPairs[] = {
      {"start", "stop"},      {"stop", "start"},       {"promote", "demote"},
      {"demote", "promote"},  {"promoted", "demoted"}, {"demoted", "promoted"},
      {"running", "stopped"}, {"stopped", "running"},
  };
  for (const Pair& pair : kPairs) {
    if (iequals(pair.task, task)) return pair.inverse;
  }
  return {};
}

OrderKind order_kind(Context& context, xml::Element element) {
  const auto kind = element.get("kind");
  if (!kind) {
    const auto score = element.get("score");
    if (!score) return OrderKind::kMandatory;
    const auto parsed = context.snapshot.parse_score(*score);
    return parsed.value_or(0) == 0 ? OrderKind::kOptional : OrderKind::kMandatory;
  }
  if (*kind == "Mandatory") return OrderKind::kMandatory;
  if (*kind == "Optional") return OrderKind::kOptional;
  if (*kind == "Serialize") return OrderKind::kSerialize;
  context.snapshot.report(MessageClass::kConfigError,
                          "Resetting 'kind' for constraint " + std::string(element.id()) +
                              " to 'Mandatory' because '" + std::string(*kind) + "' is not valid");
  return OrderKind::kMandatory;
}

OrderSymmetry order_symmetry(Context& context, xml::Element element, OrderKind parent_kind,
                             std::optional<std::string_view> parent_symmetrical) {
  const OrderKind kind =
      element.has("kind") || element.has("score") ? order_kind(context, element) : parent_kind;
  auto text = element.get("symmetrical");
  if (!text) text = parent_symmetrical;
  const OrderSymmetry by_kind =
      kind == OrderKind::kSerialize ? OrderSymmetry::kAsymmetrical : OrderSymmetry::kSymmetrical;
  if (!text) return by_kind;
  const auto wanted = parse_boolean(*text);
  if (!wanted) {
    context.snapshot.report(MessageClass::kConfigError,
                            "Using default for 'symmetrical' of constraint " +
                                std::string(element.id()) + " because '" + std::string(*text) +
                                "' is not a boolean");
    return by_kind;
  }
  if (*wanted && kind == OrderKind::kSerialize) {
    context.snapshot.report(MessageClass::kConfigWarning,
                            "Ignoring 'symmetrical' for constraint " + std::string(element.id()) +
                                " because it is not valid with kind 'Serialize'");
    return OrderSymmetry::kAsymmetrical;
  }
  return *wanted ? OrderSymmetry::kSymmetrical : OrderSymmetry::kAsymmetrical;
}

Tags order_tags(OrderKind kind, std::string_view first_task, OrderSymmetry symmetry) {
  if (kind == OrderKind::kOptional) return tag::kSeq;
  if (kind == OrderKind::kSerialize) return tag::kSerial;
  switch (symmetry) {
    case OrderSymmetry::kAsymmetrical:
      return tag::kSeq | tag::kOneWay;
    case OrderSymmetry::kInverse:
      return tag::kSeq | tag::kPullFirst;
    case OrderSymmetry::kSymmetrical:
      break;
  }
  const bool blocks =
      first_task == "start" || first_task == "promote" || first_task == "migrate_from";
  return tag::kSeq | tag::kPullThen | (blocks ? tag::kBlockThen : 0);
}

Resource* find_ordered_resource(Context& context, std::string_view id) {
  Resource* found = context.snapshot.find_resource(id);
  return found == nullptr || found->id == id ? found : &top_of(*found);
}

std::optional<std::vector<std::string_view>> tagged_ids(const Context& context,
                                                        std::string_view id) {
  const model::Snapshot& snapshot = context.snapshot;
  if (const auto found = snapshot.templates.find(id); found != snapshot.templates.end()) {
    if (found->second.members.empty()) return std::nullopt;
    return found->second.members;
  }
  if (const auto found = snapshot.tags.find(id);
      found != snapshot.tags.end() && !found->second.members.empty()) {
    return found->second.members;
  }
  return std::nullopt;
}

void report_not_invertible(Context& context, std::string_view constraint, std::string_view task) {
  context.snapshot.report(MessageClass::kConfigWarning, "Unknown action '" + std::string(task) +
                                                            "' specified in order constraint");
  context.snapshot.report(MessageClass::kConfigWarning, "Cannot invert constraint '" +
                                                            std::string(constraint) +
                                                            "' (please specify inverse manually)");
}

namespace {

/// How many instances of `first` must be up before `then` (spec/05 §15.3); 0 if all count.
int required_instances(Context&, const Resource& first, xml::Element constraint) {
  if (!first.is_clone()) return 0;
  if (const auto text = first.meta.get("clone-min")) {
    const std::int64_t minimum = to_integer(*text).value_or(0);
    return static_cast<int>(std::clamp<std::int64_t>(minimum, 0, 2'147'483'647));
  }
  const auto require_all = constraint.get("require-all");
  return require_all && !parse_boolean(*require_all).value_or(false) ? 1 : 0;
}

void order_after_enough_instances(Context& context, xml::Element constraint, Resource& first,
                                  std::string_view first_task, Resource& then,
                                  std::string_view then_task, int minimum, Tags tags) {
  graph::Action& enough =
      free_pseudo_action(context, std::string("clone-one-or-more:").append(constraint.id()));
  enough.minimum = minimum;
  for (Resource* instance : first.children) {
    order_task_then(context, *instance, first_task, enough, tag::kMinCount | tag::kShowThen);
  }
  order_action_then(context, enough, then, then_task, tags | tag::kBlockThen);
}

void unpack_simple(Context& context, xml::Element constraint, Resource& first, Resource& then) {
  const std::string_view first_task = constraint.get_or("first-action", "start");
  const std::string_view then_task = constraint.get_or("then-action", first_task);
  const OrderKind kind = order_kind(context, constraint);
  const OrderSymmetry symmetry = order_symmetry(context, constraint, kind, std::nullopt);
  const Tags tags = order_tags(kind, first_task, symmetry);
  if (const int minimum = required_instances(context, first, constraint); minimum > 0) {
    order_after_enough_instances(context, constraint, first, first_task, then, then_task, minimum,
                                 tags);
  } else {
    order_tasks(context, first, first_task, then, then_task, tags);
  }
  if (symmetry != OrderSymmetry::kSymmetrical) return;
  const std::string_view then_inverse = inverse_of(then_task);
  const std::string_view first_inverse = inverse_of(first_task);
  if (then_inverse.empty() || first_inverse.empty()) {
    return report_not_invertible(context, constraint.id(),
                                 first_inverse.empty() ? first_task : then_task);
  }
  order_tasks(context, then, then_inverse, first, first_inverse,
              order_tags(kind, first_inverse, OrderSymmetry::kInverse));
}

/// One side of a constraint whose other side is a tag or template, as a set (spec/05 §15.5).
OrderSet set_of_side(xml::Element constraint, std::string_view id, std::string_view action,
                     std::optional<std::vector<std::string_view>> tagged) {
  OrderSet set;
  set.id = id;
  set.action = constraint.get_or(action, "start");
  set.element = {};
  if (tagged) {
    set.sequential = false;
    set.member_ids = std::move(*tagged);
  } else {
    set.member_ids = {id};
  }
  return set;
}

}  // namespace

void unpack_order(Context& context, xml::Element constraint) {
  if (constraint.first_child("resource_set")) {
    return unpack_order_sets(context, constraint, read_order_sets(context, constraint));
  }
  Resource* sides[2] = {};
  std::optional<std::vector<std::string_view>> tagged[2];
  static constexpr std::string_view kSides[] = {"first", "then"};
  for (int side = 0; side < 2; ++side) {
    const auto id = constraint.get(kSides[side]);
    if (id) {
      sides[side] = find_ordered_resource(context, *id);
      if (sides[side] == nullptr) tagged[side] = tagged_ids(context, *id);
    }
    if (sides[side] != nullptr || tagged[side]) continue;
    std::string text = "Ignoring constraint '" + std::string(constraint.id()) + "' because ";
    text += id ? "resource '" + std::string(*id) + "' does not exist"
               : "no '" + std::string(kSides[side]) + "' resource specified";
    return context.snapshot.report(MessageClass::kConfigError, std::move(text));
  }
  if (!tagged[0] && !tagged[1]) return unpack_simple(context, constraint, *sides[0], *sides[1]);
  std::vector<OrderSet> sets;
  sets.push_back(set_of_side(constraint, constraint.get_or("first", {}), "first-action",
                             std::move(tagged[0])));
  sets.push_back(
      set_of_side(constraint, constraint.get_or("then", {}), "then-action", std::move(tagged[1])));
  unpack_order_sets(context, constraint, std::move(sets));
}

}  // namespace quorate::scheduler
