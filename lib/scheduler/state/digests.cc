#include "scheduler/state/digests.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "scheduler/actions/operation.h"
#include "scheduler/state/cache.h"
#include "scheduler/state/reading.h"

/// Parameter digests (spec/03 §16).
namespace quorate::scheduler {

using model::Node;
using model::Resource;
using Parameters = std::map<std::string, std::string>;

namespace {

constexpr std::string_view kUnfencingTask = "stonith-on";
constexpr std::string_view kUnfencingPrivate = "passwd password user";

/// What a digest is computed for.
struct Subject {
  Resource& resource;
  const Node& node;
  std::string_view task;
  std::int64_t interval_ms = 0;
  xml::Element entry;  ///< null for unfencing
  xml::Element config;
  const Parameters* overrides = nullptr;  ///< take the place of what is configured
};

bool has_instance_attributes(Context& context, const Subject& subject) {
  model::NameValues values;
  merge_into(context, subject.config, "instance_attributes", time_only(context), values);
  return !values.empty();
}

void add_all(Parameters& target, const model::NameValues& source) {
  for (const auto& [name, value] : source) target.emplace(name, value);
}

void add_connection_address(Context& context, const Subject& subject, Parameters& parameters) {
  Resource& resource = subject.resource;
  if (!resource.is_connection()) return;
  const auto address = parameters_of(context, resource, nullptr).get("addr");
  if (!address || !iequals(*address, "#uname") || resource.launcher == nullptr) return;
  const Resource& launcher = *resource.launcher;
  const Node* host = launcher.assigned ? launcher.assigned->node : nullptr;
  if (host == nullptr) host = current_node(launcher);
  if (host != nullptr) parameters.emplace("addr", host->name);
}

void add_operation_parameters(Context& context, const Subject& subject, Parameters& parameters) {
  rules::RuleContext inputs = time_only(context);
  const std::function<std::optional<std::string_view>(std::string_view)> attribute =
      [&subject](std::string_view name) { return subject.node.attributes.get(name); };
  inputs.node_attribute = &attribute;
  model::NameValues values;
  merge_into(context, subject.config, "instance_attributes", inputs, values);
  add_all(parameters, values);
}

void add_meta(Context& context, const Subject& subject, Parameters& parameters) {
  const model::NameValues meta = operation_meta(context, subject.resource, &subject.node,
                                                subject.task, subject.interval_ms, subject.config);
  for (const auto& [name, value] : meta) {
    if (name.find_first_of("#:") != std::string_view::npos) continue;
    std::string full = concat({"CRM_meta_", name});
    std::replace(full.begin(), full.end(), '-', '_');
    parameters.emplace(std::move(full), value);
  }
}

/// Names of a list attribute such as op-force-restart.
std::vector<std::string_view> names_in(std::string_view list) { return split_words(list); }

/// pcmk_*_action, pcmk_*_timeout, pcmk_*_retries
bool is_fence_operation_setting(std::string_view name) {
  if (!name.starts_with("pcmk_")) return false;
  const std::size_t second = name.find('_', 5);
  if (second == std::string_view::npos) return false;
  const std::string_view tail = name.substr(second);
  return tail == "_action" || tail == "_timeout" || tail == "_retries";
}

bool is_fence_setting(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "provides",        "stonith-timeout", "pcmk_action_limit",
      "pcmk_delay_base", "pcmk_delay_max",  "pcmk_host_argument",
      "pcmk_host_check", "pcmk_host_list",  "pcmk_host_map"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames) ||
         is_fence_operation_setting(name);
}

/// Feature set of the software that recorded the entry.
std::string_view recording_feature_set(const Context& context, xml::Element entry) {
  if (const auto own = entry.get("crm_feature_set")) return *own;
  return context.snapshot.cib.get_or("crm_feature_set", "3.20.5");
}

Parameters secure_parameters(Context& context, const Subject& subject, const Parameters& all) {
  const std::string_view list = subject.task == kUnfencingTask
                                    ? kUnfencingPrivate
                                    : subject.entry.get_or("op-secure-params", {});
  const bool old = compare_versions(recording_feature_set(context, subject.entry), "3.16.0") < 0;
  Parameters open;
  if (old) {
    add_all(open, parameters_of(context, subject.resource, &subject.node));
  } else {
    open = all;
  }
  for (const std::string_view name : names_in(list)) open.erase(std::string(name));
  if (old && iequals(subject.resource.standard, "stonith")) {
    std::erase_if(open, [](const auto& parameter) { return is_fence_setting(parameter.first); });
  }
  return digest_parameters(open);
}

Parameters restart_parameters(const Subject& subject, const Parameters& all) {
  const auto list = subject.entry.get("op-force-restart");
  if (!list) return all;
  Parameters some;
  for (const std::string_view name : names_in(*list)) {
    if (const auto found = all.find(std::string(name)); found != all.end()) some.insert(*found);
  }
  return some;
}

Parameters all_parameters(Context& context, const Subject& subject) {
  Parameters parameters;
  if (subject.overrides != nullptr) parameters = *subject.overrides;
  add_connection_address(context, subject, parameters);
  add_all(parameters, parameters_of(context, subject.resource, &subject.node));
  add_operation_parameters(context, subject, parameters);
  // Of these a digest has but the timeout, and that of recurring operations only.
  if (subject.interval_ms != 0) add_meta(context, subject, parameters);
  return digest_parameters(parameters);
}

}  // namespace

