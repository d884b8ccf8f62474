// attrd_updater: transient node attributes (spec/10 §18, spec/13 §27).

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <thread>

#include "common/agent_environment.h"
#include "common/attribute_wait.h"
#include "common/controller_call.h"
#include "common/exit_code.h"
#include "common/tool.h"
#include "xml/document.h"

namespace {

using namespace quorate;
using namespace quorate::cli;
using Kind = AttributeRequest::Kind;

constexpr std::int64_t kTimeoutMs = 60'000;

constexpr Program kProgram = {"attrd_updater", "query and update Pacemaker node attributes", "",
                              "dlnsvBNUS", R"(
Examples:

Set the transient attribute 'load' of this node to 3:

	# attrd_updater --name load --update 3

Show its value on all nodes:

	# attrd_updater --name load --query --all
)"};

struct Settings {
  AttributeRequest request;
  char command = 'Q';
  bool named = false;
  bool patterned = false;
  bool delayed = false;
};

Result<void> check_lifetime(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kKnown = {"nodes", "forever", "status",
                                                             "reboot"};
  for (const std::string_view known : kKnown) {
    if (text == known) return {};
  }
  return fail(ErrorKind::kUsage, fmt::format("Unknown value for --lifetime: {}", text));
}

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto command = [&s](char letter, std::string_view name, std::string_view value_name,
                            std::string_view help, Kind kind, bool hidden = false) {
    return Option{letter,
                  name,
                  value_name,
                  help,
                  [&s, letter, kind](std::string_view value) -> Result<void> {
                    s.command = letter == 'v' ? 'U' : letter;
                    s.request.kind = kind;
                    s.request.value.reset();
                    if (kind == Kind::kUpdate || kind == Kind::kUpdateBoth) {
                      s.request.value = std::string(value);
                    }
                    return {};
                  },
                  hidden};
  };
  const auto text = [](std::string& target) {
    return [&target](std::string_view value) -> Result<void> {
      target = std::string(value);
      return {};
    };
  };
  const auto remember = [](bool& given, std::string& target) {
    return [&given, &target](std::string_view value) -> Result<void> {
      given = true;
      target = std::string(value);
      return {};
    };
  };
  const auto ignore = [](std::string_view) -> Result<void> { return {}; };
  OptionGroup required{
      "required",
      "Selecting attributes:",
      "Show options that select attributes",
      {{'n', "name", "NAME", "The attribute's name", remember(s.named, s.request.name)},
       {'P', "pattern", "PATTERN", "All attributes matching PATTERN (with -B, -D, -U, -Y)",
        remember(s.patterned, s.request.pattern)}}};
  OptionGroup commands{
      "command",
      "Commands:",
      "Show command options",
      {command('U', "update", "VALUE", "Update attribute's value", Kind::kUpdate),
       command('v', "", "VALUE", "", Kind::kUpdate, true),
       command('B', "update-both", "VALUE", "Update attribute's value and time to wait (dampening)",
               Kind::kUpdateBoth),
       command('Y', "update-delay", "", "Update attribute's dampening only", Kind::kUpdateDelay),
       command('Q', "query", "", "Query the attribute's value (default)", Kind::kQuery),
       command('D', "delete", "", "Unset attribute", Kind::kDelete),
       command('R', "refresh", "", "Write all attribute values to the CIB", Kind::kRefresh)}};
  OptionGroup additional{
      "additional",
      "Additional Options:",
      "Show additional options",
      {{'d', "delay", "SECONDS", "The time to wait (dampening) for further changes",
        remember(s.delayed, s.request.dampening)},
       {'s', "set", "SET", "The XML ID of the set in which the attribute is kept",
        text(s.request.set_id)},
       {'N', "node", "NODE", "The node (default: this one)", text(s.request.node)},
       {'A', "all", "", "Show values of the attribute for all nodes (with --query)",
        set_flag(s.request.all_nodes)},
       {'l', "lifetime", "LIFETIME", "Accepted for compatibility, has no effect", check_lifetime},
       {'S', "section", "LIFETIME", "", check_lifetime, true},
       {'p', "private", "", "The attribute never gets into the CIB",
        set_flag(s.request.is_private)},
       {'W', "wait", "UNTIL", "Wait for an update to take effect: no, local or cluster",
        set_attribute_wait(s.request.wait)},
       {'z', "utilization", "", "Set a utilization attribute",
        [&s](std::string_view) -> Result<void> {
          s.request.set_type = "utilization";
          return {};
        }},
       {'q', "quiet", "", "", ignore, true}}};
  return {OptionGroup{}, required, commands, additional};
}

