#include "agents/environment.h"

#include <algorithm>
#include <map>

namespace quorate::agents {
namespace {

void add_base(const Environment& base, std::map<std::string, std::string>& variables) {
  for (const auto& [name, value] : base) {
    if (name != "NOTIFY_SOCKET") variables[name] = value;
  }
}

void add_parameter(const std::string& name, const std::string& value,
                   std::map<std::string, std::string>& variables) {
  if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos) {
    return;
  }
  if (name == "OCF_CHECK_LEVEL") {
    variables[name] = value;
    return;
  }
  std::string key = name;
  if (key.starts_with("CRM_meta_")) {
    if (key.find_first_of("#:") != std::string::npos) return;
    std::replace(key.begin(), key.end(), '-', '_');
  }
  variables["OCF_RESKEY_" + key] = value;
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos && name != "." && name != "..";
}

}  // namespace

Environment resource_environment(Standard standard, const executor::AgentSpec& agent,
                                 const std::string& resource,
                                 const executor::Parameters& parameters, const AgentPaths& paths,
                                 const Environment& base) {
  std::map<std::string, std::string> variables;
  add_base(base, variables);
  if (standard == Standard::kOcf) {
    for (const auto& [name, value] : parameters) add_parameter(name, value, variables);
    variables["OCF_ROOT"] = paths.ocf_root;
    variables["OCF_RA_VERSION_MAJOR"] = "1";
    variables["OCF_RA_VERSION_MINOR"] = "1";
    variables["OCF_EXIT_REASON_PREFIX"] = "ocf-exit-reason:";
    variables["OCF_OUTPUT_FORMAT"] = "text";
    variables["OCF_RESOURCE_INSTANCE"] = resource;
    variables["OCF_RESOURCE_TYPE"] = agent.type;
    variables["OCF_RESOURCE_PROVIDER"] = agent.provider;
  }
  return {variables.begin(), variables.end()};
}

Environment fence_environment(const Environment& base) {
  std::map<std::string, std::string> variables;
  add_base(base, variables);
  variables["PCMK_service"] = "pacemaker-fenced";
  return {variables.begin(), variables.end()};
}

std::string program_path(Standard standard, const executor::AgentSpec& agent,
                         const AgentPaths& paths, std::size_t directory) {
  switch (standard) {
    case Standard::kOcf:
      if (!is_plain_name(agent.provider) || !is_plain_name(agent.type) ||
          directory >= paths.ocf_directories.size()) {
        return {};
      }
      return paths.ocf_directories[directory] + "/" + agent.provider + "/" + agent.type;
    case Standard::kLsb:
      if (agent.type.starts_with('/')) return agent.type;
      return is_plain_name(agent.type) ? paths.init_directory + "/" + agent.type : std::string();
    case Standard::kStonith:
      return is_plain_name(agent.type) ? paths.fence_directory + "/" + agent.type : std::string();
    default:
      return {};
  }
}

}  // namespace quorate::agents