std::optional<std::string_view> restart_digest(Context& context, xml::Element entry) {
  if (!entry) return std::nullopt;
  if (cache_of(context).expired_recurring.contains(entry.raw())) {
    return "calculated-failure-timeout";
  }
  return entry.get("op-restart-digest");
}

namespace {

Digests compute(Context& context, const Subject& subject) {
  const Parameters filtered = all_parameters(context, subject);
  Digests digests;
  digests.main = parameters_digest(filtered);
  if (restart_digest(context, subject.entry)) {
    digests.restart = parameters_digest(restart_parameters(subject, filtered));
  }
  const bool unfencing = subject.task == kUnfencingTask;
  if (unfencing || context.snapshot.sanitized) {
    digests.secure = parameters_digest(secure_parameters(context, subject, filtered));
  }
  if (subject.interval_ms == 0 && !unfencing && has_instance_attributes(context, subject)) {
    digests.result = DigestResult::kRestart;
  }
  return digests;
}

Digests& digests_of(Context& context, Resource& resource, const Node& node, std::string_view task,
                    std::int64_t interval_ms, xml::Element entry) {
  const std::string key =
      concat({node.id, "\n", resource.id, "\n", task, "\n", std::to_string(interval_ms)});
  auto& cached = cache_of(context).digests;
  if (const auto found = cached.find(key); found != cached.end()) return found->second;
  Subject subject{resource, node, task, interval_ms, entry, {}};
  subject.config = find_operation(context, resource, task, interval_ms);
  return cached.emplace(key, compute(context, subject)).first->second;
}

DigestResult judge(Context& context, const Digests& digests, std::int64_t interval_ms,
                   xml::Element entry) {
  const auto main = entry.get("op-digest");
  const auto restart = restart_digest(context, entry);
  if (restart && !digests.restart.empty() && *restart != digests.restart) {
    return DigestResult::kRestart;
  }
  if (!main) return DigestResult::kUnknown;
  if (*main == digests.main) return DigestResult::kMatch;
  if (interval_ms == 0 && digests.result == DigestResult::kRestart) return DigestResult::kRestart;
  return DigestResult::kMismatch;
}

}  // namespace

DigestComparison compare_digests(Context& context, Resource& resource, const Node& node,
                                 std::string_view task, std::int64_t interval_ms,
                                 xml::Element entry) {
  Digests& digests = digests_of(context, resource, node, task, interval_ms, entry);
  digests.result = judge(context, digests, interval_ms, entry);
  const auto secure = entry.get("op-secure-digest");
  const bool only_private = context.snapshot.sanitized && digests.result != DigestResult::kMatch &&
                            secure && *secure == digests.secure;
  return {digests.result, only_private};
}

std::vector<NamedDigest> operation_digests(Context& context, Resource& resource, const Node& node,
                                           std::string_view task, std::int64_t interval_ms,
                                           xml::Element entry, const Parameters& overrides) {
  Subject subject{resource, node, task, interval_ms, entry, {}, &overrides};
  subject.config = find_operation(context, resource, task, interval_ms);
  const Parameters all = all_parameters(context, subject);
  std::vector<NamedDigest> digests{{"all", parameters_digest(all), all}};
  const Parameters open = secure_parameters(context, subject, all);
  digests.push_back({"nonprivate", parameters_digest(open), open});
  if (restart_digest(context, entry)) {
    const Parameters fixed = restart_parameters(subject, all);
    digests.push_back({"nonreloadable", parameters_digest(fixed), fixed});
  }
  return digests;
}

namespace {

void collect_unfencing_devices(const std::vector<Resource*>& resources,
                               std::vector<Resource*>& devices) {
  for (Resource* resource : resources) {
    if (!resource->children.empty()) {
      collect_unfencing_devices(resource->children, devices);
    } else if (resource->is_fence_device &&
               (resource->needs == model::Requires::kUnfencing ||
                iequals(resource->meta.get_or("provides", {}), "unfencing"))) {
      devices.push_back(resource);
    }
  }
}

/// Does this device's definition differ from what the node was unfenced with?
bool device_changed(Context& context, const Node& node, const Resource& device,
                    const std::string& summary, const std::string& secure_summary) {
  const auto all = node.attributes.get("#digests-all");
  if (!all || all->find(summary) != std::string_view::npos) return false;
  const std::string_view secure = node.attributes.get_or("#digests-secure", {});
  if (secure.find(secure_summary) != std::string_view::npos) {
    context.snapshot.report(model::MessageClass::kInfo,
                            concat({"Only 'private' parameters to ", device.id, " for unfencing ",
                                    node.name, " changed"}));
    return false;
  }
  context.snapshot.report(
      model::MessageClass::kNotice,
      concat({"Unfencing node ", node.name, " because the definition of ", device.id, " changed"}));
  return true;
}

}  // namespace

UnfencingDigests unfencing_digests(Context& context, const Node& node) {
  std::vector<Resource*> devices;
  collect_unfencing_devices(context.snapshot.resources, devices);
  std::reverse(devices.begin(), devices.end());
  UnfencingDigests result;
  for (Resource* device : devices) {
    const Digests& digests = digests_of(context, *device, node, kUnfencingTask, 0, {});
    const std::string start = concat({device->id, ":", device->meta.get_or("type", {}), ":"});
    const std::string summary = start + digests.main;
    const std::string secure_summary = start + digests.secure;
    if (device_changed(context, node, *device, summary, secure_summary)) result.changed = true;
    result.all += summary + ",";
    result.secure += secure_summary + ",";
  }
  return result;
}

}  // namespace quorate::scheduler
