#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/options.h"

namespace quorate::crm_resource {

enum class Command {
  kList,
  kListRaw,
  kQueryXml,
  kQueryXmlRaw,
  kLocate,
  kMove,
  kBan,
  kClear,
  kCleanup,
  kRefresh,
  kFail,
  kDelete,
  kWait,
};

struct Settings {
  Command command = Command::kList;
  std::optional<std::string> resource;
  std::optional<std::string> node;
  std::optional<std::string> operation;
  std::optional<std::string> interval;
  std::optional<std::string> lifetime;
  std::optional<std::string> element;  ///< -t, for --delete
  std::optional<std::int64_t> timeout_ms;
  bool promoted = false;
  bool expired = false;
  bool force = false;
  bool quiet = false;
};

std::vector<cli::OptionGroup> option_groups(Settings& settings);

/// What a command needs before it starts (spec/14 §6.2).
bool needs_resource(const Settings& settings);
bool needs_node(const Settings& settings);

}  // namespace quorate::crm_resource
