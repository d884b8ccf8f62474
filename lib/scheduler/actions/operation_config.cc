#include <algorithm>
#include <functional>
#include <string>

#include "base/duration.h"
#include "base/text.h"
#include "rules/datetime.h"
#include "rules/rules.h"
#include "scheduler/actions/operation.h"
#include "scheduler/state/state.h"

/// Which <op> is in force and what its meta table holds (spec/03 §12, spec/05 §3).
namespace quorate::scheduler {

using graph::Action;
using model::MessageClass;
using model::NameValues;
using model::Node;
using model::Resource;

namespace {

constexpr std::int64_t kMaxStartDelayMs = 2'147'483'647;

std::int64_t interval_of(xml::Element op) {
  const auto text = op.get("interval");
  return text ? parse_interval_ms(*text).value_or(0) : 0;
}

bool is_disabled(xml::Element op) {
  const auto enabled = op.get("enabled");
  return enabled && !parse_boolean(*enabled).value_or(true);
}

bool is_promoted_role(xml::Element op) {
  return model::parse_role(op.get_or("role", {})) == model::Role::kPromoted;
}

xml::Element find_exact_operation(const Resource& resource, std::string_view task,
                                  std::int64_t interval_ms, bool include_disabled) {
  for (const xml::Element op : children(resource.operations, "op")) {
    if (op.get_or("name", {}) != task || interval_of(op) != interval_ms) continue;
    if (include_disabled || !is_disabled(op)) return op;
  }
  return {};
}

rules::Observer observer_of(model::Snapshot& snapshot) {
  return {[&snapshot](rules::Severity severity, std::string text) {
            const MessageClass level =
                severity == rules::Severity::kConfigError     ? MessageClass::kConfigError
                : severity == rules::Severity::kConfigWarning ? MessageClass::kConfigWarning
                                                              : MessageClass::kProcessingWarning;
            snapshot.report(level, std::move(text));
          },
          [&snapshot](std::int64_t when) { snapshot.propose_recheck(when); }};
}

rules::BlockTarget into(model::Snapshot& snapshot, NameValues& table) {
  return {[&snapshot, &table](std::string_view name, std::string_view value) {
            if (!table.has(name)) table.set(snapshot.intern(name), snapshot.intern(value));
          },
          [&table](std::string_view name) { table.remove(name); }};
}

rules::RuleContext operation_rule_context(const model::Snapshot& snapshot, const Resource& resource,
                                          std::string_view task, std::int64_t interval_ms) {
  rules::RuleContext rule_context;
  rule_context.now_seconds = snapshot.now_seconds;
  if (!resource.standard.empty()) rule_context.standard = resource.standard;
  if (!resource.provider.empty()) rule_context.provider = resource.provider;
  if (!resource.type.empty()) rule_context.type = resource.type;
  rule_context.operation = task;
  rule_context.interval_ms = interval_ms;
  return rule_context;
}

/// `timeout` of the enabled recurring monitor with the smallest interval.
std::optional<std::string_view> timeout_of_shortest_monitor(const Resource& resource) {
  xml::Element shortest;
  std::int64_t shortest_interval = 0;
  for (const xml::Element op : children(resource.operations, "op")) {
    if (op.get_or("name", {}) != "monitor" || is_disabled(op)) continue;
    const std::int64_t interval = interval_of(op);
    if (interval <= 0 || (shortest && interval >= shortest_interval)) continue;
    shortest = op;
    shortest_interval = interval;
  }
  return shortest ? shortest.get("timeout") : std::nullopt;
}

/// A demote without on-fail fails as the promoted role's monitors do (spec/03 §12.3).
void take_on_fail_of_promoted_monitor(const Resource& resource, NameValues& meta) {
  for (const xml::Element op : children(resource.operations, "op")) {
    const auto on_fail = op.get("on-fail");
    if (!on_fail || iequals(*on_fail, "demote") || op.get_or("name", {}) != "monitor" ||
        !is_promoted_role(op) || interval_of(op) <= 0 || is_disabled(op)) {
      continue;
    }
    meta.set("on-fail", *on_fail);
  }
}

bool may_demote_on_failure(xml::Element config) {
  if (!config) return false;
  const std::string_view name = config.get_or("name", {});
  if (name == "promote") return true;
  return name == "monitor" && interval_of(config) > 0 && is_promoted_role(config);
}

void validate_on_fail(Context& context, const Resource& resource, std::string_view task,
                      xml::Element config, NameValues& meta) {
  const auto value = meta.get("on-fail");
  if (task == "stop" && value &&
      (iequals(*value, "standby") || iequals(*value, "demote") || iequals(*value, "stop"))) {
    context.snapshot.report(MessageClass::kConfigError,
                            "Resetting 'on-fail' for " + std::string(resource.id) +
                                " stop action to default value because '" + std::string(*value) +
                                "' is not allowed for stop");
    meta.remove("on-fail");
    return;
  }
  if (task == "demote" && !value) return take_on_fail_of_promoted_monitor(resource, meta);
  if (task == "lrm_delete") return meta.set("on-fail", "ignore");
  if (!value || !iequals(*value, "demote") || may_demote_on_failure(config)) return;
  context.snapshot.report(MessageClass::kConfigError,
                          "Resetting 'on-fail' for " + std::string(resource.id) + " " +
                              std::string(config ? config.get_or("name", {}) : task) +
                              " action to default value because 'demote' is not allowed for it");
  meta.remove("on-fail");
}

/// Delay until the next multiple of the interval since the origin (spec/05 §3.2 step 10).
std::optional<std::int64_t> delay_from_origin(const Context& context, std::string_view origin,
                                              std::int64_t interval_ms) {
  const auto start = rules::parse_datetime(origin, {context.snapshot.now_seconds, 0});
  if (!start) return std::nullopt;
  const std::int64_t interval = ms_to_seconds(interval_ms);
  const std::int64_t past = (context.snapshot.now_seconds - rules::to_epoch(*start)) % interval;
  return ((past <= 0 ? 0 : interval) - past) * 1000;
}

void derive_start_delay(Context& context, std::int64_t interval_ms, xml::Element config,
                        NameValues& meta) {
  const auto origin = meta.get("interval-origin");
  if (!origin || interval_ms <= 0) return;
  if (const auto delay = delay_from_origin(context, *origin, interval_ms)) {
    meta.set("start-delay", context.snapshot.intern(std::to_string(*delay)));
    return;
  }
  context.snapshot.report(MessageClass::kConfigError,
                          "Ignoring 'interval-origin' for operation '" +
                              std::string(config ? config.id() : "(missing ID)") + "' because '" +
                              std::string(*origin) + "' is not valid");
}

void normalize_start_delay(Context& context, std::int64_t interval_ms, xml::Element config,
                           NameValues& meta) {
  const auto configured = meta.get("start-delay");
  if (!configured) return derive_start_delay(context, interval_ms, config, meta);
  const std::int64_t delay =
      std::clamp<std::int64_t>(parse_unit_time_ms(*configured).value_or(0), 0, kMaxStartDelayMs);
  meta.set("start-delay", context.snapshot.intern(std::to_string(delay)));
}

void set_timeout(Context& context, Resource& resource, const Node* node, std::string_view task,
                 bool is_probe, NameValues& meta) {
  if (resource.is_fence_device && (task == "start" || is_probe)) {
    if (const auto value = parameters_of(context, resource, node).get("pcmk_monitor_timeout")) {
      meta.set("timeout", *value);
    }
  }
  const std::int64_t timeout = parse_timeout_ms(meta.get_or("timeout", {}));
  meta.set("timeout", context.snapshot.intern(std::to_string(timeout)));
}

}  // namespace

xml::Element find_operation(Context&, Resource& resource, std::string_view task,
                            std::int64_t interval_ms, bool include_disabled) {
  if (!resource.operations) return {};
  if (const auto op = find_exact_operation(resource, task, interval_ms, include_disabled)) {
    return op;
  }
  if (task == "migrate_to" || task == "migrate_from") {
    return find_exact_operation(resource, "migrate", 0, include_disabled);
  }
  if (task.find("_notify_") != std::string_view::npos) {
    return find_exact_operation(resource, "notify", 0, include_disabled);
  }
  return {};
}

NameValues operation_meta(Context& context, Resource& resource, const Node* node,
                          std::string_view task, std::int64_t interval_ms, xml::Element config) {
  model::Snapshot& snapshot = context.snapshot;
  const bool is_probe = task == "monitor" && interval_ms == 0;
  NameValues meta;
  const rules::RuleContext rule_context =
      operation_rule_context(snapshot, resource, task, interval_ms);
  if (config) {
    if (config.first_child("meta_attributes")) {
      rules::merge_blocks(config, "meta_attributes", {}, rule_context, observer_of(snapshot),
                          into(snapshot, meta));
    }
    for (const xml::Attribute& attribute : config.attributes()) {
      meta.set(snapshot.intern(attribute.name), snapshot.intern(attribute.value));
    }
  }
  if (is_probe && !meta.has("timeout")) {
    if (const auto timeout = timeout_of_shortest_monitor(resource)) meta.set("timeout", *timeout);
  }
  if (const xml::Element defaults = snapshot.sections.op_defaults) {
    rules::merge_blocks(defaults, "meta_attributes", {}, rule_context, observer_of(snapshot),
                        into(snapshot, meta));
  }
  meta.remove("id");
  meta.remove("interval");
  if (interval_ms > 0) meta.set("interval", snapshot.intern(std::to_string(interval_ms)));
  set_timeout(context, resource, node, task, is_probe, meta);
  validate_on_fail(context, resource, task, config, meta);
  normalize_start_delay(context, interval_ms, config, meta);
  return meta;
}

xml::Element action_config(Context& context, Action& action) {
  if (action.settings == nullptr) return {};
  graph::OperationSettings& settings = *action.settings;
  if (!settings.config_known) {
    settings.config_known = true;
    settings.config =
        find_operation(context, *action.resource, settings.key_task, settings.interval_ms);
  }
  return settings.config;
}

const NameValues& settings_meta(Context& context, Action& action) {
  static const NameValues kNone;
  if (action.settings == nullptr) return kNone;
  graph::OperationSettings& settings = *action.settings;
  if (!settings.meta_known) {
    settings.meta_known = true;
    settings.meta = operation_meta(context, *action.resource, action.node, settings.task,
                                   settings.interval_ms, action_config(context, action));
  }
  return settings.meta;
}

std::optional<std::string_view> action_meta(Context& context, Action& action,
                                            std::string_view name) {
  if (const auto own = action.meta.get(name)) return own;
  return settings_meta(context, action).get(name);
}

const NameValues& action_parameters(Context& context, Action& action) {
  if (action.parameters_evaluated) return action.parameters;
  action.parameters_evaluated = true;
  const xml::Element config = action_config(context, action);
  if (action.node == nullptr || !config || !config.first_child("instance_attributes")) {
    return action.parameters;
  }
  const std::function<std::optional<std::string_view>(std::string_view)> attribute =
      [&action](std::string_view name) { return action.node->attributes.get(name); };
  rules::RuleContext rule_context;
  rule_context.now_seconds = context.snapshot.now_seconds;
  rule_context.node_attribute = &attribute;
  rules::merge_blocks(config, "instance_attributes", {}, rule_context,
                      observer_of(context.snapshot), into(context.snapshot, action.parameters));
  return action.parameters;
}

}  // namespace quorate::scheduler
