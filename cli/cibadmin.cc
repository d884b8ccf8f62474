// cibadmin: query and change the CIB (spec/14 §7).

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"
#include "cib/digest.h"
#include "cib/schema.h"
#include "common/cib_access.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/options.h"
#include "common/output.h"
#include "common/tool.h"
#include "messages/controller.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

constexpr Program kProgram = {"cibadmin", "query and edit the Pacemaker configuration", "",
                              "ANSUXhotx", R"(
Examples:

Query the configuration:

	# cibadmin --query

Query just the cluster options:

	# cibadmin --query --scope crm_config

Set the target role of a resource:

	# cibadmin --modify --xml-text '<nvpair id="web-meta-target-role" value="Stopped"/>'

Replace the configuration with a file:

	# cibadmin --replace --scope configuration --xml-file new.xml
)"};

enum class Command {
  kQuery,
  kUpgrade,
  kErase,
  kBump,
  kCreate,
  kModify,
  kPatch,
  kReplace,
  kDelete,
  kDeleteAll,
  kEmpty,
  kDigest,
  kVersionedDigest,
};

struct Settings {
  Command command = Command::kQuery;
  std::string empty_schema;
  std::optional<std::string> file;
  std::optional<std::string> text;
  bool pipe = false;
  bool force = false;
  std::int64_t timeout_s = 30;
  std::optional<std::string> user;
  std::string place;
  bool by_xpath = false;
  bool show_access = false;
  std::string access_mode = "auto";
  bool may_create = false;
  bool no_children = false;
  bool node_path = false;
  bool dry_run = false;
};

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto command = [&](char letter, std::string_view name, std::string_view help,
                           Command which) {
    return Option{letter, name, "", help, [&s, which](std::string_view) -> Result<void> {
                    s.command = which;
                    return {};
                  }};
  };

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
        [&s](std::string_view value) -> Result<void> {
          const auto number = to_integer(value);
          if (!number) return fail(ErrorKind::kUsage, "");
          s.timeout_s = *number;
          return {};
        }},
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
                        fmt::format("Invalid value '{}' for option '-S'", value));
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

