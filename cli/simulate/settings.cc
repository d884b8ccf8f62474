#include "simulate/settings.h"

#include <algorithm>

#include "base/text.h"

namespace quorate::cli::simulate {
namespace {

using Apply = std::function<Result<void>(std::string_view)>;

Option flag(char letter, std::string_view name, std::string_view help, bool& value) {
  return {letter, name, "", help, set_flag(value), false, false};
}
Option text(char letter, std::string_view name, std::string_view value_name, std::string_view help,
            std::optional<std::string>& value) {
  return {letter, name, value_name, help, set_text(value), false, false};
}
Option list(char letter, std::string_view name, std::string_view value_name, std::string_view help,
            std::vector<std::string>& value) {
  return {letter, name, value_name, help, append_text(value), false, false};
}

Apply set_source(Settings& settings, bool live, std::optional<std::string> fixed) {
  return [&settings, live, fixed](std::string_view value) -> Result<void> {
    settings.live = live;
    settings.file = fixed ? *fixed : std::string(value);
    return {};
  };
}

Apply set_repeat(Settings& settings) {
  return [&settings](std::string_view value) -> Result<void> {
    const ParsedInteger number = parse_integer(value);
    if (!number.has_digits || number.length != value.size()) {
      return quorate::fail(ErrorKind::kUsage,
                           "Cannot parse integer value “" + std::string(value) + "” for -N");
    }
    settings.repeat = static_cast<int>(std::clamp<std::int64_t>(number.value, 0, 1'000'000));
    return {};
  };
}

OptionGroup operations(Settings& s) {
  OptionGroup group{"operations", "Operations", "Show operations options", {}};
  group.options = {
      flag('R', "run", "Process the supplied input and show what actions the cluster will take",
           s.run),
      flag('S', "simulate",
           "Like --run, but also simulate taking those actions and show the\n"
           "resulting new status",
           s.simulate),
      flag('X', "in-place", "Like --simulate, but also store the results back to the input file",
           s.in_place),
      flag('A', "show-attrs", "Show node attributes", s.show_attributes),
      flag('c', "show-failcounts", "Show resource fail counts", s.show_fail_counts),
      flag('s', "show-scores", "Show allocation scores", s.show_scores),
      flag('U', "show-utilization", "Show utilization information", s.show_utilization),
      text('P', "profile", "DIR",
           "Process all the XML files in the named directory to create\n"
           "profiling data",
           s.profile),
      {'N', "repeat", "N", "With --profile, repeat each test N times and print timings",
       set_repeat(s), false, false},
      {'j', "pending", "", "Display pending state (always on)", set_flag(s.pending), true, false},
  };
  return group;
}

OptionGroup synthetic(Settings& s) {
  OptionGroup group{
      "synthetic", "Synthetic Cluster Events", "Show synthetic cluster event options", {}};
  group.options = {
      list('u', "node-up", "NODE", "Simulate bringing a node online", s.nodes_up),
      list('d', "node-down", "NODE", "Simulate taking a node offline", s.nodes_down),
      list('f', "node-fail", "NODE", "Simulate a node failing", s.nodes_fail),
      list('i', "op-inject", "OPSPEC",
           "Generate a failure for the cluster to react to in the simulation.\n"
           "OPSPEC is RESOURCE_TASK_INTERVAL@NODE=RC",
           s.inject),
      list('F', "op-fail", "OPSPEC",
           "If the specified task occurs during the simulation, have it fail\n"
           "with return code RC. OPSPEC is RESOURCE_TASK_INTERVAL@NODE=RC",
           s.fail),
      text('t', "set-datetime", "DATETIME", "Set date/time (ISO 8601 format)", s.date),
      text('q', "quorum", "QUORUM", "Set to '1' (or 'true') to indicate cluster has quorum",
           s.quorum),
      text('w', "watchdog", "DEVICE",
           "Set to '1' (or 'true') to indicate cluster has an active\n"
           "watchdog device",
           s.watchdog),
      list('g', "ticket-grant", "TICKET", "Simulate granting a ticket", s.tickets_grant),
      list('r', "ticket-revoke", "TICKET", "Simulate revoking a ticket", s.tickets_revoke),
      list('b', "ticket-standby", "TICKET", "Simulate making a ticket standby", s.tickets_standby),
      list('e', "ticket-activate", "TICKET", "Simulate activating a ticket", s.tickets_activate),
  };
  return group;
}

OptionGroup artifacts(Settings& s) {
  OptionGroup group{"artifact", "Artifact Options", "Show artifact options", {}};
  group.options = {
      text('I', "save-input", "FILE", "Save the input configuration to the named file",
           s.save_input),
      text('O', "save-output", "FILE", "Save the output configuration to the named file",
           s.save_output),
      text('G', "save-graph", "FILE", "Save the transition graph (XML format) to the named file",
           s.save_graph),
      text('D', "save-dotfile", "FILE", "Save the transition graph (DOT format) to the named file",
           s.save_dot),
      flag('a', "all-actions",
           "Display all possible actions in DOT graph (even if not part\n"
           "of transition)",
           s.all_actions),
  };
  return group;
}

OptionGroup sources(Settings& s) {
  OptionGroup group{"source", "Data Source", "Show data source options", {}};
  group.options = {
      {'L', "live-check", "", "Connect to CIB manager and use the current CIB contents as input",
       set_source(s, true, ""), false, false},
      {'x', "xml-file", "FILE", "Retrieve XML from the named file", set_source(s, false, {}), false,
       false},
      {'p', "xml-pipe", "", "Retrieve XML from stdin", set_source(s, false, "-"), false, false},
  };
  return group;
}

}  // namespace

Program program() {
  Program program;
  program.name = "crm_simulate";
  program.summary = "simulate a Pacemaker cluster's response to events";
  program.special_letters = "bdefgiqrtuwxDFGINOP";
  program.extra_help =
      "Example:\n\n"
      "Pretend a recurring monitor action found memcached stopped on node\n"
      "fred.example.com and, during recovery, that the memcached stop failed:\n\n"
      "\tcrm_simulate -LS --op-inject memcached:0_monitor_20000@bart.example.com=7 "
      "--op-fail memcached:0_stop_0@fred.example.com=1 --save-output /tmp/memcached-test.xml\n\n"
      "Now see what the reaction to the stop failed would be:\n\n"
      "\tcrm_simulate -S --xml-file /tmp/memcached-test.xml\n";
  return program;
}

std::vector<OptionGroup> option_groups(Settings& settings) {
  OptionGroup main;
  main.options.push_back(flag('Q', "quiet", "Display only essential output", settings.quiet));
  std::vector<OptionGroup> groups;
  groups.push_back(std::move(main));
  groups.push_back(operations(settings));
  groups.push_back(synthetic(settings));
  groups.push_back(artifacts(settings));
  groups.push_back(sources(settings));
  return groups;
}

}  // namespace quorate::cli::simulate
