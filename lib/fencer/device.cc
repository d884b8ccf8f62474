#include "fencer/device.h"

#include <algorithm>

#include "base/text.h"

namespace quorate::fencer {
namespace {

std::string parameter(const agents::FenceParameters& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

bool is_target_of(const std::vector<std::string>& targets, std::string_view name) {
  return std::any_of(targets.begin(), targets.end(),
                     [&](const std::string& target) { return iequals(target, name); });
}

bool counts_in_definition(const std::string& name) {
  return !name.starts_with("CRM_meta_") && name != "crm_feature_set";
}

/// Every parameter of `a` that counts is in `b`, values compared without case.
bool covered(const agents::FenceParameters& a, const agents::FenceParameters& b) {
  return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
    if (!counts_in_definition(entry.first)) return true;
    const auto found = b.find(entry.first);
    return found != b.end() && iequals(found->second, entry.second);
  });
}

bool runs_on_target(const agents::Metadata* metadata, std::string_view action) {
  const agents::MetadataAction* known = metadata != nullptr ? metadata->action(action) : nullptr;
  return known != nullptr && known->on_target;
}

bool allowed_for(const agents::Metadata* metadata, std::string_view action, bool is_target,
                 bool allow_self_fencing) {
  if (runs_on_target(metadata, action)) return is_target;
  return !is_target || allow_self_fencing;
}

std::string host_check(const Device& device, const agents::Metadata* metadata) {
  const std::string configured = parameter(device.parameters, "pcmk_host_check");
  if (!configured.empty()) return to_lower(configured);
  if (device.switched_to_status) return "status";
  if (!device.host_list.empty() || !device.host_map.empty()) return "static-list";
  if (supports(metadata, "list")) return "dynamic-list";
  return supports(metadata, "status") ? "status" : "none";
}

Eligibility yes_if(bool eligible, const std::string& check) {
  return {eligible ? Verdict::kYes : Verdict::kNo, check};
}

}  // namespace

Device::Device(std::string device_id, std::string agent_name, agents::FenceParameters given,
               bool provides_unfencing)
    : id(std::move(device_id)),
      agent(std::move(agent_name)),
      parameters(std::move(given)),
      unfencing(provides_unfencing) {
  host_list = agents::parse_host_list(parameter(parameters, "pcmk_host_list"));
  host_map = agents::parse_host_map(parameter(parameters, "pcmk_host_map"));
}

std::string Device::port_of(std::string_view target) const {
  const auto found = host_map.find(to_lower(target));
  return found == host_map.end() ? std::string(target) : found->second;
}

bool Device::same_definition(const Device& other) const {
  return iequals(agent, other.agent) && covered(parameters, other.parameters) &&
         covered(other.parameters, parameters);
}

bool supports(const agents::Metadata* metadata, std::string_view action) {
  return metadata != nullptr && metadata->action(action) != nullptr;
}

bool requires_unfencing(const Device& device, const agents::Metadata* metadata) {
  const agents::MetadataAction* on = metadata != nullptr ? metadata->action("on") : nullptr;
  return device.unfencing || (on != nullptr && on->automatic);
}

std::string default_host_argument(const agents::Metadata* metadata) {
  if (metadata == nullptr) return {};
  if (metadata->parameter("plug") != nullptr) return "plug";
  return metadata->parameter("port") != nullptr ? "port" : "";
}

std::string effective_action(const agents::Metadata* metadata, std::string_view action) {
  return action == "reboot" && metadata != nullptr && !supports(metadata, "reboot")
             ? "off"
             : std::string(action);
}

bool may_execute(const agents::Metadata* metadata, std::string_view action, std::string_view target,
                 std::string_view local_node, bool allow_self_fencing) {
  const bool is_target = iequals(target, local_node);
  if (action != "reboot") return allowed_for(metadata, action, is_target, allow_self_fencing);
  return allowed_for(metadata, "reboot", is_target, allow_self_fencing) ||
         allowed_for(metadata, "off", is_target, allow_self_fencing) ||
         allowed_for(metadata, "on", is_target, false);
}

Eligibility check_eligibility(const Device& device, const agents::Metadata* metadata,
                              std::string_view action, std::string_view target,
                              std::string_view local_node, bool allow_self_fencing,
                              std::int64_t now_ms) {
  if (target.empty()) return {Verdict::kYes, "no target"};
  if (action == "on" && !supports(metadata, "on")) {
    return {Verdict::kNo, "Agent does not support 'on'"};
  }
  if (!may_execute(metadata, action, target, local_node, allow_self_fencing)) {
    return {Verdict::kNo, "This node is not allowed to execute action"};
  }
  const std::string check = host_check(device, metadata);
  if (check == "none") return {Verdict::kYes, check};
  if (check == "static-list") {
    std::vector<std::string> targets = device.host_list;
    for (const auto& [node, port] : device.host_map) {
      targets.push_back(node);
      targets.push_back(port);  // Quirk: ports count as targets, too (spec/12 §3.2.5)
    }
    return yes_if(is_target_of(targets, target), check);
  }
  if (check == "dynamic-list") {
    if (now_ms < device.listed_until_ms) {
      return yes_if(is_target_of(device.listed, device.port_of(target)), check);
    }
    return {Verdict::kAskList, check};
  }
  if (check == "status") return {Verdict::kAskStatus, check};
  return {Verdict::kNo, "Invalid value for pcmk_host_check: " + check};
}

}  // namespace quorate::fencer
