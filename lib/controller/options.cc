#include "controller/options.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "base/duration.h"
#include "base/score.h"
#include "base/text.h"

namespace quorate::controller {
namespace {

using xml::Element;
using Values = std::map<std::string, std::string, std::less<>>;

Values collect(Element crm_config) {
  std::vector<Element> sets;
  for (const Element set : xml::children(crm_config, "cluster_property_set")) {
    if (!set.first_child("rule")) sets.push_back(set);
  }
  const auto rank = [](Element set) {
    return set.id() == "cib-bootstrap-options"
               ? std::int64_t{kInfinity} + 1
               : std::int64_t{parse_score(set.get_or("score", "0")).value_or(0)};
  };
  std::stable_sort(sets.begin(), sets.end(),
                   [&](Element a, Element b) { return rank(a) > rank(b); });
  Values values;
  for (const Element set : sets) {
    for (const Element pair : xml::children(set, "nvpair")) {
      const auto value = pair.get("value");
      if (value) values.emplace(pair.get_or("name", {}), *value);
    }
  }
  return values;
}

class Reading {
 public:
  Reading(const Values& values, std::vector<LogRecord>& log) : values_(values), log_(log) {}

  void duration(std::string_view name, std::string_view old_name, std::int64_t& option) {
    const std::string* text = find(name, old_name);
    if (text == nullptr) return;
    const auto parsed = parse_interval_ms(*text);
    if (parsed)
      option = *parsed;
    else
      invalid(name, *text);
  }
  void integer(std::string_view name, std::string_view old_name, int& option) {
    const std::string* text = find(name, old_name);
    if (text == nullptr) return;
    const auto parsed = to_integer(*text);
    if (parsed && *parsed > -kInfinity && *parsed <= kInfinity)
      option = static_cast<int>(*parsed);
    else if (parse_score(*text))
      option = *parse_score(*text);
    else
      invalid(name, *text);
  }
  void boolean(std::string_view name, bool& option) {
    const std::string* text = find(name, {});
    if (text == nullptr) return;
    const auto parsed = parse_boolean(*text);
    if (parsed)
      option = *parsed;
    else
      invalid(name, *text);
  }
  const std::string* find(std::string_view name, std::string_view old_name) const {
    auto found = values_.find(name);
    if (found == values_.end() && !old_name.empty()) found = values_.find(old_name);
    return found == values_.end() ? nullptr : &found->second;
  }

 private:
  void invalid(std::string_view name, std::string_view text) {
    log_.push_back({LogLevel::kError, "Using the default for cluster option '" + std::string(name) +
                                          "' because '" + std::string(text) + "' is invalid"});
  }
  const Values& values_;
  std::vector<LogRecord>& log_;
};

}  // namespace

ClusterOptions read_options(Element crm_config, std::vector<LogRecord>& log) {
  const Values values = collect(crm_config);
  Reading reading(values, log);
  ClusterOptions options;
  reading.duration("dc-deadtime", {}, options.dc_deadtime_ms);
  reading.duration("join-integration-timeout", {}, options.join_integration_timeout_ms);
  reading.duration("cluster-recheck-interval", {}, options.recheck_interval_ms);
  reading.duration("transition-delay", {}, options.transition_delay_ms);
  reading.duration("shutdown-escalation", {}, options.shutdown_escalation_ms);
  reading.duration("cluster-delay", {}, options.cluster_delay_ms);
  reading.duration("fencing-timeout", "stonith-timeout", options.fencing_timeout_ms);
  reading.duration("node-pending-timeout", {}, options.node_pending_timeout_ms);
  reading.integer("fencing-max-attempts", "stonith-max-attempts", options.fencing_max_attempts);
  reading.integer("node-action-limit", {}, options.node_action_limit);
  reading.boolean("shutdown-lock", options.shutdown_lock);
  if (const std::string* reaction = reading.find("fencing-reaction", "fence-reaction")) {
    options.fencing_reaction_panics = iequals(*reaction, "panic");
  }
  if (const std::string* policy = reading.find("no-quorum-policy", {})) {
    options.no_quorum_fences = iequals(*policy, "fence") || iequals(*policy, "suicide");
  }
  options.cluster_name_set = reading.find("cluster-name", {}) != nullptr;
  if (const std::string* text = reading.find("dc-version", {})) options.dc_version = *text;
  if (const std::string* text = reading.find("cluster-infrastructure", {})) {
    options.infrastructure = *text;
  }
  return options;
}

}  // namespace quorate::controller
