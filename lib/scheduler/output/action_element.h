#pragma once

#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scheduler/context.h"
#include "scheduler/output/writer.h"

/// Actions as elements of the graph (spec/06 §6-9). Nothing outside lib/scheduler/output includes
/// this.
namespace quorate::scheduler {

/// Key of an action in the graph: under the name the history knows the resource by (spec/06 §6.3).
std::string_view external_key(Context& context, graph::Action& action);
/// Whether the element names the action's node (spec/06 §6.1).
bool shows_node(const graph::Action& action);
/// The node an action on a remote-kind node goes through; null if it isn't routed (spec/06 §6.4).
const model::Node* router_of(Context& context, graph::Action& action);

/// Writes action elements. Keeps scratch space and names built once.
class ActionElements {
 public:
  ActionElements(Context& context, XmlWriter& writer) : context_(context), writer_(writer) {}

  /// With children, as in an action_set.
  void write(graph::Action& action);
  /// Without, as in a trigger.
  void write_trigger(graph::Action& action);

 private:
  struct Entry {
    std::string_view name;
    std::string_view value;
    int rank = 0;  ///< the lowest wins
  };

  std::string_view open(graph::Action& action);
  void write_resource(const graph::Action& action);
  void write_attributes(graph::Action& action);
  void write_downed(graph::Action& action);
  void write_maintenance();
  void collect_attributes(graph::Action& action);
  void add_parameters(graph::Action& action);
  void add_meta(graph::Action& action);
  void add_lineage(const model::Resource& resource);
  void add_clone_settings(const model::Resource& clone, int rank);
  void add_host(graph::Action& action);
  void add(std::string_view name, std::string_view value, int rank) {
    entries_.push_back({name, value, rank});
  }
  void add_parameter(std::string_view name, std::string_view value, int rank);
  /// `CRM_meta_` and the name with `_` for `-`; empty if it can't be an attribute.
  std::string_view meta_name(std::string_view name);

  Context& context_;
  XmlWriter& writer_;
  std::vector<Entry> entries_;
  std::vector<Entry> numbered_;  ///< parameters whose names begin with a digit
  int next_rank_ = 0;
  std::unordered_map<std::string_view, std::string_view> meta_names_;
};

}  // namespace quorate::scheduler