std::string_view without_newline(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

/// One run of the tool.
class Cibadmin {
 public:
  Cibadmin(Settings settings, Output& output) : settings_(std::move(settings)), output_(output) {}

  int run() {
    if (const int refused = check_options(); refused != exit_code::kOk) return refused;
    if (const int refused = read_data(); refused != exit_code::kOk) return refused;
    switch (settings_.command) {
      case Command::kEmpty:
        return print_empty();
      case Command::kDigest:
        return print_digest(cib::DigestKind::kOnDisk);
      case Command::kVersionedDigest:
        return print_digest(cib::DigestKind::kOnWire);
      default:
        return send();
    }
  }

 private:
  int check_options() {
    const bool dangerous = settings_.command == Command::kErase ||
                           settings_.command == Command::kDeleteAll ||
                           settings_.command == Command::kUpgrade;
    if (dangerous && !settings_.force) {
      output_.error(
          "The supplied command is considered dangerous. To prevent accidental destruction of the "
          "cluster, the --force flag is required in order to proceed.");
      return exit_code::kUnsafe;
    }
    if (settings_.show_access && settings_.command == Command::kQuery && !settings_.user) {
      output_.error("-U/--user is required with -S/--show-access");
      return exit_code::kUsage;
    }
    if (settings_.show_access && settings_.command == Command::kQuery) {
      output_.error("-S/--show-access isn't available in this version");
      return exit_code::kUnimplemented;
    }
    return exit_code::kOk;
  }

  int read_data() {
    std::string source;
    std::string text;
    if (settings_.file) {
      source = *settings_.file;
      auto content = read_input(*settings_.file);
      if (content) text = std::move(*content);
    } else if (settings_.text) {
      source = "input string";
      text = *settings_.text;
    } else if (settings_.pipe) {
      source = "stdin";
      auto content = read_input("-");
      if (content) text = std::move(*content);
    } else {
      if (!needs_input(settings_)) return exit_code::kOk;
      const bool deletes =
          settings_.command == Command::kDelete || settings_.command == Command::kDeleteAll;
      output_.error(deletes ? "The supplied command requires either --xpath or input via "
                              "--xml-file, --xml-text, or --xml-pipe"
                            : "The supplied command requires input via --xml-file, --xml-text, or "
                              "--xml-pipe");
      return exit_code::kUsage;
    }
    auto parsed = xml::Document::parse(text, source);
    if (!parsed) {
      output_.error("Couldn't parse input from " + source);
      output_.notice(parsed.error().message);
      return exit_code::kDataError;
    }
    input_ = std::move(*parsed);
    return exit_code::kOk;
  }

  int print_empty() {
    const std::string schema =
        settings_.empty_schema.empty() ? std::string(cib::kNewestSchema) : settings_.empty_schema;
    print_xml(cib::Cib::empty(kFeatureSet, schema, 1).root());
    return exit_code::kOk;
  }

  int print_digest(cib::DigestKind kind) {
    const std::string digest = cib::digest_of(input_.root(), kind);
    output_.text().line(digest);
    output_.xml().open("md5-sum");
    output_.xml().attribute("digest", digest);
    output_.xml().close();
    return exit_code::kOk;
  }

  cib::Request request() const {
    cib::Request request;
    request.section = settings_.place;
    request.options.xpath = settings_.by_xpath;
    request.options.dry_run = settings_.dry_run;
    if (input_) request.data = input_.root().to_string();
    switch (settings_.command) {
      case Command::kQuery:
        request.options.no_children = settings_.no_children;
        request.options.addresses = settings_.node_path && !settings_.no_children;
        break;
      case Command::kUpgrade:
        request.operation = cib::Operation::kUpgrade;
        break;
      case Command::kErase:
        request.operation = cib::Operation::kErase;
        break;
      case Command::kBump:
        request.operation = cib::Operation::kBump;
        break;
      case Command::kCreate:
        request.operation = cib::Operation::kCreate;
        break;
      case Command::kModify:
        request.operation = cib::Operation::kModify;
        request.options.score_update = true;
        request.options.may_create = settings_.may_create;
        break;
      case Command::kPatch:
        request.operation = cib::Operation::kPatch;
        break;
      case Command::kReplace:
        request.operation = cib::Operation::kReplace;
        break;
      case Command::kDelete:
        request.operation = cib::Operation::kDelete;
        break;
      case Command::kDeleteAll:
        request.operation = cib::Operation::kDelete;
        request.options.multiple = true;
        break;
      default:
        break;
    }
    return request;
  }

  void check_scope() {
    static constexpr std::array<std::string_view, 12> kSections = {
        "configuration", "nodes", "resources",        "constraints", "crm_config", "rsc_defaults",
        "op_defaults",   "acls",  "fencing-topology", "tags",        "alerts",     "status"};
    if (settings_.by_xpath || settings_.place.empty()) return;
    if (std::find(kSections.begin(), kSections.end(), settings_.place) == kSections.end()) {
      output_.bare_error(
          fmt::format("Invalid value '{}' for '--scope'. Operation will apply to the entire CIB",
                      settings_.place));
    }
  }

  int send() {
    check_scope();
    if (settings_.command == Command::kReplace && input_.root().name() == "cib" &&
        !input_.root().first_child("status")) {
      input_.root().add("status");
    }
    auto access = CibAccess::open("cibadmin", settings_.user.value_or(""));
    if (!access) {
      output_.error("Could not connect to the CIB API: " + access.error().message);
      return exit_code_of(access.error().kind);
    }
    if (settings_.timeout_s < 1) {
      output_.bare_error("Timeout must be positive, defaulting to 30");
      settings_.timeout_s = 30;
    }
    auto answer = (*access)->run(request(), settings_.timeout_s * 1000);
    if (!answer) {
      output_.error("CIB API call failed: " + answer.error().message);
      return exit_code_of(answer.error().kind);
    }
    const int code = report(*answer);
    if (auto signed_off = (*access)->sign_off(); !signed_off) {
      output_.error("CIB API call failed: " + signed_off.error().message);
      return exit_code_of(signed_off.error().kind);
    }
    return code;
  }

  int report(const CibAnswer& answer) {
    int code = exit_code::kOk;
    if (settings_.command == Command::kUpgrade && answer.code == cib::Code::kSchemaUnchanged) {
      output_.info("Upgrade unnecessary: Schema is already the latest available");
    } else if (answer.code != cib::Code::kOk) {
      output_.error(fmt::format("CIB API call failed: {}", cib::message_of(answer.code)));
      if (!answer.message.empty() && answer.message != cib::message_of(answer.code)) {
        output_.notice(answer.message);
      }
      code = cib::exit_code_of(answer.code);
    }
    if (const std::string notice = durability_notice(answer.durability); !notice.empty()) {
      output_.notice(notice);
    }
    if (!answer.data.empty()) {
      if (const auto parsed = xml::Document::parse(answer.data, "answer")) {
        print_answer(parsed->root());
      }
    }
    return code;
  }

  void print_answer(xml::Element answer) {
    if (!(settings_.node_path && !settings_.no_children && answer.name() == "xpath-query")) {
      print_xml(answer);
      return;
    }
    std::string lines;
    for (xml::Element path : xml::children(answer)) {
      lines += std::string(path.id()) + "\n";
    }
    if (output_.is_text()) {
      output_.text().line(without_newline(lines));
    } else {
      print_xml(answer);
    }
  }

  void print_xml(xml::Element element) {
    const std::string text = file_text(element);
    if (output_.is_text()) {
      output_.text().line(without_newline(text));
    } else {
      output_.xml().cdata_element("output", text);
    }
  }

  Settings settings_;
  Output& output_;
  xml::Document input_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  Settings settings;
  return run_tool(
      kProgram, option_groups(settings), arguments, {Format::kText, Format::kXml, Format::kNone},
      [&](Output& output, const ParsedCommandLine&) { return Cibadmin(settings, output).run(); });
}
