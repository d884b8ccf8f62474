#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "scheduler/context.h"

/// What the forms of rsc_order share (spec/05 §15). Nothing outside lib/scheduler/actions includes
/// this.
namespace quorate::scheduler {

enum class OrderKind : std::uint8_t { kMandatory, kOptional, kSerialize };
enum class OrderSymmetry : std::uint8_t { kAsymmetrical, kSymmetrical, kInverse };

/// `kind`, or what a deprecated `score` stands for.
OrderKind order_kind(Context& context, xml::Element element);
/// `symmetrical` of the element, else of its parent, else the default of the kind in force.
OrderSymmetry order_symmetry(Context& context, xml::Element element, OrderKind parent_kind,
                             std::optional<std::string_view> parent_symmetrical);
/// The table of spec/05 §15.2.
graph::Tags order_tags(OrderKind kind, std::string_view first_task, OrderSymmetry symmetry);
/// The task that undoes a task; empty if it can't be inverted.
std::string_view inverse_of(std::string_view task);
void report_not_invertible(Context& context, std::string_view constraint, std::string_view task);

/// By ID, or the top resource if the ID only is an instance's name in the history. Null if unknown.
model::Resource* find_ordered_resource(Context& context, std::string_view id);
/// IDs a template or tag stands for; nothing if there is no such or it is empty.
std::optional<std::vector<std::string_view>> tagged_ids(const Context& context,
                                                        std::string_view id);

/// One resource set of an ordering.
struct OrderSet {
  xml::Element element;  ///< null if it stands for one side of a simple constraint
  std::string_view id;
  std::string_view action = "start";
  std::optional<bool> sequential;  ///< as given
  bool require_all = true;
  std::vector<std::string_view> member_ids;
  std::vector<model::Resource*> members;  ///< filled when it is its turn
};
std::vector<OrderSet> read_order_sets(Context& context, xml::Element constraint);
void unpack_order_sets(Context& context, xml::Element constraint, std::vector<OrderSet> sets);

}  // namespace quorate::scheduler
