#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/options.h"

namespace quorate::crm_ticket {

/// What to show or clean; kNone: modifications only.
enum class Query { kNone, kInfo, kDetails, kRaw, kStateXml, kConstraints, kGetAttribute, kCleanup };

struct Settings {
  Query query = Query::kNone;
  std::optional<std::string> ticket;
  std::string attribute;                                     ///< of --get-attr
  std::vector<std::pair<std::string, std::string>> changes;  ///< attributes to set, in order
  std::vector<std::string> deletions;                        ///< attributes to delete
  std::optional<std::string> waiting_name;                   ///< -S without its -v so far
  std::optional<std::string> waiting_value;                  ///< -v without its -S so far
  std::optional<std::string> preset;
  std::optional<std::string> state_file;
  bool force = false;
};

std::vector<cli::OptionGroup> option_groups(Settings& settings);

}  // namespace quorate::crm_ticket
