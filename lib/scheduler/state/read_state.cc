#include "base/text.h"
#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// The order in which a CIB is read (spec/03 §2).
namespace quorate::scheduler {

using model::MessageClass;

namespace {

constexpr std::string_view kFeatureSet = "3.20.5";

/// Rules about node attributes have no meaning for operations, but old configurations have them.
void check_operation_rules(Context& context) {
  const model::Snapshot& snapshot = context.snapshot;
  bool found = false;
  const auto look_for_expressions = [&](xml::Element parent) {
    xml::for_each_descendant(
        parent, [&](xml::Element element) { found = found || element.name() == "expression"; });
  };
  const auto visit = [&](xml::Element section) {
    xml::for_each_descendant(section, [&](xml::Element element) {
      if (element.name() == "op" && element.first_child()) look_for_expressions(element);
    });
  };
  for (xml::Element child : xml::children(snapshot.cib)) {
    if (child.name() != "status") visit(child);
  }
  if (snapshot.sections.op_defaults) look_for_expressions(snapshot.sections.op_defaults);
  if (!found) return;
  context.snapshot.report_once(
      MessageClass::kConfigWarning,
      "Support for rules with node attribute expressions in op or op_defaults is deprecated and "
      "will be dropped in a future release");
}

std::vector<xml::Element> resource_elements(const model::Snapshot& snapshot) {
  std::vector<xml::Element> elements;
  for (xml::Element element : xml::children(snapshot.sections.resources)) {
    elements.push_back(element);
  }
  return elements;
}

void add_local_node(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  const std::string_view name = snapshot.local_node_name;
  if (name.empty() || snapshot.find_node_by_name(name) != nullptr) return;
  model::Node& node = snapshot.add_node(name, name, model::NodeKind::kCluster, 0);
  node.attributes.set("#kind", "cluster");
}

}  // namespace

Result<void> read_state(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  const std::string_view feature_set = snapshot.cib.get_or("crm_feature_set", {});
  if (compare_versions(feature_set, kFeatureSet) > 0) {
    std::string text = concat({"Can't process CIB with feature set '", feature_set,
                               "' greater than our own '", kFeatureSet, "'"});
    snapshot.report(MessageClass::kConfigError, text);
    return fail(ErrorKind::kUnsupported, std::move(text));
  }
  snapshot.quorate = is_true(snapshot.cib.get("have-quorum"));
  snapshot.no_quorum_panic =
      to_integer(snapshot.cib.get_or("no-quorum-panic", {})).value_or(0) != 0;
  find_sections(context);
  check_operation_rules(context);
  read_options(context);
  if (!snapshot.quorate && snapshot.options.quorum_policy != model::QuorumPolicy::kIgnore) {
    snapshot.report(MessageClass::kProcessingWarning,
                    "Fencing and resource management disabled due to lack of quorum");
  }
  read_nodes(context);
  std::vector<xml::Element> elements = resource_elements(snapshot);
  if (!snapshot.locations_only) read_remote_nodes(context, elements);
  read_resources(context, elements);
  check_fencing_topology(context);
  read_tags(context);
  if (context.recorder != nullptr) [[unlikely]]
    context.recorder->begin(snapshot);
  if (!snapshot.locations_only) {
    read_node_states(context);
    read_histories(context);
  }
  count_resources(context);
  add_local_node(context);
  return {};
}

}  // namespace quorate::scheduler
