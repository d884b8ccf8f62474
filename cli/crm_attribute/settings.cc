#include "crm_attribute/settings.h"

#include "common/attribute_wait.h"

namespace quorate::crm_attribute {

namespace {

using cli::OptionGroup;
using cli::set_flag;
using cli::set_text;

std::string section_of_lifetime(std::string_view lifetime) {
  if (lifetime == "reboot") return "status";
  if (lifetime == "forever") return "nodes";
  return std::string(lifetime);
}

}  // namespace

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto set_section = [&s](std::string section, bool utilization) {
    s.section = std::move(section);
    s.utilization = utilization;
  };
  const auto promotion = [&s](std::string_view resource) -> Result<void> {
    s.promotion = true;
    if (!resource.empty()) s.promotion_resource = std::string(resource);
    return {};
  };
  const auto command = [&s](Command which) { return cli::set_value(s.command, which); };
  const auto ignore = [](std::string_view) -> Result<void> { return {}; };
  OptionGroup selections{
      "selections",
      "Selecting attributes:",
      "Show selecting options",
      {{'n', "name", "NAME", "Operate on attribute or option named NAME", set_text(s.name)},
       {0, "attr-name", "NAME", "", set_text(s.name), true},
       {'P', "pattern", "PATTERN", "Operate on all attributes matching PATTERN",
        set_text(s.pattern)},
       {'p', "promotion", "RESOURCE",
        "Operate on the promotion score of this resource (default: "
        "of the OCF_RESOURCE_INSTANCE environment variable)",
        promotion, false, true},
       {'i', "id", "XML_ID", "Operate on instance of specified attribute with this XML ID",
        set_text(s.pair_id)},
       {'s', "set-name", "NAME",
        "Operate on instance of specified attribute within set with this "
        "XML ID",
        set_text(s.set_id)}}};
  OptionGroup commands{
      "command",
      "Commands:",
      "Show command options",
      {{'G', "query", "", "Display all attributes and/or options that match (default)",
        command(Command::kQuery)},
       {0, "get-value", "", "", command(Command::kQuery), true},
       {'v', "update", "VALUE", "Update value of attribute or option",
        [&s](std::string_view value) -> Result<void> {
          s.command = Command::kUpdate;
          s.value = std::string(value);
          return {};
        }},
       {'D', "delete", "", "Delete specified attribute or option", command(Command::kDelete)},
       {'L', "list-options", "TYPE", "List all options of this type: cluster",
        [&s](std::string_view type) -> Result<void> {
          if (type != "cluster") {
            return fail(ErrorKind::kUsage, "Invalid --list-options value '" + std::string(type) +
                                               "'. Allowed values: cluster");
          }
          s.command = Command::kListOptions;
          return {};
        }},
       {'a', "all", "", "With --list-options: also list advanced and deprecated options",
        set_flag(s.all)}}};
  OptionGroup general{
      "",
      "",
      "",
      {{'d', "default", "VALUE", "Default value to display if none is found in the configuration",
        set_text(s.preset)},
       {'l', "lifetime", "LIFETIME", "Lifetime of the node attribute: reboot or forever",
        [set_section](std::string_view lifetime) -> Result<void> {
          set_section(section_of_lifetime(lifetime), false);
          return {};
        }},
       {'N', "node", "NODE",
        "Set a node attribute for the named node (instead of a cluster "
        "option)",
        set_text(s.node)},
       {'U', "node-uname", "NODE", "", set_text(s.node), true},
       {'t', "type", "SECTION",
        "Which part of the configuration: crm_config, rsc_defaults, "
        "op_defaults, tickets",
        [set_section](std::string_view section) -> Result<void> {
          set_section(section_of_lifetime(section), false);
          return {};
        }},
       {'z', "utilization", "", "Set a utilization attribute for the node",
        [set_section](std::string_view) -> Result<void> {
          set_section("nodes", true);
          return {};
        }},
       {0, "score", "", "", ignore, true},
       {'W', "wait", "UNTIL", "Wait for an update to take effect: no, local or cluster",
        cli::set_attribute_wait(s.wait)},
       {'q', "quiet", "", "Print only the attribute value", set_flag(s.quiet)},
       {'Q', "", "", "", set_flag(s.quiet), true}}};
  return {general, selections, commands};
}

}  // namespace quorate::crm_attribute
