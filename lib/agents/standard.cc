#include "agents/standard.h"

#include "base/text.h"

namespace quorate::agents {

std::optional<Standard> standard_from(std::string_view name) {
  for (const Standard standard : {Standard::kOcf, Standard::kStonith, Standard::kLsb,
                                  Standard::kSystemd, Standard::kService}) {
    if (iequals(name, standard_name(standard))) return standard;
  }
  return std::nullopt;
}

std::string_view standard_name(Standard standard) {
  switch (standard) {
    case Standard::kOcf:
      return "ocf";
    case Standard::kStonith:
      return "stonith";
    case Standard::kLsb:
      return "lsb";
    case Standard::kSystemd:
      return "systemd";
    case Standard::kService:
      return "service";
  }
  return "unknown";
}

bool has_provider(Standard standard) { return standard == Standard::kOcf; }

bool takes_parameters(Standard standard) {
  return standard == Standard::kOcf || standard == Standard::kStonith;
}

bool may_be_unique_clone(Standard standard) { return takes_parameters(standard); }

bool may_be_promotable(Standard standard) { return standard == Standard::kOcf; }

std::string_view agent_task(Standard standard, std::string_view task) {
  return task == "monitor" && !takes_parameters(standard) ? "status" : task;
}

Result<Standard> check(const executor::AgentSpec& agent) {
  const std::optional<Standard> standard = standard_from(agent.standard);
  if (!standard) {
    return fail(ErrorKind::kInvalid, "'" + agent.standard +
                                         "' is not a known standard of agents; use ocf, service, "
                                         "lsb, systemd or stonith");
  }
  if (agent.type.empty()) return fail(ErrorKind::kInvalid, "agent has no type");
  if (has_provider(*standard) == agent.provider.empty()) {
    return fail(ErrorKind::kInvalid, "agent '" + format_spec(agent) + "' must " +
                                         (has_provider(*standard) ? "" : "not ") +
                                         "have a provider");
  }
  return *standard;
}

Result<executor::AgentSpec> parse_spec(std::string_view spec) {
  const auto invalid = [&] {
    return fail(ErrorKind::kInvalid,
                "'" + std::string(spec) + "' is not a valid agent specification");
  };
  const std::size_t colon = spec.find(':');
  if (colon == std::string_view::npos) return invalid();
  const std::optional<Standard> standard = standard_from(spec.substr(0, colon));
  if (!standard) return invalid();
  executor::AgentSpec agent{std::string(spec.substr(0, colon)), "", ""};
  std::string_view rest = spec.substr(colon + 1);
  const std::size_t second = rest.find(':');
  if (has_provider(*standard)) {
    if (second == std::string_view::npos) return invalid();
    agent.provider = rest.substr(0, second);
    rest.remove_prefix(second + 1);
    if (agent.provider.empty()) return invalid();
  } else if (second != std::string_view::npos && *standard != Standard::kSystemd) {
    return invalid();
  }
  if (rest.empty()) return invalid();
  agent.type = rest;
  return agent;
}

std::string format_spec(const executor::AgentSpec& agent) {
  return agent.standard + ":" + (agent.provider.empty() ? "" : agent.provider + ":") + agent.type;
}

}  // namespace quorate::agents
