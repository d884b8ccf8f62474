// crm_resource: resources of the cluster (spec/14 §6).

#include <fmt/format.h>

#include "common/exit_code.h"
#include "common/option_catalog.h"
#include "common/tool.h"
#include "crm_resource/session.h"

namespace quorate::crm_resource {
namespace {

namespace exit_code = cli::exit_code;

constexpr cli::Program kProgram = {"crm_resource",
                                   "perform tasks related to Pacemaker cluster resources",
                                   "[NAME=VALUE...]", "GHINSTdginpstuvx", R"(
Examples:

List all resources with their state:

	# crm_resource --list

Move 'myResource' to a specific node:

	# crm_resource --resource myResource --move --node altNode

Allow (but not force) 'myResource' to move back to its original location:

	# crm_resource --resource myResource --clear

Tell the cluster that 'myResource' has failed:

	# crm_resource --resource myResource --fail --node aNode

Re-detect the current state of 'myResource' and forget its failures:

	# crm_resource --cleanup --resource myResource
)"};

/// How much a command must know of the cluster; nothing: no picture is made.
std::optional<cli::Depth> depth_of(const Settings& settings) {
  switch (settings.command) {
    case Command::kDelete:
    case Command::kWait:
      return std::nullopt;
    case Command::kConstraints:
    case Command::kSetParameter:
      return cli::Depth::kConstraints;
    case Command::kWhy:
      // What is assigned to a node is known from a plan only.
      return settings.node && !settings.resource ? cli::Depth::kPlan : cli::Depth::kState;
    default:
      return cli::Depth::kState;
  }
}

Lookup lookup_of(Command command) {
  switch (command) {
    case Command::kFail:
      return Lookup::kHistory;
    case Command::kQueryXml:
    case Command::kQueryXmlRaw:
    case Command::kGetParameter:
    case Command::kSetParameter:
    case Command::kDeleteParameter:
      return Lookup::kBase;
    default:
      return Lookup::kAnonymous;
  }
}

bool refuses_instances(Command command) {
  return command == Command::kBan || command == Command::kClear || command == Command::kMove ||
         command == Command::kRestart;
}

bool looks_up(Command command) {
  switch (command) {
    case Command::kDelete:
    case Command::kWait:
    case Command::kList:
    case Command::kListRaw:
    case Command::kListOperations:
    case Command::kListAllOperations:
      return false;
    default:
      return true;
  }
}

int find_node_and_resource(Session& session) {
  const Settings& settings = session.settings;
  if (settings.node) {
    session.node = session.picture == nullptr
                       ? nullptr
                       : session.snapshot().find_node(*settings.node, *settings.node);
    if (session.node == nullptr) {
      session.output.error(fmt::format("Node '{}' not found", *settings.node));
      return exit_code::kNoSuch;
    }
  }
  if (!settings.resource || !looks_up(settings.command)) return exit_code::kOk;
  if (settings.command == Command::kClear && settings.expired) return exit_code::kOk;
  session.resource =
      find_resource(session.snapshot(), *settings.resource, lookup_of(settings.command));
  if (session.resource == nullptr) {
    session.output.error(fmt::format("Resource '{}' not found", *settings.resource));
    return exit_code::kNoSuch;
  }
  const bool is_instance =
      session.resource->parent != nullptr && session.resource->parent->is_clone();
  if (refuses_instances(settings.command) && is_instance &&
      settings.resource->find(':') != std::string::npos) {
    session.output.error(
        fmt::format("Cannot operate on clone resource instance '{}'", *settings.resource));
    return exit_code::kInvalidParameter;
  }
  return exit_code::kOk;
}

int carry_out(Session& session) {
  switch (session.settings.command) {
    case Command::kList:
      return list(session);
    case Command::kListRaw:
      return list_raw(session);
    case Command::kListOperations:
      return list_operations(session, false);
    case Command::kListAllOperations:
      return list_operations(session, true);
    case Command::kListOptions:
    case Command::kListStandards:
    case Command::kListProviders:
    case Command::kListAlternatives:
    case Command::kListAgents:
      break;  // answered without a CIB
    case Command::kGetParameter:
      return get_parameter(session);
    case Command::kSetParameter:
      return set_parameter(session);
    case Command::kDeleteParameter:
      return delete_parameter(session);
    case Command::kConstraints:
      return show_constraints(session);
    case Command::kWhy:
      return why(session);
    case Command::kDigests:
      return show_digests(session);
    case Command::kRestart:
      return restart(session);
    case Command::kQueryXml:
      return query_xml(session, false);
    case Command::kQueryXmlRaw:
      return query_xml(session, true);
    case Command::kLocate:
      return locate(session);
    case Command::kMove:
      return move(session);
    case Command::kBan:
      return ban(session);
    case Command::kClear:
      return clear(session);
    case Command::kCleanup:
      return cleanup(session, false);
    case Command::kRefresh:
      return cleanup(session, true);
    case Command::kFail:
      return fail_resource(session);
    case Command::kDelete:
      return delete_resource(session);
    case Command::kWait:
      return wait_until_idle(session);
  }
  return exit_code::kUsage;
}

int usage(cli::Output& output, std::string_view text) {
  output.error(text);
  return exit_code::kUsage;
}

int check_options(const Settings& settings, cli::Output& output) {
  if (settings.expired && settings.command != Command::kClear) {
    return usage(output, "--expired requires --clear or -U");
  }
  if (needs_resource(settings) && !settings.resource) {
    return usage(output, "Must supply a resource ID with -r/--resource");
  }
  if (needs_node(settings) && !settings.node) {
    return usage(output, "Must supply a node name with -N/--node");
  }
  if (settings.command == Command::kSetParameter && settings.value.value_or("").empty()) {
    return usage(output, "You need to supply a value with the -v option");
  }
  return exit_code::kOk;
}

/// NAME=VALUE words, where a command takes them; all others are refused, with a message.
std::optional<Overrides> read_overrides(const std::vector<std::string>& words,
                                        const Settings& settings, cli::Output& output) {
  Overrides overrides;
  if (!words.empty() && !settings.takes_overrides) {
    std::string text = "non-option ARGV-elements:";
    for (std::size_t i = 0; i < words.size(); ++i) {
      text += fmt::format("\n[{} of {}] {}", i + 1, words.size(), words[i]);
    }
    output.error(text);
    return std::nullopt;
  }
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      output.error(fmt::format("Error parsing '{}' as a name=value pair", word));
      return std::nullopt;
    }
    overrides.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return overrides;
}

int list_options(const Settings& settings, cli::Output& output) {
  cli::write_options(
      output, settings.listed == "fencing" ? cli::fencing_options() : cli::primitive_options(),
      settings.all);
  return exit_code::kOk;
}

int on_cib(Session& session) {
  if (const auto depth = depth_of(session.settings)) {
    auto picture = cli::read_cluster(session.cib, *depth);
    if (!picture) {
      session.output.bare_error(picture.error().message);
      return cli::exit_code_of(picture.error().kind);
    }
    session.picture = std::move(*picture);
  }
  if (const int code = find_node_and_resource(session); code != exit_code::kOk) return code;
  const int code = carry_out(session);
  if (auto signed_off = session.cib.sign_off(); !signed_off) {
    session.output.error(signed_off.error().message);
    return cli::exit_code_of(signed_off.error().kind);
  }
  return code;
}

int run_command(const Settings& settings, cli::Output& output,
                const std::vector<std::string>& words) {
  switch (settings.command) {
    case Command::kListOptions:
      return list_options(settings, output);
    case Command::kListStandards:
    case Command::kListProviders:
    case Command::kListAlternatives:
    case Command::kListAgents:
      return list_agents(settings, output);
    default:
      break;
  }
  if (const int code = check_options(settings, output); code != exit_code::kOk) return code;
  auto overrides = read_overrides(words, settings, output);
  if (!overrides) return exit_code::kUsage;
  auto cib = cli::CibAccess::open("crm_resource");
  if (!cib) {
    output.error("Could not connect to the CIB: " + cib.error().message);
    return cli::exit_code_of(cib.error().kind);
  }
  Session session{settings, output, **cib, nullptr, nullptr, nullptr, std::move(*overrides)};
  return on_cib(session);
}

int run(const Settings& settings, cli::Output& output, const std::vector<std::string>& words) {
  output.set_quiet(settings.quiet);
  const int code = run_command(settings, output, words);
  if (code != exit_code::kOk && code != exit_code::kUsage) {
    output.extend_error(
        fmt::format("Error performing operation: {}", cli::exit_code_description(code)));
  }
  return code;
}

}  // namespace
}  // namespace quorate::crm_resource

int main(int argc, char** argv) {
  using namespace quorate;
  const std::vector<std::string> arguments(argv, argv + argc);
  crm_resource::Settings settings;
  return cli::run_tool(crm_resource::kProgram, crm_resource::option_groups(settings), arguments,
                       {cli::Format::kText, cli::Format::kXml, cli::Format::kNone},
                       [&](cli::Output& output, const cli::ParsedCommandLine& parsed) {
                         return crm_resource::run(settings, output, parsed.words);
                       });
}
