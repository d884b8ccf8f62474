#include <algorithm>
#include <array>
#include <string>

#include "base/duration.h"
#include "base/text.h"
#include "scheduler/state/reading.h"

/// Cluster options (spec/03 §3).
namespace quorate::scheduler {

using model::MessageClass;
using model::QuorumPolicy;

namespace {

enum class Kind { kAny, kBoolean, kDuration, kInteger, kPositive, kPercentage, kChoice };

struct Option {
  std::string_view name;
  std::string_view legacy;
  Kind kind;
  std::string_view fallback;
  std::string_view choices = {};  ///< blank-separated
};

/// In the order they are checked (spec/03 §3.1).
constexpr Option kOptions[] = {
    {"dc-version", "", Kind::kAny, ""},
    {"cluster-infrastructure", "", Kind::kAny, ""},
    {"cluster-name", "", Kind::kAny, ""},
    {"dc-deadtime", "", Kind::kDuration, "20s"},
    {"cluster-recheck-interval", "", Kind::kDuration, "15min"},
    {"election-timeout", "", Kind::kDuration, "2min"},
    {"shutdown-escalation", "", Kind::kDuration, "20min"},
    {"join-integration-timeout", "", Kind::kDuration, "3min"},
    {"join-finalization-timeout", "", Kind::kDuration, "30min"},
    {"transition-delay", "", Kind::kDuration, "0s"},
    {"no-quorum-policy", "", Kind::kChoice, "stop", "stop freeze ignore demote fence suicide"},
    {"shutdown-lock", "", Kind::kBoolean, "false"},
    {"shutdown-lock-limit", "", Kind::kDuration, "0"},
    {"enable-acl", "", Kind::kBoolean, "false"},
    {"symmetric-cluster", "", Kind::kBoolean, "true"},
    {"maintenance-mode", "", Kind::kBoolean, "false"},
    {"start-failure-is-fatal", "", Kind::kBoolean, "true"},
    {"enable-startup-probes", "", Kind::kBoolean, "true"},
    {"fence-remote-without-quorum", "", Kind::kBoolean, "false"},
    {"fencing-enabled", "stonith-enabled", Kind::kBoolean, "true"},
    {"fencing-action", "stonith-action", Kind::kChoice, "reboot", "reboot off"},
    {"fencing-reaction", "fence-reaction", Kind::kAny, "stop"},
    {"fencing-timeout", "stonith-timeout", Kind::kDuration, "60s"},
    {"have-watchdog", "", Kind::kBoolean, "false"},
    {"fencing-watchdog-timeout", "stonith-watchdog-timeout", Kind::kAny, "0"},
    {"fencing-max-attempts", "stonith-max-attempts", Kind::kPositive, "10"},
    {"concurrent-fencing", "", Kind::kBoolean, "true"},
    {"startup-fencing", "", Kind::kBoolean, "true"},
    {"priority-fencing-delay", "", Kind::kDuration, "0"},
    {"node-pending-timeout", "", Kind::kDuration, "0"},
    {"cluster-delay", "", Kind::kDuration, "60s"},
    {"load-threshold", "", Kind::kPercentage, "80%"},
    {"node-action-limit", "", Kind::kInteger, "0"},
    {"batch-limit", "", Kind::kInteger, "0"},
    {"migration-limit", "", Kind::kInteger, "-1"},
    {"stop-all-resources", "", Kind::kBoolean, "false"},
    {"stop-removed-resources", "stop-orphan-resources", Kind::kBoolean, "true"},
    {"cancel-removed-actions", "stop-orphan-actions", Kind::kBoolean, "true"},
    {"pe-error-series-max", "", Kind::kInteger, "-1"},
    {"pe-warn-series-max", "", Kind::kInteger, "5000"},
    {"pe-input-series-max", "", Kind::kInteger, "4000"},
    {"node-health-strategy", "", Kind::kChoice, "none",
     "none migrate-on-red only-green progressive custom"},
    {"node-health-base", "", Kind::kInteger, "0"},
    {"node-health-green", "", Kind::kInteger, "0"},
    {"node-health-yellow", "", Kind::kInteger, "0"},
    {"node-health-red", "", Kind::kInteger, "-INFINITY"},
    {"placement-strategy", "", Kind::kChoice, "default", "default utilization minimal balanced"},
};

bool is_integer(std::string_view text) {
  if (text == "INFINITY" || text == "+INFINITY" || text == "-INFINITY") return true;
  const ParsedInteger parsed = parse_integer(text);
  return parsed.has_digits && !parsed.clipped;
}

bool is_valid(const Option& option, std::string_view text) {
  switch (option.kind) {
    case Kind::kAny:
      return true;
    case Kind::kBoolean:
      return parse_boolean(text).has_value();
    case Kind::kDuration:
      return parse_interval_ms(text).has_value();
    case Kind::kInteger:
      return is_integer(text);
    case Kind::kPositive:
      return text == "INFINITY" || text == "+INFINITY" ||
             (is_integer(text) && to_integer(text).value_or(0) > 0);
    case Kind::kPercentage: {
      const ParsedInteger parsed = parse_integer(text);
      return parsed.has_digits && parsed.value >= 0 && text.substr(parsed.length) == "%";
    }
    case Kind::kChoice: {
      const bool exact = option.name == "fencing-action";
      for (const std::string_view word : split_words(option.choices)) {
        if (exact ? text == word : iequals(text, word)) return true;
      }
      return false;
    }
  }
  return true;
}

/// The value in force, or the default; legacy names are moved to the current one.
void validate(Context& context, const Option& option) {
  model::Snapshot& snapshot = context.snapshot;
  model::NameValues& values = snapshot.option_values;
  auto value = values.get(option.name);
  if (!value && !option.legacy.empty()) {
    value = values.get(option.legacy);
    if (value) {
      snapshot.report(
          MessageClass::kConfigWarning,
          concat({"Support for legacy name '", option.legacy, "' for cluster option '", option.name,
                  "' is deprecated and will be removed in a future release"}));
      values.set(option.name, *value);
    }
  }
  if (!value || is_valid(option, *value)) return;
  snapshot.report(MessageClass::kConfigError,
                  concat({"Using default value for cluster option '", option.name, "' because '",
                          *value, "' is invalid"}));
  values.set(option.name, option.fallback);
}

std::string_view fallback_of(std::string_view name) {
  for (const Option& option : kOptions) {
    if (option.name == name) return option.fallback;
  }
  return {};
}

/// Access to checked values with their defaults.
class Values {
 public:
  explicit Values(Context& context) : context_(context) {}
  std::string_view text(std::string_view name) const {
    return context_.snapshot.option_values.get_or(name, fallback_of(name));
  }
  bool flag(std::string_view name) const { return is_true(text(name)); }
  std::int64_t duration_ms(std::string_view name) const {
    return interval_of(context_, text(name));
  }
  Score score(std::string_view name) const { return parse_score(text(name)).value_or(0); }
  /// A flag whose value false is deprecated.
  bool deprecated_flag(std::string_view name, std::string_view message) const {
    const bool on = flag(name);
    if (!on) context_.snapshot.report_once(MessageClass::kConfigWarning, message);
    return on;
  }
  bool flag_soon_true(std::string_view name) const {
    return deprecated_flag(name, concat({"Support for the ", name,
                                         " cluster property is deprecated and will be removed "
                                         "(and behave as true) in a future release."}));
  }

