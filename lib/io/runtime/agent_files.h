#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agents/environment.h"
#include "io/runtime/settings.h"

/// What executor and fencer ask of the disk about agents, as ComputeAside tasks (for inputs and
/// outputs see executor::AgentQueries; spec/11 §12, §17, §18.8, §21.1).
namespace quorate::runtime {

/// Where agents are: the defaults, or below QUORATE_OCF_ROOT and in QUORATE_FENCE_DIR.
agents::AgentPaths agent_paths();

/// This process' environment as agents inherit it (spec/11 §26.2): without NOTIFY_SOCKET, with
/// PCMK_service, OCF_OUTPUT_FORMAT, the log settings under their HA_ names, and each PCMK_x as
/// HA_x.
agents::Environment agent_environment(const Settings& settings, std::string_view service);

/// Names of installed agents, providers or standards, one per line. Unreadable folders are empty.
std::string list_agents(const agents::AgentPaths& paths, const std::string& query);
/// The content of an init script, at most 1 MiB; empty if it can't be read.
std::string read_init_script(const std::string& path);

/// Unit files systemd knows, by name without `.service` (spec/11 §18.8). Blocks on D-Bus for at
/// most 5 s; empty without it.
std::vector<std::string> list_unit_files();

}  // namespace quorate::runtime
