// crmadmin: the DC, the states of controllers and launcher, configured nodes (spec/13 §20).

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/duration.h"
#include "common/cib_access.h"
#include "common/controller_call.h"
#include "common/exit_code.h"
#include "common/help.h"
#include "common/launcher_call.h"
#include "common/tool.h"
#include "xml/xpath.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

constexpr Program kProgram = {"crmadmin", "query and manage the Pacemaker controller", "", "itKNS",
                              R"(
Examples:

Show which node is Designated Controller (DC):

	# crmadmin --dc_lookup

Show the state of the controller of a node:

	# crmadmin --status node1
)"};

enum class Command { kNone, kStatus, kPacemakerd, kDcLookup, kNodes, kHealth };

struct Settings {
  Command command = Command::kNone;
  std::string subject;  ///< node of --status, types of --nodes
  std::int64_t timeout_ms = 30'000;
  bool bash_export = false;
  bool quiet = false;
};

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto command = [&s](char letter, std::string_view name, std::string_view value_name,
                            std::string_view help, Command which, bool optional = false,
                            bool hidden = false) {
    return Option{letter,
                  name,
                  value_name,
                  help,
                  [&s, which](std::string_view value) -> Result<void> {
                    s.command = which;
                    s.subject = std::string(value);
                    return {};
                  },
                  hidden,
                  optional};
  };
  const auto ignore = [](std::string_view) -> Result<void> { return {}; };
  OptionGroup commands{
      "command",
      "Commands:",
      "Show command options",
      {command('S', "status", "NODE", "Display the status of the specified node's controller",
               Command::kStatus),
       command('P', "pacemakerd", "", "Display the status of the local launcher",
               Command::kPacemakerd),
       command('D', "dc_lookup", "", "Display the name of the Designated Controller (DC)",
               Command::kDcLookup),
       command('N', "nodes", "TYPES",
               "Display the names of all configured nodes: cluster, guest, remote, all (default), "
               "or several separated by commas",
               Command::kNodes, true),
       command('H', "health", "", "", Command::kHealth, false, true)}};
  OptionGroup additional{
      "additional",
      "Additional Options:",
      "Show additional options",
      {{'t', "timeout", "TIME", "Time to wait before declaring the operation failed (0: for ever)",
        [&s](std::string_view text) -> Result<void> {
          const auto parsed = parse_interval_ms(text);
          if (!parsed || text.starts_with('-')) return fail(ErrorKind::kUsage, "");
          s.timeout_ms = *parsed;
          return {};
        }},
       {'B', "bash-export", "", "Display nodes as shell commands (with --nodes)",
        set_flag(s.bash_export)},
       {'i', "ipc-name", "NAME", "Accepted for compatibility (with --pacemakerd)", ignore},
       {'q', "quiet", "", "Display only the essential query information", set_flag(s.quiet)}}};
  return {OptionGroup{}, commands, additional};
}

class Crmadmin {
 public:
  Crmadmin(Settings settings, Output& output) : settings_(std::move(settings)), output_(output) {
    if (settings_.timeout_ms == 0) settings_.timeout_ms = std::numeric_limits<std::int32_t>::max();
  }

  int run() {
    switch (settings_.command) {
      case Command::kStatus:
        return status();
      case Command::kPacemakerd:
        return launcher();
      case Command::kDcLookup:
        return dc();
      case Command::kNodes:
        return nodes();
      case Command::kHealth:
        return usage("Cluster-wide health option not supported");
      case Command::kNone:
        break;
    }
    return usage("error: Must specify a command option");
  }

 private:
  int usage(const std::string& text) {
    Settings unused;
    output_.bare_error(text + "\n\n" + help_text(kProgram, option_groups(unused), "", false));
    return exit_code::kUsage;
  }

  int failed(const Error& error, const std::string& where) {
    if (error.kind == ErrorKind::kTimeout) {
      output_.bare_error(fmt::format("error: Timed out after {}ms waiting for reply from {}",
                                     settings_.timeout_ms, where));
      return exit_code::kUnsatisfied;
    }
    output_.bare_error("error: Command failed: " + error.message);
    return exit_code_of(error.kind);
  }

