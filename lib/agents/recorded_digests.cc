#include "agents/recorded_digests.h"

#include <algorithm>
#include <vector>

#include "base/digest.h"

namespace quorate::agents {
namespace {

std::string name_list(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string list = " ";
  for (const std::string& name : names) list += " " + name;
  return list + "  ";
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

RecordedDigests recorded_digests(const std::map<std::string, std::string>& parameters,
                                 std::int64_t interval_ms, const Metadata* metadata) {
  auto counted = parameters;
  if (interval_ms > 0) counted.try_emplace("CRM_meta_interval", std::to_string(interval_ms));
  counted = digest_parameters(counted);

  RecordedDigests digests;
  digests.op_digest = parameters_digest(counted);
  if (metadata == nullptr) return digests;
  if (interval_ms == 0 && !metadata->reload_task().empty()) {
    const std::vector<std::string> names = metadata->restart_parameters();
    auto reduced = counted;
    std::erase_if(reduced, [&](const auto& entry) { return !contains(names, entry.first); });
    digests.op_force_restart = name_list(names);
    digests.op_restart_digest = parameters_digest(reduced);
  }
  if (const auto names = metadata->private_parameters(); !names.empty()) {
    auto reduced = counted;
    std::erase_if(reduced, [&](const auto& entry) { return contains(names, entry.first); });
    digests.op_secure_params = name_list(names);
    digests.op_secure_digest = parameters_digest(reduced);
  }
  return digests;
}

}  // namespace quorate::agents
