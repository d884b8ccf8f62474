#include "transition/graph.h"

#include <algorithm>
#include <limits>
#include <string>

#include "base/duration.h"
#include "base/text.h"

namespace quorate::transition {
namespace {

constexpr std::int64_t kMaxInt = std::numeric_limits<int>::max();

/// An integer of the range, else the fallback.
std::int64_t integer_or(std::optional<std::string_view> text, std::int64_t minimum,
                        std::int64_t fallback) {
  if (!text) return fallback;
  const auto value = to_integer(*text);
  return value && *value >= minimum && *value <= kMaxInt ? *value : fallback;
}

std::optional<ActionKind> kind_of(std::string_view element) {
  if (element == "rsc_op") return ActionKind::kResource;
  if (element == "pseudo_event") return ActionKind::kPseudo;
  if (element == "crm_event") return ActionKind::kCluster;
  return std::nullopt;
}

std::optional<int> action_id(xml::Element element) {
  const std::int64_t id = integer_or(element.get("id"), 0, -1);
  if (id < 0 || !kind_of(element.name())) return std::nullopt;
  return static_cast<int>(id);
}

Action read_action(xml::Element element, int id) {
  Action action;
  action.id = id;
  action.kind = *kind_of(element.name());
  action.xml = element;
  for (const xml::Attribute& attribute : element.attributes()) {
    if (attribute.name == "operation") action.task = attribute.value;
    if (attribute.name == "operation_key") action.key = attribute.value;
    if (attribute.name == "internal_operation_key") action.internal_key = attribute.value;
    if (attribute.name == "mode") action.mode = attribute.value;
    if (attribute.name == "on_node") action.node = attribute.value;
    if (attribute.name == "on_node_uuid") action.node_id = attribute.value;
    if (attribute.name == "router_node") action.router_node = attribute.value;
    if (attribute.name == "shutdown-lock") action.shutdown_lock = attribute.value;
  }
  for (xml::Element child : xml::children(element)) {
    const std::string_view name = child.name();
    if (name == "attributes") {
      action.attributes = child;
    } else if (name != "downed" && name != "maintenance" && !action.resource) {
      action.resource = child;
    }
  }
  action.timeout_ms = integer_or(action.parameter("CRM_meta_timeout"), 0, 0) +
                      integer_or(action.parameter("CRM_meta_start_delay"), 0, 0);
  if (const auto interval = action.parameter("CRM_meta_interval")) {
    action.interval_ms =
        std::clamp<std::int64_t>(to_integer(*interval).value_or(0), 0, kMaxIntervalMs);
  }
  action.target_rc = static_cast<int>(integer_or(action.parameter("CRM_meta_op_target_rc"), 0, 0));
  return action;
}

Result<void> read_synapse(Graph& graph, xml::Element element) {
  const std::int64_t id = integer_or(element.get("id"), 0, -1);
  if (id < 0) return {};
  const std::size_t index = graph.synapses.size();
  Synapse& synapse = graph.synapses.emplace_back();
  synapse.id = static_cast<int>(id);
  synapse.priority = static_cast<int>(integer_or(element.get("priority"), 0, 0));
  for (xml::Element set : xml::children(element, "action_set")) {
    for (xml::Element child : xml::children(set)) {
      const auto number = action_id(child);
      if (!number) continue;
      if (!graph.by_id.emplace(*number, graph.actions.size()).second) {
        return fail(ErrorKind::kInvalid, "transition graph: action " + std::to_string(*number) +
                                             " occurs more than once");
      }
      synapse.actions.push_back(graph.actions.size());
      graph.actions.push_back(read_action(child, *number));
      graph.actions.back().synapse = index;
    }
  }
  for (xml::Element inputs : xml::children(element, "inputs")) {
    for (xml::Element trigger : xml::children(inputs, "trigger")) {
      for (xml::Element child : xml::children(trigger)) {
        if (const auto number = action_id(child)) synapse.inputs.push_back(*number);
      }
    }
  }
  return {};
}

Result<void> read_root(Graph& graph, xml::Element root) {
  if (root.name() != "transition_graph") {
    return fail(ErrorKind::kInvalid,
                "not a transition graph: the root element is <" + std::string(root.name()) + ">");
  }
  graph.transition_id = static_cast<int>(integer_or(root.get("transition_id"), 1, 0));
  if (graph.transition_id < 1) {
    return fail(ErrorKind::kInvalid,
                "transition graph: transition_id is missing or not a positive number");
  }
  const auto delay = parse_interval_ms(root.get_or("cluster-delay", {}));
  if (!root.has("cluster-delay") || !delay) {
    return fail(ErrorKind::kInvalid, "transition graph: cluster-delay is missing or no duration");
  }
  graph.cluster_delay_ms = *delay;
  graph.fencing_timeout_ms =
      root.has("fencing-timeout")
          ? parse_interval_ms(root.get_or("fencing-timeout", {})).value_or(*delay)
          : *delay;
  const auto batch = to_integer(root.get_or("batch-limit", {}));
  graph.batch_limit = static_cast<int>(std::clamp<std::int64_t>(batch.value_or(0), -1, kMaxInt));
  graph.migration_limit = static_cast<int>(integer_or(root.get("migration-limit"), -1, -1));
  graph.failed_stop_offset = root.get_or("failed-stop-offset", {});
  graph.failed_start_offset = root.get_or("failed-start-offset", {});
  graph.recheck_by = to_integer(root.get_or("recheck-by", {})).value_or(0);
  return {};
}

}  // namespace

std::string_view Action::meta(std::string_view name) const {
  std::string full = "CRM_meta_";
  full += name;
  return attributes.get_or(full, {});
}

std::vector<std::string_view> Action::downed() const {
  std::vector<std::string_view> ids;
  for (xml::Element list : xml::children(xml, "downed")) {
    for (xml::Element entry : xml::children(list, "node")) ids.push_back(entry.id());
  }
  return ids;
}

std::vector<std::pair<std::string_view, bool>> Action::maintenance() const {
  std::vector<std::pair<std::string_view, bool>> nodes;
  for (xml::Element list : xml::children(xml, "maintenance")) {
    for (xml::Element entry : xml::children(list, "node")) {
      nodes.emplace_back(entry.id(), entry.get_or("node_in_maintenance", "0") != "0");
    }
  }
  return nodes;
}

Result<Graph> parse_graph(xml::Document document) {
  Graph graph;
  graph.document = std::move(document);
  const xml::Element root = graph.document.root();
  if (auto read = read_root(graph, root); !read) return tl::unexpected<Error>(read.error());
  for (xml::Element element : xml::children(root, "synapse")) {
    if (auto read = read_synapse(graph, element); !read) {
      return tl::unexpected<Error>(read.error());
    }
  }
  return graph;
}

Result<Graph> parse_graph(std::string_view text) {
  auto document = xml::Document::parse(text, "transition graph");
  if (!document) return tl::unexpected<Error>(document.error());
  return parse_graph(std::move(*document));
}

}  // namespace quorate::transition
