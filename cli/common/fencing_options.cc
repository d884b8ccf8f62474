// Parameters every fence device has, whatever its agent.

#include "common/option_catalog.h"

namespace quorate::cli {

namespace {

/// What is configured for each of the actions of an agent.
void add_action(std::vector<OptionInfo>& options, const std::string& action) {
  const auto add = [&](const char* suffix, const char* type, std::string preset,
                       std::string summary, std::string details) {
    OptionInfo option{"pcmk_" + action + suffix, type, std::move(preset), std::move(summary),
                      std::move(details)};
    option.advanced = true;
    options.push_back(std::move(option));
  };
  add("_action", "string", action, "The agent's action to use in place of '" + action + "'",
      "For agents that don't know the standard actions or use other names for them.");
  add("_timeout", "timeout", "60s", "Timeout of '" + action + "' actions",
      "In place of fencing-timeout, for devices that need more or less time.");
  add("_retries", "integer", "2", "How often '" + action + "' is tried within its timeout",
      "Some devices can't be reached by two clients at once; the action is tried again if time is "
      "left.");
}

}  // namespace

OptionCatalog fencing_options() {
  OptionCatalog catalog{
      "fence-attributes",
      "Fencing resource common parameters",
      "Parameters of fence devices that the cluster evaluates, whatever the agent.",
      {{"pcmk_host_argument",
        "string",
        std::nullopt,
        "Name of the agent's parameter for the target",
        "Default: what the agent's metadata says. none: the target is not passed.",
        {},
        false,
        true},
       {"pcmk_host_map", "string", std::nullopt, "Names of nodes and what the device calls them",
        "For example node1:1;node2:2,3 for outlet 1 for node1 and outlets 2 and 3 for node2."},
       {"pcmk_host_list", "string", std::nullopt, "Nodes the device can fence",
        "Separated by blanks, commas or semicolons."},
       {"pcmk_host_check",
        "select",
        std::nullopt,
        "How to find out which nodes the device can fence",
        "dynamic-list: ask the device for a list; static-list: pcmk_host_list and pcmk_host_map; "
        "status: ask for the status of the node; none: the device can fence all. Default: "
        "static-list if there is a list or map, else dynamic-list or status if the agent can, "
        "else none.",
        {"dynamic-list", "static-list", "status", "none"}},
       {"pcmk_delay_max", "duration", "0s", "Longest random delay before the device is used",
        "Keeps two nodes from fencing each other at the same moment."},
       {"pcmk_delay_base", "string", "0s", "Fixed part of the delay before the device is used",
        "A time, or a list of nodes and times such as node1:1s;node2:5."},
       {"pcmk_action_limit", "integer", "1", "Number of actions the device can run at once",
        "-1 means no limit."}}};
  for (const char* action : {"reboot", "off", "on", "list", "monitor", "status"}) {
    add_action(catalog.options, action);
  }
  return catalog;
}

}  // namespace quorate::cli
