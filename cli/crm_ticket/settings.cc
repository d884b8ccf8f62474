#include "crm_ticket/settings.h"

namespace quorate::crm_ticket {

namespace {

using cli::Option;
using cli::OptionGroup;
using cli::set_flag;
using cli::set_text;

/// -S and -v belong together as they come, in either order.
void pair_up(Settings& s) {
  if (!s.waiting_name || !s.waiting_value) return;
  s.changes.emplace_back(std::move(*s.waiting_name), std::move(*s.waiting_value));
  s.waiting_name.reset();
  s.waiting_value.reset();
}

}  // namespace

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto query = cli::chooser(s.query);
  const auto change = [&s](char letter, std::string_view name, std::string_view help,
                           std::string attribute, std::string value) {
    return Option{letter, name, "", help, [&s, attribute, value](std::string_view) -> Result<void> {
                    s.changes.emplace_back(attribute, value);
                    return {};
                  }};
  };
  const auto ignore = [](std::string_view) -> Result<void> { return {}; };
  OptionGroup queries{
      "queries",
      "Queries:",
      "Show query help",
      {query('l', "info", "Display the information of ticket(s)", Query::kInfo),
       query('L', "details", "Display the details of ticket(s)", Query::kDetails),
       query('w', "raw", "Display the IDs of ticket(s)", Query::kRaw),
       query('q', "query-xml", "Query the XML of ticket(s)", Query::kStateXml),
       query('c', "constraints", "Display the rsc_ticket constraints that apply to ticket(s)",
             Query::kConstraints)}};
  OptionGroup commands{
      "commands",
      "Commands:",
      "Show command help",
      {change('g', "grant", "Grant a ticket to this cluster site", "granted", "true"),
       change('r', "revoke", "Revoke a ticket from this cluster site", "granted", "false"),
       change('s', "standby", "Tell this cluster site this ticket is standby", "standby", "true"),
       change('a', "activate", "Tell this cluster site this ticket is active", "standby",
              "false")}};
  OptionGroup advanced{
      "advanced",
      "Advanced Options:",
      "Show advanced help",
      {{'G', "get-attr", "ATTRIBUTE", "Display the named attribute for a ticket",
        [&s](std::string_view name) -> Result<void> {
          s.query = Query::kGetAttribute;
          s.attribute = std::string(name);
          return {};
        }},
       {'S', "set-attr", "ATTRIBUTE", "Set the named attribute for a ticket (needs -v)",
        [&s](std::string_view name) -> Result<void> {
          s.waiting_name = std::string(name);
          pair_up(s);
          return {};
        }},
       {'D', "delete-attr", "ATTRIBUTE", "Delete the named attribute for a ticket",
        cli::append_text(s.deletions)},
       query('C', "cleanup", "Delete all state of a ticket at this cluster site",
             Query::kCleanup)}};
  OptionGroup additional{
      "additional",
      "Additional Options:",
      "Show additional options",
      {{'v', "attr-value", "VALUE", "Attribute value to use with -S",
        [&s](std::string_view value) -> Result<void> {
          s.waiting_value = std::string(value);
          pair_up(s);
          return {};
        }},
       {'d', "default", "VALUE", "Default attribute value to display if none is found",
        set_text(s.preset)},
       {'f', "force", "", "Force the action to be performed", set_flag(s.force)},
       {'t', "ticket", "ID", "Ticket ID", set_text(s.ticket)},
       {'x', "xml-file", "FILE", "", set_text(s.state_file), true},
       {'n', "set-name", "ID", "", ignore, true},
       {'i', "nvpair", "ID", "", ignore, true},
       {'Q', "quiet", "", "", ignore, true}}};
  return {OptionGroup{}, queries, commands, advanced, additional};
}

}  // namespace quorate::crm_ticket
