// crm_node: nodes as the controller knows them (spec/13 §19).

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "common/cib_access.h"
#include "common/controller_call.h"
#include "common/exit_code.h"
#include "common/help.h"
#include "common/tool.h"
#include "xml/xpath.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

constexpr std::int64_t kTimeoutMs = 30'000;

constexpr Program kProgram = {
    "crm_node",        "tool for displaying low-level node information", "", "NR", "", false,
    exit_code::kNoSuch};

enum class Command { kNone, kClusterId, kList, kName, kPartition, kQuorum, kNameForId, kRemove };

struct Settings {
  Command command = Command::kNone;
  std::string subject;
  bool force = false;
};

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto command = [&s](char letter, std::string_view name, std::string_view value_name,
                            std::string_view help, Command which) {
    return Option{letter, name, value_name, help,
                  [&s, which](std::string_view value) -> Result<void> {
                    s.command = which;
                    s.subject = std::string(value);
                    return {};
                  }};
  };
  const auto ignore = [](std::string_view) -> Result<void> { return {}; };
  OptionGroup general{"",
                      "",
                      "",
                      {{'f', "force", "", "Needed with --remove", set_flag(s.force)},
                       {'Q', "quiet", "", "Accepted for compatibility, has no effect", ignore},
                       {'C', "corosync", "", "", ignore, true}}};
  OptionGroup commands{
      "commands",
      "Commands:",
      "Show command help",
      {command('i', "cluster-id", "", "Display this node's cluster id", Command::kClusterId),
       command('l', "list", "", "Display all known members of the cluster", Command::kList),
       command('n', "name", "", "Display the name used by the cluster for this node",
               Command::kName),
       command('p', "partition", "", "Display the members of this partition", Command::kPartition),
       command('q', "quorum", "", "Display a 1 if our partition has quorum, 0 if not",
               Command::kQuorum),
       command('N', "name-for-id", "ID",
               "Display the name used by the cluster for the node with "
               "the given ID",
               Command::kNameForId),
       command('R', "remove", "NAME", "Remove the (stopped) node from the cluster's knowledge",
               Command::kRemove)}};
  return {commands, general};
}

class CrmNode {
 public:
  CrmNode(Settings settings, Output& output) : settings_(std::move(settings)), output_(output) {}

  int run() {
    switch (settings_.command) {
      case Command::kNone: {
        Settings unused;
        output_.bare_error(help_text(kProgram, option_groups(unused), "", true));
        return exit_code::kUsage;
      }
      case Command::kRemove:
        return remove();
      case Command::kName:
        return name(ControllerRequest{}, true);
      case Command::kNameForId: {
        ControllerRequest request;
        const std::int64_t id = to_integer(settings_.subject).value_or(0);
        if (id > 0) request.node_id = std::to_string(id);
        return name(std::move(request), id <= 0);
      }
      case Command::kClusterId:
      case Command::kQuorum:
        return own_information();
      case Command::kList:
      case Command::kPartition:
        return nodes();
    }
    return exit_code::kUsage;
  }

 private:
  /// The answer, or the exit code of the failure.
  Result<ControllerReply> ask(ControllerRequest request) {
    auto call = ControllerCall::open("crm_node");
    if (!call) return tl::unexpected(call.error());
    return call->ask(std::move(request), kTimeoutMs);
  }

  int lost(const Error& error) {
    if (error.kind == ErrorKind::kDisconnected) output_.error("Lost connection to controller");
    return exit_code_of(error.kind);
  }

  int name(ControllerRequest request, bool own) {
    const char* from_agent = std::getenv("OCF_RESKEY_CRM_meta_on_node");
    if (own && from_agent != nullptr) return print_name(from_agent);
    request.kind = ControllerRequest::Kind::kNodeInfo;
    const auto reply = ask(std::move(request));
    if (!reply) return exit_code_of(reply.error().kind);
    if (!reply->ok || reply->nodes.empty() || reply->nodes.front().name.empty()) {
      output_.error("Node is not known to cluster");
      return exit_code::kNoHost;
    }
    return print_name(reply->nodes.front().name);
  }

  int print_name(const std::string& name) {
    output_.text().line(name);
    output_.xml().open("node-info");
    output_.xml().attribute("nodeid", "0");
    output_.xml().attribute("uname", name);
    output_.xml().close();
    return exit_code::kOk;
  }

  int own_information() {
    ControllerRequest request;
    request.kind = ControllerRequest::Kind::kNodeInfo;
    const auto reply = ask(std::move(request));
    if (!reply) return exit_code_of(reply.error().kind);
    if (!reply->ok || reply->nodes.empty()) {
      output_.error("Node is not known to cluster");
      return exit_code::kNoHost;
    }
    if (settings_.command == Command::kQuorum) {
      output_.text().line(reply->quorate ? "1" : "0");
      output_.xml().open("cluster-info");
      output_.xml().attribute("quorum", reply->quorate);
      output_.xml().close();
      return exit_code::kOk;
    }
    output_.text().line(reply->nodes.front().id);
    output_.xml().open("node-info");
    output_.xml().attribute("nodeid", reply->nodes.front().id);
    output_.xml().close();
    return exit_code::kOk;
  }

