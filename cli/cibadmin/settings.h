#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/options.h"

namespace quorate::cibadmin {

enum class Command {
  kQuery,
  kUpgrade,
  kErase,
  kBump,
  kCreate,
  kModify,
  kPatch,
  kReplace,
  kDelete,
  kDeleteAll,
  kEmpty,
  kDigest,
  kVersionedDigest,
};

struct Settings {
  Command command = Command::kQuery;
  std::string empty_schema;
  std::optional<std::string> file;
  std::optional<std::string> text;
  bool pipe = false;
  bool force = false;
  std::int64_t timeout_s = 30;
  std::optional<std::string> user;
  std::string place;
  bool by_xpath = false;
  bool show_access = false;
  std::string access_mode = "auto";
  bool may_create = false;
  bool no_children = false;
  bool node_path = false;
  bool dry_run = false;
};

/// The options of the tool, writing into `settings`.
std::vector<cli::OptionGroup> option_groups(Settings& settings);

/// Whether the command can't do without XML (spec/14 §7.2 step 5).
bool needs_input(const Settings& settings);

}  // namespace quorate::cibadmin
