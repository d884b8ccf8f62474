#include <algorithm>

#include "base/text.h"
#include "scheduler/state/cache.h"
#include "scheduler/state/reading.h"

/// Resources of the configuration: one resource, the top level (spec/03 §5.1, §5.2, §5.9).
namespace quorate::scheduler {

using model::MessageClass;
using model::Resource;
using model::Variant;

StateCache& cache_of(Context& context) {
  auto& slot = context.snapshot.state_cache;
  if (!slot) slot = std::make_unique<StateCache>();
  return static_cast<StateCache&>(*slot);
}

void adjust_on_all_nodes(Context& context, Resource& resource, Score score, std::string_view tag,
                         bool is_symmetric_default) {
  for (model::Node* node : context.snapshot.nodes_by_name) {
    adjust_score(resource, *node, score, tag, is_symmetric_default);
  }
}

namespace {

std::optional<Variant> variant_of(std::string_view name) {
  if (iequals(name, "primitive")) return Variant::kPrimitive;
  if (iequals(name, "group")) return Variant::kGroup;
  if (iequals(name, "clone")) return Variant::kClone;
  if (iequals(name, "bundle")) return Variant::kBundle;
  return std::nullopt;
}

bool read_variant(Context& context, Resource& resource) {
  switch (resource.variant) {
    case Variant::kPrimitive:
      return read_primitive(context, resource);
    case Variant::kGroup:
      return read_group(context, resource);
    case Variant::kClone:
      return read_clone(context, resource);
    case Variant::kBundle:
      return read_bundle(context, resource);
  }
  return false;
}

void add_default_locations(Context& context, Resource& resource) {
  if (context.snapshot.options.symmetric_cluster) {
    adjust_on_all_nodes(context, resource, 0, "symmetric_default", true);
  } else if (resource.connection_kind == model::ConnectionKind::kGuest) {
    adjust_on_all_nodes(context, resource, 0, "remote_connection_default");
  }
}

void add_referrer(Context& context, std::string_view template_id, std::string_view resource_id) {
  model::Tag& tag = context.snapshot.templates[template_id];
  tag.id = template_id;
  auto& members = tag.members;
  if (std::find(members.begin(), members.end(), resource_id) == members.end()) {
    members.push_back(resource_id);
  }
}

}  // namespace

Resource* read_resource(Context& context, xml::Element element, Resource* parent, int instance) {
  model::Snapshot& snapshot = context.snapshot;
  const std::string_view id = element.id();
  if (id.empty()) {
    snapshot.report(MessageClass::kConfigError,
                    concat({"Ignoring <", element.name(), "> configuration without id"}));
    return nullptr;
  }
  const xml::Element expanded = expand_template(context, element);
  if (!expanded) return nullptr;
  const auto variant = variant_of(element.name());
  if (!variant) {
    snapshot.report(
        MessageClass::kConfigError,
        concat({"Ignoring resource '", id, "' of unknown type '", element.name(), "'"}));
    return nullptr;
  }
  Resource& resource = snapshot.add_resource();
  resource.xml = expanded;
  if (xml::Element operations = expanded.first_child("operations")) {
    resource.operations = rules::resolve_reference(operations, observer_of(context));
  }
  resource.variant = *variant;
  resource.parent = parent;
  resource.instance_number = instance;
  resource.xml_id = id;
  resource.id = instance < 0 ? id : snapshot.intern(concat({id, ":", std::to_string(instance)}));
  resource.standard = expanded.get_or("class", {});
  resource.provider = expanded.get_or("provider", {});
  resource.type = expanded.get_or("type", {});
  read_meta_attributes(context, resource);
  read_settings(context, resource);
  if (!read_variant(context, resource)) return nullptr;
  add_default_locations(context, resource);
  merge_into(context, expanded, "utilization", time_only(context), resource.utilization);
  if (const auto template_id = element.get("template")) add_referrer(context, *template_id, id);
  snapshot.index_resource(resource);
  return &resource;
}

namespace {

void check_fence_devices(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  if (!snapshot.options.fencing_enabled || snapshot.fence_devices_exist) return;
  snapshot.report(MessageClass::kConfigError,
                  "Resource start-up disabled since no fencing resources have been defined. Either "
                  "configure some or disable fencing with the fencing-enabled option. NOTE: "
                  "Clusters with shared data need fencing to ensure data integrity.");
}

void read_top_level(Context& context, xml::Element element) {
  model::Snapshot& snapshot = context.snapshot;
  if (element.id().empty()) {
    snapshot.report(MessageClass::kConfigError,
                    concat({"Ignoring <", element.name(), "> resource without ID"}));
    return;
  }
  if (element.name() == "template") {
    snapshot.templates[element.id()].id = element.id();
    return;
  }
  if (Resource* resource = read_resource(context, element, nullptr)) {
    snapshot.list_resource(*resource);
    return;
  }
  snapshot.report(MessageClass::kConfigError,
                  concat({"Ignoring <", element.name(), "> resource '", element.id(),
                          "' because configuration is invalid"}));
}

}  // namespace

void read_resources(Context& context, const std::vector<xml::Element>& resource_elements) {
  model::Snapshot& snapshot = context.snapshot;
  for (xml::Element element : resource_elements) read_top_level(context, element);
  for (Resource* resource : snapshot.resources) link_resource(context, *resource);
  snapshot.sort_resources_by_priority();
  if (!snapshot.locations_only) check_fence_devices(context);
}

}  // namespace quorate::scheduler
