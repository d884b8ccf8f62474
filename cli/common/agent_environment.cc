#include "common/agent_environment.h"

#include <cstdlib>

#include "base/text.h"

namespace quorate::cli {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

bool means_local_node(const std::string& given) {
  return given.empty() || iequals(given, "auto") || iequals(given, "localhost");
}

std::string resolve_node(const std::string& given) {
  if (!means_local_node(given)) return given;
  const auto host = environment("OCF_RESKEY_CRM_meta_physical_host");
  const auto target = environment("OCF_RESKEY_CRM_meta_container_attribute_target");
  if (host && target && iequals(*target, "host")) return *host;
  return environment("OCF_RESKEY_CRM_meta_on_node").value_or(given);
}

}  // namespace quorate::cli
