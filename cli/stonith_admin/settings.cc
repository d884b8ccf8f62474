#include "stonith_admin/settings.h"

#include <cstdlib>

namespace quorate::stonith_admin {

namespace {

using cli::Option;
using cli::OptionGroup;
using cli::set_flag;
using cli::set_text;

Result<void> add_parameter(Settings& settings, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(ErrorKind::kUsage,
                "Invalid option: -o " + std::string(text) + ": Bad name/value pair given");
  }
  settings.parameters[std::string(text.substr(0, equals))] = std::string(text.substr(equals + 1));
  return {};
}

Result<void> add_environment(Settings& settings, std::string_view name) {
  const char* value = std::getenv(("OCF_RESKEY_" + std::string(name)).c_str());
  if (value == nullptr) return fail(ErrorKind::kUsage, "Invalid option: -e " + std::string(name));
  settings.parameters[std::string(name)] = value;
  return {};
}

}  // namespace

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto command = [&s](char letter, std::string_view name, std::string_view value_name,
                            std::string_view help, Command which) {
    return Option{letter, name, value_name, help,
                  [&s, which](std::string_view value) -> Result<void> {
                    if (which < s.command) return {};
                    s.command = which;
                    if (!value.empty()) s.subject = std::string(value);
                    return {};
                  }};
  };
  OptionGroup definition{
      "definition",
      "Device Definition Commands:",
      "Show device definition help",
      {command('R', "register", "DEVICE", "Register the named fencing device", Command::kRegister),
       command('D', "deregister", "DEVICE", "De-register the named fencing device",
               Command::kDeregister),
       command('r', "register-level", "TARGET", "Register a fencing level for the named target",
               Command::kRegisterLevel),
       command('d', "deregister-level", "TARGET", "Unregister a fencing level for the named target",
               Command::kDeregisterLevel)}};
  OptionGroup queries{
      "queries",
      "Queries:",
      "Show query help",
      {command('l', "list", "HOST", "List devices that can terminate the specified host",
               Command::kListFor),
       command('L', "list-registered", "", "List all registered devices", Command::kListRegistered),
       command('I', "list-installed", "", "List all installed devices", Command::kListInstalled),
       command('s', "list-targets", "DEVICE", "List the targets that can be fenced by the device",
               Command::kListTargets),
       command('M', "metadata", "", "Show agent metadata", Command::kMetadata),
       command('Q', "query", "DEVICE", "Check the named device's status", Command::kQuery),
       command('H', "history", "NODE",
               "Show last successful fencing operation for a node ('*': all)", Command::kHistory),
       command('h', "last", "NODE", "Indicate when the named node was last fenced", Command::kLast),
       command('K', "validate", "", "Validate a fence device configuration", Command::kValidate)}};
  OptionGroup fencing{
      "fence",
      "Fencing Commands:",
      "Show fence help",
      {command('F', "fence", "HOST", "Fence the named host", Command::kFence),
       command('U', "unfence", "HOST", "Unfence the named host", Command::kUnfence),
       command('B', "reboot", "HOST", "Reboot the named host", Command::kReboot),
       command('C', "confirm", "HOST", "Tell the cluster that the named host is now safely down",
               Command::kConfirm)}};
  OptionGroup general{
      "",
      "",
      "",
      {{'c', "cleanup", "", "Clean up wherever appropriate", set_flag(s.cleanup)},
       {'b', "broadcast", "", "Broadcast wherever appropriate", set_flag(s.broadcast)},
       {'a', "agent", "AGENT", "The agent to use", set_text(s.agent)},
       {'o', "option", "NAME=VALUE", "A device parameter, may be given several times",
        [&s](std::string_view text) { return add_parameter(s, text); }},
       {'e', "env-option", "NAME", "A device parameter from the environment (OCF_RESKEY_NAME)",
        [&s](std::string_view name) { return add_environment(s, name); }},
       {'T', "tag", "TAG", "Identify the request with this tag in the history", set_text(s.tag)},
       {'v', "device", "ID", "A device of a level, may be given several times",
        cli::append_text(s.devices)},
       {'i', "index", "LEVEL", "The level to register or unregister", cli::set_integer(s.index)},
       {'t', "timeout", "SECONDS", "Operation timeout in seconds (default 120)",
        cli::set_integer(s.timeout_s)},
       {'y', "delay", "SECONDS", "Apply a fencing delay in seconds; -1 disables all delays",
        cli::set_integer(s.delay_s)},
       {'n', "as-node-id", "", "The node given with --last is a node ID", set_flag(s.by_node_id)},
       {0, "tolerance", "TIME", "Do nothing if the node was fenced that recently",
        set_text(s.tolerance)},
       {'q', "quiet", "", "Be less descriptive in output", set_flag(s.quiet)}}};
  return {general, definition, queries, fencing};
}

}  // namespace quorate::stonith_admin
