#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/executor.h"

/// The kinds of agents and what each can do (spec/11 §1).
namespace quorate::agents {

enum class Standard { kOcf, kStonith, kLsb, kSystemd, kService };

/// By name, ignoring case; nullopt for unknown ones such as heartbeat, upstart or nagios.
std::optional<Standard> standard_from(std::string_view name);
std::string_view standard_name(Standard standard);

bool has_provider(Standard standard);
bool takes_parameters(Standard standard);
bool may_be_unique_clone(Standard standard);
bool may_be_promotable(Standard standard);
/// The action as the agent is asked for it: monitor is `status` for lsb, systemd and service.
std::string_view agent_task(Standard standard, std::string_view task);

/// Checks that standard and type are there and a provider exactly where one belongs.
Result<Standard> check(const executor::AgentSpec& agent);

/// Reads `STANDARD:PROVIDER:TYPE` or `STANDARD:TYPE` (spec/11 §21.2).
Result<executor::AgentSpec> parse_spec(std::string_view spec);
/// `ocf:pacemaker:Dummy`, `systemd:nginx`.
std::string format_spec(const executor::AgentSpec& agent);

}  // namespace quorate::agents
