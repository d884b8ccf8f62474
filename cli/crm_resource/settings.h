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
  kListOperations,
  kListAllOperations,
  kListOptions,
  kListStandards,
  kListProviders,
  kListAlternatives,
  kListAgents,
  kGetParameter,
  kSetParameter,
  kDeleteParameter,
  kConstraints,
  kWhy,
  kDigests,
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
  kRestart,
  kWait,
};

/// What --get-parameter and its kin work on.
enum class AttributeKind { kInstance, kMeta, kUtilization, kElement };

struct Settings {
  Command command = Command::kList;
  std::optional<std::string> resource;
  std::optional<std::string> node;
  std::optional<std::string> operation;
  std::optional<std::string> interval;
  std::optional<std::string> lifetime;
  std::optional<std::string> element;  ///< -t, for --delete
  std::optional<std::int64_t> timeout_ms;
  std::string attribute;  ///< name, for --get-parameter and its kin
  AttributeKind kind = AttributeKind::kInstance;
  std::optional<std::string> value;    ///< -v
  std::optional<std::string> set_id;   ///< -s
  std::optional<std::string> pair_id;  ///< -i
  std::string listed;  ///< what a list is wanted of: options of, agents of, alternatives to
  bool all = false;    ///< --list-options: advanced and deprecated ones too
  bool recursive = false;
  bool takes_overrides = false;  ///< a command that takes NAME=VALUE words was given
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
