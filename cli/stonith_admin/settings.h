#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/options.h"

namespace quorate::stonith_admin {

/// In the order of spec/14 §11.1: of several given, the last of this list is carried out.
enum class Command {
  kNone,
  kValidate,
  kListInstalled,
  kListRegistered,
  kRegister,
  kQuery,
  kDeregister,
  kListTargets,
  kListFor,
  kMetadata,
  kReboot,
  kFence,
  kUnfence,
  kConfirm,
  kLast,
  kHistory,
  kRegisterLevel,
  kDeregisterLevel,
};

struct Settings {
  Command command = Command::kNone;
  std::string subject;  ///< host, device, node or level target of that command
  std::optional<std::string> agent;
  std::map<std::string, std::string> parameters;
  std::vector<std::string> devices;
  std::int64_t index = 0;
  std::int64_t timeout_s = 120;
  std::int64_t delay_s = 0;
  std::optional<std::string> tolerance;
  std::optional<std::string> tag;
  bool cleanup = false;
  bool broadcast = false;
  bool by_node_id = false;
  bool quiet = false;
};

/// The options of the tool, writing into `settings`.
std::vector<cli::OptionGroup> option_groups(Settings& settings);

}  // namespace quorate::stonith_admin
