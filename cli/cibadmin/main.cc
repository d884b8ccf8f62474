// cibadmin: query and change the CIB (spec/14 §7).

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cib/digest.h"
#include "cib/schema.h"
#include "cibadmin/access_view.h"
#include "cibadmin/settings.h"
#include "common/account.h"
#include "common/cib_access.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/options.h"
#include "common/output.h"
#include "common/tool.h"
#include "messages/controller.h"

namespace quorate::cibadmin {
namespace {

using namespace cli;
namespace exit_code = cli::exit_code;

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
    if (shows_access()) warn_of_own_acls();
    return exit_code::kOk;
  }

  bool shows_access() const {
    return settings_.show_access && settings_.command == Command::kQuery;
  }

  /// What a user bound by access control sees isn't the whole CIB.
  void warn_of_own_acls() {
    const std::string own = own_user();
    if (!subject_to_acls(own)) return;
    output_.bare_error(fmt::format(
        "Warning: cibadmin is being run as user {0}, which is subject to ACLs. As a result, ACLs "
        "for user {1} may be incorrect or incomplete in the output. In a future release, running "
        "as a privileged user (root or hacluster) will be required for -S/--show-access.",
        own, *settings_.user));
  }

  int read_data() {
    std::string source;
    Result<std::string> text;
    if (settings_.file) {
      source = *settings_.file;
      text = read_input(*settings_.file);
    } else if (settings_.text) {
      source = "input string";
      text = *settings_.text;
    } else if (settings_.pipe) {
      source = "stdin";
      text = read_input("-");
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
    auto parsed = text ? xml::Document::parse(*text, source)
                       : fail(text.error().kind, source + ": " + text.error().message);
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
    // What access is shown for doesn't limit what is shown.
    const std::string user = shows_access() ? "" : settings_.user.value_or("");
    auto access = CibAccess::open("cibadmin", user);
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
    } else if (looks_up_xpath() && answer.code == cib::Code::kInvalidArgument) {
      return report_bad_xpath(answer.message);
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
      if (auto parsed = xml::Document::parse(answer.data, "answer")) {
        const bool whole = parsed->root().name() == "cib";
        if (shows_access() && whole) return print_access(std::move(*parsed));
        print_answer(parsed->root());
      }
    }
    return code;
  }

  bool looks_up_xpath() const {
    return settings_.by_xpath &&
           (settings_.command == Command::kQuery || settings_.command == Command::kDelete ||
            settings_.command == Command::kDeleteAll);
  }

  /// An expression that isn't one matches nothing, as users of the reference know it; but they are
  /// told.
  int report_bad_xpath(const std::string& message) {
    const bool deletes = settings_.command != Command::kQuery;
    if (!deletes) {
      output_.error(
          fmt::format("CIB API call failed: {}", cib::message_of(cib::Code::kNoSuchDevice)));
    }
    output_.notice(message);
    return deletes ? exit_code::kOk : exit_code::kNoSuch;
  }

  int print_access(xml::Document document) {
    const std::string& user = *settings_.user;
    const auto refuse = [&](std::string_view why) {
      output_.error(fmt::format("Could not evaluate ACLs for {}: {}", user, why));
      return exit_code::kConfig;
    };
    if (!subject_to_acls(user)) return refuse(cib::message_of(cib::Code::kAlready));
    if (older_than_acls(document.root())) {
      return refuse(cib::message_of(cib::Code::kSchemaValidation));
    }
    const auto cib = cib::Cib::from(std::move(document));
    if (!cib) return refuse(cib.error().message);
    print_raw(access_text(cib->root(), cib::AccessMarks(*cib, user, groups_of(user)), user,
                          access_mode()));
    return exit_code::kOk;
  }

  /// Whether the document's schema is of a time before today's access control lists.
  static bool older_than_acls(xml::Element cib) {
    const std::string_view schema = cib.get_or("validate-with", {});
    return schema.starts_with("pacemaker-1.") || schema.starts_with("pacemaker-0.");
  }

  AccessMode access_mode() const {
    if (settings_.access_mode == "namespace") return AccessMode::kNamespace;
    if (settings_.access_mode == "color") return AccessMode::kColor;
    const bool automatic = settings_.access_mode == "auto";
    const bool terminal = output_.is_text() && !output_.to_file() && ::isatty(STDOUT_FILENO) == 1;
    return automatic && terminal ? AccessMode::kColor : AccessMode::kText;
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

  void print_xml(xml::Element element) { print_raw(file_text(element)); }

  void print_raw(const std::string& text) {
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
}  // namespace quorate::cibadmin

int main(int argc, char** argv) {
  using namespace quorate;
  const std::vector<std::string> arguments(argv, argv + argc);
  cibadmin::Settings settings;
  return cli::run_tool(cibadmin::kProgram, cibadmin::option_groups(settings), arguments,
                       {cli::Format::kText, cli::Format::kXml, cli::Format::kNone},
                       [&](cli::Output& output, const cli::ParsedCommandLine&) {
                         return cibadmin::Cibadmin(settings, output).run();
                       });
}
