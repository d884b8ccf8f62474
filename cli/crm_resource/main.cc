// crm_resource: resources of the cluster (spec/14 §6).

#include <fmt/format.h>

#include "common/exit_code.h"
#include "common/tool.h"
#include "crm_resource/session.h"

namespace quorate::crm_resource {
namespace {

namespace exit_code = cli::exit_code;

constexpr cli::Program kProgram = {
    "crm_resource", "perform tasks related to Pacemaker cluster resources", "", "HINTrtuv", R"(
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

bool needs_picture(Command command) {
  return command != Command::kDelete && command != Command::kWait;
}

Lookup lookup_of(Command command) {
  if (command == Command::kFail) return Lookup::kHistory;
  const bool queries = command == Command::kQueryXml || command == Command::kQueryXmlRaw;
  return queries ? Lookup::kBase : Lookup::kAnonymous;
}

bool refuses_instances(Command command) {
  return command == Command::kBan || command == Command::kClear || command == Command::kMove;
}

bool looks_up(Command command) {
  return command != Command::kDelete && command != Command::kWait && command != Command::kList &&
         command != Command::kListRaw;
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

int run_command(const Settings& settings, cli::Output& output) {
  if (settings.expired && settings.command != Command::kClear) {
    output.error("--expired requires --clear or -U");
    return exit_code::kUsage;
  }
  if (needs_resource(settings) && !settings.resource) {
    output.error("Must supply a resource ID with -r/--resource");
    return exit_code::kUsage;
  }
  if (needs_node(settings) && !settings.node) {
    output.error("Must supply a node name with -N/--node");
    return exit_code::kUsage;
  }
  auto cib = cli::CibAccess::open("crm_resource");
  if (!cib) {
    output.error("Could not connect to the CIB: " + cib.error().message);
    return cli::exit_code_of(cib.error().kind);
  }
  Session session{settings, output, **cib, nullptr, nullptr, nullptr};
  if (needs_picture(settings.command)) {
    auto picture = cli::read_cluster(**cib);
    if (!picture) {
      output.bare_error(picture.error().message);
      return cli::exit_code_of(picture.error().kind);
    }
    session.picture = std::move(*picture);
  }
  if (const int code = find_node_and_resource(session); code != exit_code::kOk) return code;
  const int code = carry_out(session);
  if (auto signed_off = (*cib)->sign_off(); !signed_off) {
    output.error(signed_off.error().message);
    return cli::exit_code_of(signed_off.error().kind);
  }
  return code;
}

int run(const Settings& settings, cli::Output& output) {
  output.set_quiet(settings.quiet);
  const int code = run_command(settings, output);
  if (code != exit_code::kOk && code != exit_code::kUsage) {
    output.bare_error(
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
                       [&](cli::Output& output, const cli::ParsedCommandLine&) {
                         return crm_resource::run(settings, output);
                       });
}