class AttrdUpdater {
 public:
  AttrdUpdater(Settings settings, Output& output)
      : settings_(std::move(settings)), output_(output) {}

  int run() {
    const Kind kind = settings_.request.kind;
    const bool changes = kind != Kind::kQuery && kind != Kind::kRefresh;
    if (kind != Kind::kRefresh && !settings_.named && !settings_.patterned) {
      return usage("Command requires --name or --pattern argument");
    }
    if (settings_.named && settings_.patterned) {
      return usage("Error: --name and --pattern cannot be used at the same time");
    }
    if (settings_.patterned && !changes) {
      return usage("Error: pattern can only be used with delete or update");
    }
    if ((kind == Kind::kUpdateBoth || kind == Kind::kUpdateDelay) && !settings_.delayed) {
      output_.info(
          fmt::format("Warning: '{}' command given without required --delay", settings_.command));
    }
    settings_.request.node = resolve_node(settings_.request.node);
    return kind == Kind::kQuery ? query() : change();
  }

 private:
  int usage(std::string_view text) {
    output_.error(text);
    return exit_code::kUsage;
  }

  int query() {
    auto call = AttributesCall::open("attrd_updater");
    if (!call) {
      output_.error("Could not connect to attribute manager: " + call.error().message);
      return exit_code_of(call.error().kind);
    }
    const std::string& name = settings_.request.name;
    const auto reply = call->ask(settings_.request, kTimeoutMs);
    if (!reply) return query_failed(reply.error());
    if (!reply->ok && reply->error != ErrorKind::kNotFound) {
      return query_failed({reply->error, reply->message});
    }
    if (!reply->ok || reply->values.empty()) {
      output_.error(fmt::format("Could not query value of {}: attribute does not exist", name));
      return exit_code::kConfig;
    }
    for (const AttributeValueOf& entry : reply->values) print(name, entry);
    return exit_code::kOk;
  }

  int query_failed(const Error& error) {
    const int code = exit_code_of(error.kind);
    output_.error(fmt::format("Could not query value of {}: {} ({})", settings_.request.name,
                              error.message, code));
    return code;
  }

  void print(const std::string& name, const AttributeValueOf& entry) {
    const std::string value = entry.value.value_or("");
    output_.text().line(
        fmt::format("name=\"{}\" host=\"{}\" value=\"{}\"", name, entry.node, xml::escape(value)));
    output_.xml().open("attribute");
    output_.xml().attribute("name", name);
    output_.xml().attribute("value", value);
    output_.xml().attribute("host", entry.node);
    output_.xml().close();
  }

  /// Agents call this at any time: a manager that is being restarted is waited for.
  Result<AttributesCall> open_patiently() {
    auto call = AttributesCall::open("attrd_updater");
    for (int pause = 1; pause <= 5 && !call && call.error().kind == ErrorKind::kDisconnected;
         ++pause) {
      std::this_thread::sleep_for(std::chrono::seconds(pause));
      call = AttributesCall::open("attrd_updater");
    }
    return call;
  }

  int change() {
    auto call = open_patiently();
    Result<AttributeReply> reply =
        call ? call->ask(settings_.request, kTimeoutMs) : tl::unexpected(call.error());
    if (reply && reply->ok) return exit_code::kOk;
    const int code = exit_code_of(reply ? reply->error : reply.error().kind);
    const AttributeRequest& request = settings_.request;
    const std::string name = settings_.named       ? request.name
                             : settings_.patterned ? request.pattern
                                                   : "(null)";
    output_.error(fmt::format("Could not update {}={}: {} ({})", name,
                              request.value.value_or("(null)"),
                              reply ? reply->message : reply.error().message, code));
    return code;
  }

  Settings settings_;
  Output& output_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  Settings settings;
  return run_tool(kProgram, option_groups(settings), arguments,
                  {Format::kText, Format::kXml, Format::kNone},
                  [&](Output& output, const ParsedCommandLine&) {
                    return AttrdUpdater(settings, output).run();
                  });
}
