#include "mon/settings.h"

#include "base/duration.h"
#include "base/text.h"

namespace quorate::cli::mon {
namespace {

using Apply = std::function<Result<void>(std::string_view)>;

Apply change(Settings& settings, bool include, std::string words) {
  return [&settings, include, words = std::move(words)](std::string_view value) -> Result<void> {
    settings.changes.push_back({include, words + std::string(value)});
    return {};
  };
}

Option flag(char letter, std::string_view name, std::string_view help, Apply apply,
            bool hidden = false) {
  return {letter, name, "", help, std::move(apply), hidden, false};
}

Option value(char letter, std::string_view name, std::string_view value_name, std::string_view help,
             Apply apply, bool hidden = false) {
  return {letter, name, value_name, help, std::move(apply), hidden, false};
}

Apply set_fence_level(Settings& settings) {
  return [&settings](std::string_view text) -> Result<void> {
    const auto level = text.empty() ? std::optional<std::int64_t>(2) : to_integer(text);
    if (!level || *level < 0 || *level > 3) {
      return fail(ErrorKind::kUsage, "Fence history must be 0-3");
    }
    settings.fence_level = static_cast<int>(*level);
    return {};
  };
}

Apply set_interval(Settings& settings) {
  return [&settings](std::string_view text) -> Result<void> {
    const auto interval = parse_interval_ms(text);
    if (!interval) {
      return fail(ErrorKind::kUsage, "Invalid value for -i: " + std::string(text));
    }
    settings.interval_ms = *interval;
    // As the daemon's interval it says how often, not whether to run in the foreground.
    if (settings.wish != Wish::kDaemon) settings.wish = Wish::kUpdate;
    return {};
  };
}

Apply set_bans(Settings& settings) {
  return [&settings](std::string_view prefix) -> Result<void> {
    std::string word = "bans";
    if (!prefix.empty()) word += ":" + std::string(prefix);
    settings.changes.push_back({true, word});
    return {};
  };
}

OptionGroup display_group(Settings& s) {
  OptionGroup group{"display", "Display Options", "Show display options", {}};
  Option fencing = value('m', "fence-history", "LEVEL",
                         "Show fence history:\n0=off, 1=failures and pending (default without "
                         "option),\n2=add successes (default without value for option),\n3=show "
                         "full history without reduction to most recent of each flavor",
                         set_fence_level(s));
  fencing.optional_value = true;
  Option bans = value('L', "neg-locations", "PREFIX",
                      "Display negative location constraints [optionally filtered by id prefix]",
                      set_bans(s));
  bans.optional_value = true;
  group.options = {
      value('I', "include", "SECTION(s)", "A list of sections to include in the output",
            change(s, true, "")),
      value('U', "exclude", "SECTION(s)", "A list of sections to exclude from the output",
            change(s, false, "")),
      value(0, "node", "NODE",
            "When displaying information about nodes, show only what's related\n"
            "to the given node, or to all nodes tagged with the given tag",
            set_text(s.node)),
      value(0, "resource", "RSC",
            "When displaying information about resources, show only what's\n"
            "related to the given resource, or to all resources tagged with\n"
            "the given tag",
            set_text(s.resource)),
      flag('n', "group-by-node", "Group resources by node", set_flag(s.group_by_node)),
      flag('r', "inactive", "Display inactive resources", set_flag(s.inactive)),
      flag('f', "failcounts", "Display resource fail counts", change(s, true, "failcounts")),
      flag('o', "operations", "Display resource operation history",
           change(s, true, "failcounts,operations")),
      flag('t', "timing-details", "Display resource operation history with timing details",
           [&s](std::string_view) -> Result<void> {
             s.timing = true;
             s.changes.push_back({true, "operations"});
             return {};
           }),
      flag('c', "tickets", "Display cluster tickets", change(s, true, "tickets")),
      std::move(fencing),
      std::move(bans),
      flag('A', "show-node-attributes", "Display node attributes", change(s, true, "attributes")),
      flag('D', "hide-headers", "Hide all headers", change(s, false, "summary")),
      flag('R', "show-detail", "Show more details (node IDs, individual clone instances)",
           set_flag(s.detail)),
      flag(0, "show-description", "Show resource descriptions", set_flag(s.descriptions)),
      flag('b', "brief", "Brief output", set_flag(s.brief)),
      flag('j', "pending", "Display pending state (always on)", set_flag(s.pending), true)};
  return group;
}

OptionGroup mode_group(Settings& s) {
  OptionGroup group{"mode", "Mode Options", "Show mode options", {}};
  group.options = {
      value('i', "interval", "TIMESPEC", "Update frequency (default is 5 seconds)",
            set_interval(s)),
      flag('1', "one-shot", "Display the cluster status once and exit",
           [&s](std::string_view) -> Result<void> {
             s.one_shot = true;
             s.wish = Wish::kOneShot;
             return {};
           }),
      flag('d', "daemonize",
           "Run in the background as a daemon.\nRequires at least one of --output-to and\n"
           "--external-agent.",
           [&s](std::string_view) -> Result<void> {
             s.daemonize = true;
             s.wish = Wish::kDaemon;
             return {};
           }),
      value('E', "external-agent", "FILE", "A program to run when resource operations take place",
            set_text(s.external_agent)),
      value('e', "external-recipient", "RCPT",
            "A recipient for your program (assuming you want the program to send something to "
            "someone).",
            set_text(s.external_recipient)),
      flag('W', "watch-fencing", "Listen for fencing events. For use with --external-agent.",
           set_flag(s.watch_fencing)),
      value(
          'x', "xml-file", "FILE", "Show the CIB of the named file",
          [&s](std::string_view file) -> Result<void> {
            s.xml_file = std::string(file);
            s.one_shot = true;
            s.wish = Wish::kOneShot;
            return {};
          },
          true),
      flag('p', "pid-file", "(ignored)", set_flag(s.pid_file), true)};
  return group;
}

}  // namespace

Program program() {
  Program program;
  program.name = "crm_mon";
  program.summary = "Provides a summary of cluster's current state";
  program.special_letters = "eimpxEILU";
  program.extra_help =
      "Examples:\n\n"
      "Display the cluster status on the console with updates as they occur:\n\n\tcrm_mon\n\n"
      "Display the cluster status once and exit:\n\n\tcrm_mon -1\n\n"
      "Display the cluster status, group resources by node, and include inactive ones:\n\n"
      "\tcrm_mon --group-by-node --inactive\n\n"
      "Start as a background daemon and keep the status in an HTML file:\n\n"
      "\tcrm_mon --daemonize --output-as html --output-to /path/to/docroot/filename.html\n\n"
      "Display the cluster status as XML or JSON:\n\n"
      "\tcrm_mon --output-as=xml\n\tcrm_mon --output-as=json\n";
  return program;
}

std::vector<OptionGroup> option_groups(Settings& settings) {
  OptionGroup main;
  main.options = {flag('Q', "quiet", "Display only essential output", set_flag(settings.quiet)),
                  flag('X', "as-xml", "Write cluster status as XML (deprecated)",
                       set_flag(settings.as_xml), true)};
  OptionGroup html{"html", "HTML Options", "Show HTML options", {}};
  html.options = {
      flag(0, "html-cgi", "Add CGI headers", set_flag(settings.html_cgi)),
      value(0, "html-stylesheet", "URI", "Link to an external stylesheet",
            set_text(settings.html_stylesheet)),
      value(0, "html-title", "TITLE", "Specify a page title", set_text(settings.html_title))};
  return {std::move(main), display_group(settings), mode_group(settings), std::move(html)};
}

}  // namespace quorate::cli::mon
