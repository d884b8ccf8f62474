#include "cibadmin/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace quorate::cibadmin {

using cli::Option;
using cli::OptionGroup;
using cli::set_flag;
using cli::set_integer;
using cli::set_text;

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto command = cli::chooser(s.command);

  OptionGroup commands{
      "",
      "",
      "",
      {command('u', "upgrade", "Upgrade the configuration to the latest syntax", Command::kUpgrade),
       command('Q', "query", "Query the contents of the CIB", Command::kQuery),
       command('E', "erase", "Erase the contents of the whole CIB", Command::kErase),
       command('B', "bump", "Increase the CIB's epoch value by 1", Command::kBump),
       command('C', "create", "Create an object in the CIB (will fail if object already exists)",
               Command::kCreate),
       command('M', "modify", "Find object somewhere in CIB's XML tree and update it",
               Command::kModify),
       command('P', "patch", "Supply an update in the form of an XML diff (see crm_diff(8))",
               Command::kPatch),
       command('R', "replace", "Recursively replace an object in the CIB", Command::kReplace),
       command('D', "delete", "Delete first object matching supplied criteria", Command::kDelete),
       command('d', "delete-all", "When used with --xpath, remove all matching objects",
               Command::kDeleteAll),
       {'a', "empty", "schema", "Output an empty CIB, valid with the given or the latest schema",
        [&s](std::string_view value) -> Result<void> {
          s.command = Command::kEmpty;
          s.empty_schema = std::string(value);
          return {};
        },
        false, true},
       command('5', "md5-sum", "Calculate the on-disk CIB digest", Command::kDigest),
       command('6', "md5-sum-versioned", "Calculate an on-the-wire versioned CIB digest",
               Command::kVersionedDigest)}};
  OptionGroup data{
      "data",
      "Data:",
      "Show data help",
      {{'x', "xml-file", "value", "Retrieve XML from the named file", set_text(s.file)},
       {'X', "xml-text", "value", "Retrieve XML from the supplied string", set_text(s.text)},
       {'p', "xml-pipe", "", "Retrieve XML from stdin", set_flag(s.pipe)}}};
  const auto ignore = [](std::string_view) -> Result<void> { return {}; };
  OptionGroup additional{
      "additional",
      "Additional Options:",
      "Show additional options",
      {{'f', "force", "", "Force the action to be performed", set_flag(s.force)},
       {'t', "timeout", "value", "Time (in seconds) to wait before declaring the operation failed",
        set_integer(s.timeout_s)},
       {'U', "user", "value", "Run the command with permissions of the named user",
        set_text(s.user)},
       {'o', "scope", "value", "Limit scope of operation to specific section of CIB",
        [&s](std::string_view value) -> Result<void> {
          s.place = std::string(value);
          s.by_xpath = false;
          return {};
        }},
       {'A', "xpath", "value", "A valid XPath to use instead of --scope",
        [&s](std::string_view value) -> Result<void> {
          s.place = std::string(value);
          s.by_xpath = true;
          return {};
        }},
       {'S', "show-access", "mode",
        "Whether to use syntax highlighting for access: color, text, namespace or auto",
        [&s](std::string_view value) -> Result<void> {
          s.show_access = true;
          if (value.empty()) return {};
          static constexpr std::array<std::string_view, 4> kModes = {"auto", "namespace", "text",
                                                                     "color"};
          if (std::find(kModes.begin(), kModes.end(), value) == kModes.end()) {
            return fail(ErrorKind::kUsage,
                        fmt::format("Invalid value '{}' for option '{{option}}'", value));
          }
          s.access_mode = std::string(value);
          return {};
        },
        false, true},
       {0, "score", "", "Treat new attribute values as atomic score updates", ignore},
       {'c', "allow-create", "", "Allow target of --modify to be created if it does not exist",
        set_flag(s.may_create)},
       {'n', "no-children", "", "When querying an object, do not include its children",
        set_flag(s.no_children)},
       {'l', "local", "", "", ignore, true},
       {'s', "sync-call", "", "", ignore, true},
       {'N', "node", "value", "", ignore, true},
       {'e', "node-path", "", "", set_flag(s.node_path), true},
       {0, "dry-run", "", "", set_flag(s.dry_run), true}}};
  return {commands, data, additional};
}

bool needs_input(const Settings& s) {
  switch (s.command) {
    case Command::kCreate:
    case Command::kModify:
    case Command::kPatch:
    case Command::kReplace:
    case Command::kDigest:
    case Command::kVersionedDigest:
      return true;
    case Command::kDelete:
    case Command::kDeleteAll:
      return !s.by_xpath;
    default:
      return false;
  }
}

}  // namespace quorate::cibadmin
