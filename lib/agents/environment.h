#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agents/standard.h"

/// What an agent finds in its environment (spec/11 §13).
namespace quorate::agents {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// Where agents live on this host, and what every process gets.
struct AgentPaths {
  std::string ocf_root = "/usr/lib/ocf";
  std::vector<std::string> ocf_directories = {"/usr/lib/ocf/resource.d"};
  std::string init_directory = "/etc/init.d";
  std::string fence_directory = "/usr/sbin";
};

/// `base` (the daemon's own, as the shell hands it in, NOTIFY_SOCKET left out) plus, for OCF
/// agents, the OCF variables and one OCF_RESKEY_ per parameter; in CRM_meta_ names `-` becomes `_`,
/// and meta names with `#` or `:` are left out. The parameter OCF_CHECK_LEVEL keeps its own name.
/// A name with `=` or a NUL byte, which no environment can hold, is left out.
Environment resource_environment(Standard standard, const executor::AgentSpec& agent,
                                 const std::string& resource,
                                 const executor::Parameters& parameters, const AgentPaths& paths,
                                 const Environment& base);

/// For fence agents: `base` with PCMK_service=pacemaker-fenced (spec/12 §7.1).
Environment fence_environment(const Environment& base);

/// The file that is run. For OCF `directory` picks one of paths.ocf_directories. Empty if the
/// standard has no program (systemd) or the type would leave the directory.
std::string program_path(Standard standard, const executor::AgentSpec& agent,
                         const AgentPaths& paths, std::size_t directory = 0);

}  // namespace quorate::agents
