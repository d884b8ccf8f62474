#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/options.h"
#include "messages/attributes.h"

namespace quorate::crm_attribute {

enum class Command { kQuery, kUpdate, kDelete, kListOptions };

struct Settings {
  Command command = Command::kQuery;
  std::optional<std::string> name;
  std::optional<std::string> pattern;
  bool promotion = false;
  std::optional<std::string> promotion_resource;
  std::optional<std::string> pair_id;
  std::optional<std::string> set_id;
  std::string value;
  std::optional<std::string> preset;  ///< --default
  std::optional<std::string> node;
  std::string section;
  bool utilization = false;
  AttributeWait wait = AttributeWait::kNo;
  bool quiet = false;
  bool all = false;  ///< --list-options: also advanced and deprecated ones
};

std::vector<cli::OptionGroup> option_groups(Settings& settings);

}  // namespace quorate::crm_attribute