  Result<ControllerReply> ask(ControllerRequest::Kind kind, const std::string& node) {
    auto call = ControllerCall::open("crmadmin");
    if (!call) return tl::unexpected(call.error());
    ControllerRequest request;
    request.kind = kind;
    request.node = node;
    return call->ask(std::move(request), settings_.timeout_ms);
  }

  int status() {
    const std::string& node = settings_.subject;
    const auto reply = ask(ControllerRequest::Kind::kStatus, node);
    if (!reply) return failed(reply.error(), "controller API on " + node);
    if (!reply->ok) return failed({reply->error, reply->message}, "controller API on " + node);
    const std::string host = reply->node.empty() ? node : reply->node;
    if (settings_.quiet) {
      output_.text().line(reply->state);
    } else {
      output_.text().line(fmt::format("Controller on {} in state {}: ok", host, reply->state));
    }
    output_.xml().open("crmd");
    output_.xml().attribute("node_name", host);
    output_.xml().attribute("state", reply->state);
    output_.xml().attribute("result", "ok");
    output_.xml().close();
    return exit_code::kOk;
  }

  int launcher() {
    const auto reply = ask_launcher(settings_.timeout_ms);
    if (!reply && reply.error().kind == ErrorKind::kDisconnected) {
      return failed({ErrorKind::kDisconnected, "Transport endpoint is not connected"}, "");
    }
    if (!reply) return failed(reply.error(), "pacemakerd API");
    if (settings_.quiet) {
      output_.text().line(launcher_state_name(reply->state));
    } else {
      write_health(output_, *reply);
    }
    return exit_code::kOk;
  }

  int dc() {
    const auto reply = ask(ControllerRequest::Kind::kDcLookup, "");
    if (!reply) return failed(reply.error(), "controller API on DC");
    if (!reply->ok) {
      if (!settings_.quiet) output_.text().line("Designated Controller is: not yet elected");
      output_.bare_error("error: Command failed: DC is not yet elected");
      return exit_code::kNoDc;
    }
    output_.text().line(settings_.quiet ? reply->node : "Designated Controller is: " + reply->node);
    output_.xml().open("dc");
    output_.xml().attribute("node_name", reply->node);
    output_.xml().close();
    return exit_code::kOk;
  }

  bool wants(std::string_view type) const {
    if (settings_.subject.empty()) return true;
    std::string_view rest = settings_.subject;
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find(','));
      if (word == type || word == "all") return true;
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    return false;
  }

  void list(std::string_view type, std::string_view xpath, const char* name_attribute,
            xml::Element cib) {
    if (!wants(type)) return;
    const auto found = xml::find_all(cib, xpath);
    if (!found) return;
    for (const xml::Element element : *found) {
      const std::string_view name = element.get_or(name_attribute, {});
      const std::string_view id = type == "cluster" ? element.id() : name;
      ++shown_;
      if (settings_.quiet) {
        output_.text().line(name);
      } else if (settings_.bash_export) {
        output_.text().line(fmt::format("export {}={}", name, id));
      } else {
        output_.text().line(fmt::format("{} node: {} ({})", type, name, id));
      }
      output_.xml().open("node");
      output_.xml().attribute("type", type);
      output_.xml().attribute("name", name);
      output_.xml().attribute("id", id);
      output_.xml().close();
    }
  }

  int nodes() {
    auto cib = CibAccess::open("crmadmin");
    if (!cib) return failed(cib.error(), "CIB");
    const auto document = (*cib)->document(settings_.timeout_ms);
    if (!document) return failed(document.error(), "CIB");
    const xml::Element root = document->root();
    output_.xml().open("nodes");
    list("cluster", "/cib/configuration/nodes/node[not(@type='remote')]", "uname", root);
    list("guest",
         "/cib/configuration/resources//primitive/meta_attributes/nvpair[@name='remote-node']",
         "value", root);
    list("remote",
         "/cib/configuration/resources//primitive[@class='ocf' and @provider='pacemaker' and "
         "@type='remote']",
         "id", root);
    output_.xml().close();
    if (shown_ == 0) output_.info("No nodes configured");
    return exit_code::kOk;
  }

  Settings settings_;
  Output& output_;
  int shown_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  Settings settings;
  return run_tool(
      kProgram, option_groups(settings), arguments, {Format::kText, Format::kXml, Format::kNone},
      [&](Output& output, const ParsedCommandLine&) { return Crmadmin(settings, output).run(); });
}