  int nodes() {
    auto call = ControllerCall::open("crm_node");
    if (!call) {
      output_.error("Could not connect to controller: " + call.error().message);
      return exit_code_of(call.error().kind);
    }
    ControllerRequest request;
    request.kind = ControllerRequest::Kind::kNodes;
    auto reply = call->ask(std::move(request), kTimeoutMs);
    if (!reply) return lost(reply.error());
    std::sort(reply->nodes.begin(), reply->nodes.end(), [](const KnownNode& a, const KnownNode& b) {
      return compare_names_numerically(a.name, b.name) < 0;
    });
    const bool members_only = settings_.command == Command::kPartition;
    std::string members;
    output_.xml().open("nodes");
    for (const KnownNode& node : reply->nodes) {
      if (members_only && node.state != "member") continue;
      if (members_only) {
        members += (members.empty() ? "" : " ") + node.name;
      } else {
        output_.text().line(fmt::format("{} {} {}", node.id, node.name, node.state));
      }
      output_.xml().open("node");
      output_.xml().attribute("id", node.id);
      output_.xml().attribute("name", node.name);
      output_.xml().attribute("state", node.state);
      output_.xml().close();
    }
    output_.xml().close();
    if (!members.empty()) output_.text().line(members);
    return exit_code::kOk;
  }

  int remove() {
    if (!settings_.force) {
      output_.error(
          "The supplied command is considered dangerous.  To prevent accidental destruction of the "
          "cluster, the --force flag is required in order to proceed.");
      return exit_code::kUsage;
    }
    const bool by_id = !settings_.subject.empty() &&
                       settings_.subject.find_first_not_of("0123456789") == std::string::npos &&
                       settings_.subject != "0";
    if (const int code = purge_from_controller(by_id); code != exit_code::kOk) return code;
    if (const int code = purge_from_attributes(by_id); code != exit_code::kOk) return code;
    return purge_from_cib(by_id);
  }

  int could_not_purge(std::string_view service, const Error& error) {
    output_.error(fmt::format("Could not purge node {} from {}: {}", settings_.subject, service,
                              error.message));
    return exit_code_of(error.kind);
  }

  int purge_from_controller(bool by_id) {
    ControllerRequest request;
    request.kind = ControllerRequest::Kind::kForgetNode;
    (by_id ? request.node_id : request.node) = settings_.subject;
    const auto reply = ask(std::move(request));
    if (!reply) return could_not_purge("controller", reply.error());
    if (!reply->ok && reply->error != ErrorKind::kNotFound) {
      return could_not_purge("controller", {reply->error, reply->message});
    }
    return exit_code::kOk;
  }

  int purge_from_attributes(bool by_id) {
    auto call = AttributesCall::open("crm_node");
    if (!call) return could_not_purge("attribute manager", call.error());
    AttributeRequest request;
    request.kind = AttributeRequest::Kind::kPurge;
    (by_id ? request.node_id : request.node) = settings_.subject;
    request.forget_node = true;
    const auto reply = call->ask(std::move(request), kTimeoutMs);
    if (!reply) return could_not_purge("attribute manager", reply.error());
    if (!reply->ok && reply->error != ErrorKind::kNotFound) {
      return could_not_purge("attribute manager", {reply->error, reply->message});
    }
    return exit_code::kOk;
  }

  int purge_from_cib(bool by_id) {
    auto cib = CibAccess::open("crm_node");
    if (!cib) return could_not_purge("CIB", cib.error());
    std::vector<cib::Request> deletions;
    for (const char* place : {"/cib/configuration/nodes/node", "/cib/status/node_state"}) {
      cib::Request deletion;
      deletion.operation = cib::Operation::kDelete;
      deletion.options.xpath = true;
      deletion.section = fmt::format("{}[@{}={}]", place, by_id ? "id" : "uname",
                                     xml::xpath_literal(settings_.subject));
      deletions.push_back(std::move(deletion));
    }
    cib::Request transaction;
    transaction.operation = cib::Operation::kTransaction;
    transaction.data = cib::encode_transaction(deletions);
    const auto answer = (*cib)->run(transaction);
    if (!answer) return could_not_purge("CIB", answer.error());
    if (answer->code != cib::Code::kOk && answer->code != cib::Code::kNoSuchDevice) {
      return could_not_purge(
          "CIB", {cib::error_kind_of(answer->code), std::string(cib::message_of(answer->code))});
    }
    return exit_code::kOk;
  }

  Settings settings_;
  Output& output_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  Settings settings;
  return run_tool(
      kProgram, option_groups(settings), arguments, {Format::kText, Format::kXml, Format::kNone},
      [&](Output& output, const ParsedCommandLine&) { return CrmNode(settings, output).run(); });
}
