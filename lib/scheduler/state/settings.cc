#include <string>

#include "base/text.h"
#include "scheduler/state/reading.h"
#include "scheduler/state/state.h"

/// Meta-attributes of resources and the flags that follow from them (spec/03 §5.4-5.8).
namespace quorate::scheduler {

using model::MessageClass;
using model::Requires;
using model::Resource;
using model::Role;

void read_meta_attributes(Context& context, Resource& resource) {
  model::Snapshot& snapshot = context.snapshot;
  const rules::RuleContext inputs = agent_rules(context, resource);
  model::NameValues& meta = resource.meta;
  if (resource.instance_number >= 0) {
    meta.set("clone", snapshot.intern(std::to_string(resource.instance_number)));
  }
  for (const xml::Attribute& attribute : resource.xml.attributes()) {
    meta.add(attribute.name, attribute.value);
  }
  merge_into(context, resource.xml, "meta_attributes", inputs, meta);
  if (resource.parent != nullptr) {
    // A table of their own, so that #default of a parent doesn't remove the resource's values.
    model::NameValues inherited;
    for (const Resource* at = resource.parent; at != nullptr; at = at->parent) {
      merge_into(context, at->xml, "meta_attributes", inputs, inherited);
    }
    for (const auto& [name, value] : inherited) meta.add(name, value);
  }
  merge_into(context, snapshot.sections.rsc_defaults, "meta_attributes", inputs, meta);
  if (resource.parent != nullptr) {
    for (const auto& [name, value] : resource.parent->meta) meta.add(name, value);
  }
}

bool allows_unique_clones(std::string_view standard) {
  return is_one_of(standard, {"ocf", "stonith"});
}
bool is_promotable_standard(std::string_view standard) { return iequals(standard, "ocf"); }

namespace {

void report_deprecated_default(Context& context, std::string_view name) {
  context.snapshot.report(MessageClass::kConfigWarning,
                          concat({"Support for setting ", name,
                                  " to the explicit value 'default' is deprecated and will be "
                                  "removed in a future release (just leave it unset)"}));
}

Score read_priority(Context& context, const Resource& resource) {
  const auto text = resource.meta.get("priority");
  if (!text) return 0;
  if (const auto score = context.snapshot.parse_score(*text)) return *score;
  context.snapshot.report(
      MessageClass::kConfigWarning,
      concat({"Using default (0) for resource ", resource.id, " priority because '", *text,
              "' is not a valid value: ", integer_problem(*text)}));
  return 0;
}

Score read_stickiness(Context& context, const Resource& resource) {
  const auto text = resource.meta.get("resource-stickiness");
  if (!text) return 0;
  if (iequals(*text, "default")) {
    report_deprecated_default(context, "resource-stickiness");
    return 0;
  }
  if (const auto score = context.snapshot.parse_score(*text)) return *score;
  context.snapshot.report(
      MessageClass::kConfigWarning,
      concat({"Using default (0) for resource ", resource.id, " resource-stickiness because '",
              *text, "' is not a valid value: ", integer_problem(*text)}));
  return 0;
}

Score read_migration_threshold(Context& context, const Resource& resource) {
  const auto text = resource.meta.get("migration-threshold");
  if (!text) return kInfinity;
  if (iequals(*text, "default")) {
    report_deprecated_default(context, "migration-threshold");
    return kInfinity;
  }
  const auto score = context.snapshot.parse_score(*text);
  if (score && *score >= 0) return *score;
  context.snapshot.report(MessageClass::kConfigWarning,
                          concat({"Using default (INFINITY) for resource ", resource.id,
                                  " meta-attribute migration-threshold because '", *text,
                                  "' is not a valid value: ", integer_problem(*text)}));
  return kInfinity;
}

model::MultipleActive read_multiple_active(Context& context, const Resource& resource) {
  const std::string_view text = resource.meta.get_or("multiple-active", "stop_start");
  if (iequals(text, "stop_only")) return model::MultipleActive::kStopOnly;
  if (iequals(text, "block")) return model::MultipleActive::kBlock;
  if (iequals(text, "stop_unexpected")) return model::MultipleActive::kStopUnexpected;
  if (!iequals(text, "stop_start")) {
    context.snapshot.report(MessageClass::kConfigWarning,
                            concat({text,
                                    " is not a valid value for multiple-active, using default of "
                                    "\"stop_start\""}));
  }
  return model::MultipleActive::kStopStart;
}

std::string_view default_requires(const model::Snapshot& snapshot, const Resource& resource) {
  if (resource.is_fence_device || resource.is_connection()) return "quorum";
  if (snapshot.unfencing_in_use) return "unfencing";
  if (snapshot.options.fencing_enabled) return "fencing";
  return snapshot.options.quorum_policy == model::QuorumPolicy::kIgnore ? "nothing" : "quorum";
}

Requires apply_requires(Context& context, const Resource& resource, std::string_view text) {
  model::Snapshot& snapshot = context.snapshot;
  const bool fencing = snapshot.options.fencing_enabled;
  const auto reset = [&](std::string_view why) {
    snapshot.report(
        MessageClass::kConfigWarning,
        concat({"Resetting \"requires\" for ", resource.id, " to \"quorum\" because ", why}));
    return Requires::kQuorum;
  };
  if (iequals(text, "nothing")) return Requires::kNothing;
  if (iequals(text, "quorum")) return Requires::kQuorum;
  if (iequals(text, "fencing")) {
    if (!fencing) {
      snapshot.report(MessageClass::kConfigWarning,
                      concat({resource.id, " requires fencing but fencing is disabled"}));
    }
    return Requires::kFencing;
  }
  if (resource.is_fence_device) return reset("fencing devices cannot require unfencing");
  if (!fencing) return reset("fencing is disabled");
  return Requires::kUnfencing;
}

Requires read_requires(Context& context, const Resource& resource) {
  const auto text = resource.meta.get("requires");
  if (text && is_one_of(*text, {"nothing", "quorum", "fencing", "unfencing"})) {
    return apply_requires(context, resource, *text);
  }
  const std::string_view fallback = default_requires(context.snapshot, resource);
  if (text) {
    context.snapshot.report(MessageClass::kConfigError,
                            concat({"Resetting 'requires' for ", resource.id, " to '", fallback,
                                    "' because '", *text, "' is not valid"}));
  }
  return apply_requires(context, resource, fallback);
}

void read_managed(Context& context, Resource& resource) {
  if (const auto text = resource.meta.get("is-managed")) {
    if (iequals(*text, "default")) {
      report_deprecated_default(context, "is-managed");
    } else {
      resource.managed = is_true(text);
    }
  }
  if (is_true(resource.meta.get("maintenance"))) {
    resource.managed = false;
    resource.maintenance = true;
  }
  if (context.snapshot.options.maintenance_mode) {
    resource.managed = false;
    resource.maintenance = true;
  }
}

void read_clone_flags(Resource& resource) {
  if (!top_of(resource).is_clone()) return;
  if (const auto unique = resource.meta.get("globally-unique")) {
    resource.unique = is_true(unique);
  } else {
    const auto per_node = resource.meta.get("clone-node-max");
    resource.unique = per_node && to_integer(*per_node).value_or(0) > 1;
  }
  resource.promotable = is_true(resource.meta.get("promotable"));
}

void read_reconnect_interval(Context& context, Resource& resource) {
  if (resource.connection_kind != model::ConnectionKind::kRemote) return;
  const auto text = parameters_of(context, resource, nullptr).get("reconnect_interval");
  if (!text) return;
  resource.reconnect_interval_ms = interval_of(context, text);
  resource.failure_timeout_ms = resource.reconnect_interval_ms;
}

void read_connection_kind(Resource& resource) {
  const bool is_connection = iequals(resource.standard, "ocf") &&
                             iequals(resource.provider, "pacemaker") &&
                             iequals(resource.type, "remote");
  if (!is_connection) return;
  resource.connection_kind = resource.meta.has("container") ? model::ConnectionKind::kGuest
                                                            : model::ConnectionKind::kRemote;
}

void read_migratable(Resource& resource) {
  const auto text = resource.meta.get("allow-migrate");
  resource.migratable =
      text ? is_true(text) : resource.connection_kind == model::ConnectionKind::kRemote;
}

}  // namespace

std::optional<Role> target_role(Context& context, Resource& resource) {
  const auto text = resource.meta.get("target-role");
  if (!text || iequals(*text, "Started")) return std::nullopt;
  if (iequals(*text, "default")) {
    report_deprecated_default(context, "target-role");
    return std::nullopt;
  }
  const Role role = role_of_word(context, *text);
  const auto refuse = [&](std::string_view why) -> std::optional<Role> {
    context.snapshot.report(
        MessageClass::kConfigError,
        concat({"Ignoring 'target-role' for ", resource.id, " because '", *text, "' ", why}));
    return std::nullopt;
  };
  if (role == Role::kUnknown) return refuse("is not valid");
  if (role > Role::kStarted) {
    if (!top_of(resource).promotable) return refuse("only makes sense for promotable clones");
    if (role == Role::kPromoted) return std::nullopt;
  }
  return role;
}

void read_settings(Context& context, Resource& resource) {
  model::Snapshot& snapshot = context.snapshot;
  resource.managed = !snapshot.options.maintenance_mode;
  resource.priority = read_priority(context, resource);
  const auto critical = resource.meta.get("critical");
  resource.critical = !critical || is_true(critical);
  resource.notify = is_true(resource.meta.get("notify"));
  read_connection_kind(resource);
  read_migratable(resource);
  read_managed(context, resource);
  read_clone_flags(resource);
  resource.multiple_active = read_multiple_active(context, resource);
  resource.stickiness = read_stickiness(context, resource);
  resource.migration_threshold = read_migration_threshold(context, resource);
  if (iequals(resource.standard, "stonith")) {
    resource.is_fence_device = true;
    snapshot.fence_devices_exist = true;
  }
  resource.needs = read_requires(context, resource);
  resource.failure_timeout_ms = interval_of(context, resource.meta.get("failure-timeout"));
  read_reconnect_interval(context, resource);
  if (const auto role = target_role(context, resource)) resource.next_role = *role;
}

}  // namespace quorate::scheduler
