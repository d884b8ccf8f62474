#include "crm_resource/settings.h"

#include "base/duration.h"

namespace quorate::crm_resource {

namespace {
using cli::Option;
using cli::OptionGroup;
using cli::set_flag;
using cli::set_text;
}  // namespace

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto command = cli::chooser(s.command);
  const auto on_attribute = cli::chooser(s.command, s.attribute, "NAME");
  const auto kind = cli::chooser(s.kind);
  const auto list_of = [&s](std::string_view name, std::string_view value_name,
                            std::string_view help, Command which) {
    return Option{0, name, value_name, help, [&s, which](std::string_view value) -> Result<void> {
                    s.command = which;
                    s.listed = std::string(value);
                    return {};
                  }};
  };
  OptionGroup main{"",
                   "",
                   "",
                   {{'r', "resource", "ID", "Resource ID", set_text(s.resource)},
                    {'Q', "quiet", "", "Be less descriptive in results", set_flag(s.quiet)}}};
  OptionGroup queries{
      "queries",
      "Queries:",
      "Show query help",
      {command('L', "list", "List all cluster resources with status", Command::kList),
       command('l', "list-raw", "List IDs of all instantiated resources", Command::kListRaw),
       command('O', "list-operations", "List active resource operations", Command::kListOperations),
       command('o', "list-all-operations", "List all resource operations",
               Command::kListAllOperations),
       {0, "list-options", "TYPE", "List all options of this type: primitive or fencing",
        [&s](std::string_view type) -> Result<void> {
          if (type != "primitive" && type != "fencing") return fail(ErrorKind::kUsage, "");
          s.command = Command::kListOptions;
          s.listed = std::string(type);
          return {};
        }},
       list_of("list-standards", "", "List supported standards", Command::kListStandards),
       list_of("list-ocf-providers", "", "List all available OCF providers",
               Command::kListProviders),
       list_of("list-agents", "STD[:PROV]",
               "List all agents available for the named standard and/or provider",
               Command::kListAgents),
       list_of("list-ocf-alternatives", "AGENT",
               "List all available providers for the named OCF agent", Command::kListAlternatives),
       command('q', "query-xml", "Show XML configuration of a resource, templates expanded",
               Command::kQueryXml),
       command('w', "query-xml-raw", "Show XML configuration of a resource as it is",
               Command::kQueryXmlRaw),
       on_attribute('g', "get-parameter", "Display the value of a parameter of a resource",
                    Command::kGetParameter),
       command('W', "locate", "Show node(s) currently running a resource", Command::kLocate),
       command('a', "constraints", "Display the location and colocation constraints of a resource",
               Command::kConstraints),
       {'A', "stack", "", "Like --constraints, following colocations (same as -a --recursive)",
        [&s](std::string_view) -> Result<void> {
          s.command = Command::kConstraints;
          s.recursive = true;
          return {};
        }},
       command('Y', "why", "Show why resources are not running", Command::kWhy)}};
  OptionGroup commands{
      "commands",
      "Commands:",
      "Show command help",
      {command('C', "cleanup",
               "Forget a resource's failures and its failed history, so that its "
               "state is re-checked",
               Command::kCleanup),
       command('R', "refresh",
               "Forget a resource's history and failures, so that its state is "
               "re-checked",
               Command::kRefresh),
       on_attribute('p', "set-parameter", "Set a parameter of a resource (needs -v)",
                    Command::kSetParameter),
       on_attribute('d', "delete-parameter", "Delete a parameter of a resource",
                    Command::kDeleteParameter)}};
  OptionGroup locations{
      "locations",
      "Locations:",
      "Show location help",
      {command('M', "move", "Create a constraint to move a resource", Command::kMove),
       command('B', "ban", "Create a constraint to keep a resource off a node", Command::kBan),
       command('U', "clear", "Remove the constraints that --ban and --move made", Command::kClear),
       {'e', "expired", "", "Only constraints whose lifetime is over (with --clear)",
        set_flag(s.expired)},
       {'u', "lifetime", "DURATION", "Lifespan of the constraint (ISO 8601, such as PT1H)",
        set_text(s.lifetime)},
       {0, "promoted", "", "Limit the command to the Promoted role", set_flag(s.promoted)},
       {0, "master", "", "", set_flag(s.promoted), true}}};
  OptionGroup advanced{
      "advanced",
      "Advanced Commands:",
      "Show advanced option help",
      {command('D', "delete", "Delete a resource from the CIB (needs -t)", Command::kDelete),
       command('F', "fail", "Tell the cluster this resource has failed", Command::kFail),
       command(0, "restart", "Stop a resource and start it again, with what depends on it",
               Command::kRestart),
       {0, "digests", "", "Show the digests of a resource's parameters for a node (needs -N)",
        [&s](std::string_view) -> Result<void> {
          s.command = Command::kDigests;
          s.takes_overrides = true;
          return {};
        }},
       command(0, "wait", "Wait until the cluster settles into a stable state", Command::kWait)}};
  OptionGroup additional{
      "additional",
      "Additional Options:",
      "Show additional options",
      {{'N', "node", "NAME", "Node name", set_text(s.node)},
       {0, "recursive", "", "Follow colocations (with --constraints or --set-parameter --meta)",
        set_flag(s.recursive)},
       {'H', "host-uname", "NAME", "", set_text(s.node), true},
       {'t', "resource-type", "ELEMENT", "Resource XML element (with --delete)",
        set_text(s.element)},
       {'v', "parameter-value", "VALUE", "Value to use with --set-parameter", set_text(s.value)},
       kind('m', "meta", "Use meta-attributes", AttributeKind::kMeta),
       kind('z', "utilization", "Use utilization attributes", AttributeKind::kUtilization),
       kind(0, "element", "Use XML attributes of the resource's element", AttributeKind::kElement),
       {'s', "set-name", "ID", "XML ID of the set of attributes to use", set_text(s.set_id)},
       {'i', "nvpair", "ID", "XML ID of the nvpair to use", set_text(s.pair_id)},
       {'n', "operation", "NAME", "Operation to clear instead of all (with --cleanup)",
        set_text(s.operation)},
       {'I', "interval", "TIME", "Interval of operation to clear (with --cleanup)",
        set_text(s.interval)},
       {'T', "timeout", "TIME", "Give up after this time (with --wait and --restart)",
        [&s](std::string_view text) -> Result<void> {
          const auto parsed = parse_interval_ms(text);
          if (!parsed || text.starts_with('-')) return fail(ErrorKind::kUsage, "");
          s.timeout_ms = *parsed;
          return {};
        }},
       {0, "all", "", "With --list-options: also list advanced and deprecated options",
        set_flag(s.all)},
       {'f', "force", "", "Force the action", set_flag(s.force)}}};
  return {main, queries, commands, locations, advanced, additional};
}

bool needs_resource(const Settings& s) {
  switch (s.command) {
    case Command::kQueryXml:
    case Command::kQueryXmlRaw:
    case Command::kGetParameter:
    case Command::kSetParameter:
    case Command::kDeleteParameter:
    case Command::kConstraints:
    case Command::kDigests:
    case Command::kRestart:
    case Command::kLocate:
    case Command::kMove:
    case Command::kBan:
    case Command::kFail:
    case Command::kDelete:
      return true;
    case Command::kClear:
      return !s.expired;
    default:
      return false;
  }
}

bool needs_node(const Settings& s) {
  return s.command == Command::kFail || s.command == Command::kDigests;
}

}  // namespace quorate::crm_resource