 private:
  Context& context_;
};

QuorumPolicy read_quorum_policy(Context& context, const Values& values) {
  model::Snapshot& snapshot = context.snapshot;
  const std::string_view text = values.text("no-quorum-policy");
  if (iequals(text, "ignore")) return QuorumPolicy::kIgnore;
  if (iequals(text, "freeze")) return QuorumPolicy::kFreeze;
  if (iequals(text, "demote")) return QuorumPolicy::kDemote;
  if (!is_one_of(text, {"fence", "suicide"})) return QuorumPolicy::kStop;
  if (!snapshot.options.fencing_enabled) {
    snapshot.report(MessageClass::kConfigError,
                    "Resetting no-quorum-policy to 'stop' because fencing is disabled");
    return QuorumPolicy::kStop;
  }
  if (snapshot.quorate || snapshot.no_quorum_panic) return QuorumPolicy::kFence;
  snapshot.report(MessageClass::kNotice,
                  "Resetting no-quorum-policy to 'stop': cluster has never had quorum");
  return QuorumPolicy::kStop;
}

/// nvpair provides/requires = unfencing directly in a block of meta-attributes.
bool block_asks_unfencing(xml::Element block) {
  for (xml::Element pair : xml::children(block, "nvpair")) {
    const std::string_view name = pair.get_or("name", {});
    if ((name == "provides" || name == "requires") && pair.get_or("value", {}) == "unfencing") {
      return true;
    }
  }
  return false;
}

bool unfencing_in_use(const model::Snapshot& snapshot) {
  bool found = false;
  for (xml::Element configuration : xml::children(snapshot.cib, "configuration")) {
    for (xml::Element resources : xml::children(configuration, "resources")) {
      xml::for_each_descendant(resources, [&](xml::Element element) {
        found = found || (element.name() == "meta_attributes" && block_asks_unfencing(element));
      });
    }
    for (xml::Element defaults : xml::children(configuration, "rsc_defaults")) {
      for (xml::Element block : xml::children(defaults, "meta_attributes")) {
        found = found || block_asks_unfencing(block);
      }
    }
  }
  return found;
}

void read_health(const Values& values, model::Options& options) {
  const std::string_view text = values.text("node-health-strategy");
  options.health_strategy_text = text;
  constexpr std::array<std::string_view, 5> kWords = {"none", "migrate-on-red", "only-green",
                                                      "progressive", "custom"};
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (iequals(text, kWords[i])) options.health_strategy = static_cast<model::HealthStrategy>(i);
  }
  switch (options.health_strategy) {
    case model::HealthStrategy::kNone:
      return;
    case model::HealthStrategy::kMigrateOnRed:
      options.health_red = -kInfinity;
      return;
    case model::HealthStrategy::kOnlyGreen:
      options.health_red = options.health_yellow = -kInfinity;
      return;
    case model::HealthStrategy::kProgressive:
      options.health_base = values.score("node-health-base");
      [[fallthrough]];
    case model::HealthStrategy::kCustom:
      options.health_red = values.score("node-health-red");
      options.health_green = values.score("node-health-green");
      options.health_yellow = values.score("node-health-yellow");
      return;
  }
}

model::PlacementStrategy placement_strategy(std::string_view text) {
  if (iequals(text, "utilization")) return model::PlacementStrategy::kUtilization;
  if (iequals(text, "minimal")) return model::PlacementStrategy::kMinimal;
  if (iequals(text, "balanced")) return model::PlacementStrategy::kBalanced;
  return model::PlacementStrategy::kDefault;
}

void read_fencing_options(Context& context, const Values& values) {
  model::Snapshot& snapshot = context.snapshot;
  model::Options& options = snapshot.options;
  options.have_watchdog = values.flag("have-watchdog");
  if (options.have_watchdog) snapshot.fence_devices_exist = true;
  snapshot.unfencing_in_use = unfencing_in_use(snapshot);
  options.fencing_timeout_text = values.text("fencing-timeout");
  options.fencing_timeout_ms = values.duration_ms("fencing-timeout");
  options.fencing_enabled = values.flag("fencing-enabled");
  options.fencing_action = values.text("fencing-action");
  options.concurrent_fencing = values.flag_soon_true("concurrent-fencing");
  options.priority_fencing_delay_ms = values.duration_ms("priority-fencing-delay");
}

/// In the order of spec/03 §3.2, which is that of the messages.
void apply_options(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  model::Options& options = snapshot.options;
  const Values values(context);
  options.startup_probes = values.deprecated_flag(
      "enable-startup-probes",
      "Support for the enable-startup-probes cluster property is deprecated and will be removed "
      "(and behave as true) in a future release. Use a location constraint with "
      "resource-discovery=never instead to disable probes where desired.");
  read_fencing_options(context, values);
  options.stop_all_resources = values.flag("stop-all-resources");
  options.symmetric_cluster = values.flag("symmetric-cluster");
  options.quorum_policy = read_quorum_policy(context, values);
  options.stop_removed_resources = values.flag_soon_true("stop-removed-resources");
  options.cancel_removed_actions = values.flag_soon_true("cancel-removed-actions");
  options.maintenance_mode = values.flag("maintenance-mode");
  options.start_failure_is_fatal = values.flag("start-failure-is-fatal");
  options.startup_fencing = options.fencing_enabled && values.flag("startup-fencing");
  if (!options.startup_fencing) {
    snapshot.report_once(MessageClass::kWarning, "Blind faith: not fencing unseen nodes");
  }
  read_health(values, options);
  options.placement_strategy = placement_strategy(values.text("placement-strategy"));
  options.shutdown_lock = values.flag("shutdown-lock");
  if (options.shutdown_lock) {
    options.shutdown_lock_limit_ms = values.duration_ms("shutdown-lock-limit");
  }
  options.node_pending_timeout_ms = values.duration_ms("node-pending-timeout");
  options.fence_remote_without_quorum = values.flag("fence-remote-without-quorum");
  options.cluster_delay = values.text("cluster-delay");
  options.batch_limit = values.text("batch-limit");
  options.migration_limit = values.text("migration-limit");
  const auto name = snapshot.option_values.get("cluster-name");
  options.have_cluster_name = name.has_value();
  options.cluster_name = name.value_or(std::string_view());
}

}  // namespace

void read_options(Context& context) {
  model::Snapshot& snapshot = context.snapshot;
  merge_into(context, snapshot.sections.crm_config, "cluster_property_set", time_only(context),
             snapshot.option_values, "cib-bootstrap-options");
  for (const Option& option : kOptions) validate(context, option);
  apply_options(context);
}

}  // namespace quorate::scheduler
