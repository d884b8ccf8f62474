#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Fence devices' special parameters and the input of fence agents (spec/12 §3, §7.1, §8.2).
namespace quorate::agents {

using FenceParameters = std::map<std::string, std::string>;

/// Whether the parameter is for the manager only and never handed to the agent (spec/12 §3).
bool is_fence_manager_parameter(std::string_view name);

/// Targets of `pcmk_host_list` or of an agent's `list` output (spec/12 §3.1). At most 100,000.
std::vector<std::string> parse_host_list(std::string_view text);

/// Node (lower case) to port (spec/12 §3.2); what is malformed is left out and told in `errors`.
std::map<std::string, std::string> parse_host_map(std::string_view text,
                                                  std::vector<std::string>* errors = nullptr);

/// `pcmk_ACTION_timeout` in ms, if it parses and isn't negative (spec/12 §3).
std::optional<std::int64_t> fence_timeout_ms(const FenceParameters& parameters,
                                             std::string_view action);
/// Attempts allowed: `pcmk_ACTION_retries`, default 2, at least 1 (spec/12 §7.4).
int fence_attempts(const FenceParameters& parameters, std::string_view action);
/// `pcmk_ACTION_action`, else the action.
std::string fence_agent_action(const FenceParameters& parameters, std::string_view action);
/// `pcmk_action_limit`: actions in parallel on one node; 0 means no limit (spec/12 §3).
int fence_action_limit(const FenceParameters& parameters);

/// Base and maximum delay in whole seconds for a target (spec/12 §8.2); `limited` if the base was
/// cut down to the maximum.
struct FenceDelay {
  std::int64_t base_s = 0;
  std::int64_t max_s = 0;
  bool limited = false;
};
FenceDelay fence_delay(const FenceParameters& parameters, std::string_view target);

/// The agent's standard input (spec/12 §7.1): `name=value` lines. `port` is the target's plug (or
/// its name); `default_host_argument` comes from the metadata, empty for none. `target` empty: an
/// action without one. A parameter whose name or value contains a newline would smuggle in
/// another; the rest of it is left out.
std::string fence_input(const FenceParameters& parameters, std::string_view agent,
                        std::string_view action, std::string_view target, std::string_view port,
                        std::string_view default_host_argument);

}  // namespace quorate::agents
