#include "agents/fence_parameters.h"

#include <algorithm>
#include <array>

#include "base/duration.h"
#include "base/text.h"

namespace quorate::agents {
namespace {

constexpr std::array<std::string_view, 10> kFixedNames = {
    "provides",          "stonith-timeout",   "crm_feature_set", "pcmk_host_list",
    "pcmk_host_map",     "pcmk_host_check",   "pcmk_delay_base", "pcmk_delay_max",
    "pcmk_action_limit", "pcmk_host_argument"};
constexpr std::size_t kMaxTargets = 100'000;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::vector<std::string_view> split_any(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    if (end > at) pieces.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return pieces;
}

std::string_view leading_name(std::string_view piece) {
  std::size_t length = 0;
  while (length < piece.size()) {
    const char c = piece[length];
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '_' || c == '-' || c == '.';
    if (!plain) break;
    ++length;
  }
  return piece.substr(0, length);
}

std::string_view get(const FenceParameters& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

/// Whole seconds of a duration; 0 if it isn't one.
std::int64_t duration_s(std::string_view text) {
  return text.empty() ? 0 : parse_interval_ms(trim(text)).value_or(0) / 1000;
}

std::string one_line(std::string_view text) {
  return std::string(text.substr(0, text.find_first_of(std::string_view("\n\0", 2))));
}

}  // namespace

bool is_fence_manager_parameter(std::string_view name) {
  if (iequals(name, "action") || name.starts_with("CRM_meta_")) return true;
  if (std::find(kFixedNames.begin(), kFixedNames.end(), name) != kFixedNames.end()) return true;
  constexpr std::string_view kPrefix = "pcmk_";
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  const std::size_t underscore = name.find('_');
  if (underscore == std::string_view::npos || underscore == 0) return false;
  const std::string_view suffix = name.substr(underscore);
  return suffix == "_action" || suffix == "_timeout" || suffix == "_retries";
}

std::vector<std::string> parse_host_list(std::string_view text) {
  std::string unescaped(text);
  for (std::size_t at = 0; (at = unescaped.find("\\n", at)) != std::string::npos;) {
    unescaped.replace(at, 2, "\n");
  }
  std::vector<std::string> targets;
  for (const std::string_view line : split_any(unescaped, "\n")) {
    if (line.find("invalid") != std::string_view::npos ||
        line.find("variable") != std::string_view::npos) {
      continue;
    }
    for (const std::string_view piece : split_any(line, " \t\r\v\f,;")) {
      const std::string_view name = leading_name(piece);
      if (name.empty() || iequals(name, "on") || iequals(name, "off")) continue;
      if (targets.size() >= kMaxTargets) return targets;
      targets.emplace_back(name);
    }
  }
  return targets;
}

std::map<std::string, std::string> parse_host_map(std::string_view text,
                                                  std::vector<std::string>* errors) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::map<std::string, std::string> map;
  for (const std::string_view piece : split_any(text, "; \t")) {
    const std::size_t at = piece.find_first_of(":=");
    if (at == std::string_view::npos || at == 0 || at + 1 == piece.size()) {
      if (errors != nullptr) {
        errors->push_back("pcmk_host_map: Malformed mapping '" + std::string(piece) + "'");
      }
      continue;
    }
    map[to_lower(piece.substr(0, at))] = piece.substr(at + 1);
  }
  return map;
}

std::optional<std::int64_t> fence_timeout_ms(const FenceParameters& parameters,
                                             std::string_view action) {
  const std::string_view text = get(parameters, "pcmk_" + std::string(action) + "_timeout");
  return text.empty() ? std::nullopt : parse_interval_ms(text);
}

int fence_attempts(const FenceParameters& parameters, std::string_view action) {
  const std::string_view text = get(parameters, "pcmk_" + std::string(action) + "_retries");
  if (text.empty()) return 2;
  return static_cast<int>(std::clamp<std::int64_t>(to_integer(text).value_or(0), 1, 1000));
}

std::string fence_agent_action(const FenceParameters& parameters, std::string_view action) {
  const std::string_view other = get(parameters, "pcmk_" + std::string(action) + "_action");
  return std::string(other.empty() ? action : other);
}

int fence_action_limit(const FenceParameters& parameters) {
  const std::int64_t limit = to_integer(get(parameters, "pcmk_action_limit")).value_or(1);
  if (limit < 0) return 0;
  return static_cast<int>(std::clamp<std::int64_t>(limit, 1, 1'000'000));
}

FenceDelay fence_delay(const FenceParameters& parameters, std::string_view target) {
  const std::string_view base = get(parameters, "pcmk_delay_base");
  FenceDelay delay;
  bool found = false;
  if (base.find(':') != std::string_view::npos) {
    for (const std::string_view pair : split_any(base, "; \t")) {
      const std::size_t colon = pair.find(':');
      if (colon == std::string_view::npos || colon == 0 || colon + 1 == pair.size()) continue;
      if (!iequals(pair.substr(0, colon), target)) continue;
      delay.base_s = duration_s(pair.substr(colon + 1));
      found = true;
      break;
    }
  }
  if (!found) delay.base_s = duration_s(base);
  delay.max_s = duration_s(get(parameters, "pcmk_delay_max"));
  if (delay.max_s == 0) delay.max_s = delay.base_s;
  if (delay.base_s > delay.max_s) {
    delay.base_s = delay.max_s;
    delay.limited = true;
  }
  return delay;
}

std::string fence_input(const FenceParameters& parameters, std::string_view agent,
                        std::string_view action, std::string_view target, std::string_view port,
                        std::string_view default_host_argument) {
  FenceParameters lines;
  for (const auto& [name, value] : parameters) {
    if (!is_fence_manager_parameter(name)) lines[one_line(name)] = one_line(value);
  }
  if (!target.empty()) {
    lines.try_emplace("nodename", one_line(target));
    const std::string_view configured = get(parameters, "pcmk_host_argument");
    const std::string argument(configured.empty() ? default_host_argument : configured);
    if (!argument.empty() && argument != "none" && agent != "fence_legacy") {
      std::string& value = lines[one_line(argument)];
      if (value.empty() || iequals(value, "dynamic")) value = one_line(port);
    }
  }
  std::string input = "action=" + fence_agent_action(parameters, action) + "\n";
  for (const auto& [name, value] : lines) input += name + "=" + value + "\n";
  return input;
}

}  // namespace quorate::agents
