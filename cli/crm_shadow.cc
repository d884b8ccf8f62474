// crm_shadow: try changes on a copy of the configuration (spec/14 §8).

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cib/patch.h"
#include "cib/schema.h"
#include "common/cib_access.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/help.h"
#include "common/tool.h"
#include "messages/controller.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

constexpr Program kProgram = {"crm_shadow", "perform Pacemaker configuration changes in a sandbox",
                              "", "CDcersv", R"(
Examples:

Create a blank shadow configuration:

	# crm_shadow --create-empty myShadow

Create a shadow configuration from the running cluster:

	# crm_shadow --create myShadow

Display the current shadow configuration:

	# crm_shadow --display

Discard the current shadow configuration (named myShadow):

	# crm_shadow --delete myShadow --force

Upload current shadow configuration (named myShadow) to running cluster:

	# crm_shadow --commit myShadow
)"};

enum class Command {
  kNone,
  kWhich,
  kDisplay,
  kDiff,
  kFile,
  kCreate,
  kCreateEmpty,
  kCommit,
  kDelete,
  kEdit,
  kReset,
  kSwitch,
};

struct Settings {
  Command command = Command::kNone;
  std::string instance;
  bool force = false;
  bool batch = false;
  bool all = false;
  std::optional<std::string> schema;
};

std::vector<OptionGroup> option_groups(Settings& s) {
  const auto query = cli::chooser(s.command);
  const auto command = cli::chooser(s.command, s.instance, "NAME");
  OptionGroup queries{
      "queries",
      "Queries:",
      "Show query help",
      {query('w', "which", "Indicate the active shadow copy", Command::kWhich),
       query('p', "display", "Display the contents of the active shadow copy", Command::kDisplay),
       query('d', "diff", "Display the changes in the active shadow copy", Command::kDiff),
       query('F', "file", "Display the location of the active shadow copy file", Command::kFile)}};
  OptionGroup commands{
      "commands",
      "Commands:",
      "Show command help",
      {command('c', "create", "Create the named shadow copy of the active cluster configuration",
               Command::kCreate),
       command('e', "create-empty", "Create the named shadow copy with an empty configuration",
               Command::kCreateEmpty),
       command('C', "commit", "Upload the contents of the named shadow copy to the cluster",
               Command::kCommit),
       command('D', "delete", "Delete the contents of the named shadow copy", Command::kDelete),
       query('E', "edit", "Edit the contents of the active shadow copy with $EDITOR",
             Command::kEdit),
       command('r', "reset", "Recreate the named shadow copy from the active configuration",
               Command::kReset),
       command('s', "switch", "Switch to the named shadow copy", Command::kSwitch)}};
  OptionGroup additional{
      "additional",
      "Additional Options:",
      "Show additional options",
      {{'f', "force", "", "Force the action to be performed", set_flag(s.force)},
       {'b', "batch", "", "Don't spawn a new shell", set_flag(s.batch)},
       {'a', "all", "", "Upload entire CIB, including status, with --commit", set_flag(s.all)},
       {'v', "validate-with", "SCHEMA", "Create an older configuration version",
        set_text(s.schema)}}};
  return {OptionGroup{}, queries, commands, additional};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

class CrmShadow {
 public:
  CrmShadow(Settings settings, Output& output)
      : settings_(std::move(settings)), output_(output), active_(environment("CIB_shadow")) {}

  int run() {
    switch (settings_.command) {
      case Command::kNone: {
        Settings unused;
        return fail_with(exit_code::kUsage,
                         "Must specify a query or command option\n\n" +
                             help_text(kProgram, option_groups(unused), "", false));
      }
      case Command::kWhich:
      case Command::kFile:
      case Command::kDisplay:
      case Command::kDiff:
      case Command::kEdit:
        return on_active();
      case Command::kCreate:
      case Command::kCreateEmpty:
        return create();
      case Command::kReset:
        return reset();
      case Command::kDelete:
        return remove();
      case Command::kCommit:
        return commit();
      case Command::kSwitch:
        if (const int code = check_exists(settings_.instance); code != exit_code::kOk) return code;
        return set_up(false);
    }
    return exit_code::kUsage;
  }

 private:
  int fail_with(int code, const std::string& text) {
    output_.error(text);
    return code;
  }

  static std::string file_of(const std::string& instance) { return shadow_path(instance); }

  int check_exists(const std::string& instance) {
    std::error_code error;
    if (std::filesystem::exists(file_of(instance), error)) return exit_code::kOk;
    return fail_with(exit_code::kNoSuch, fmt::format("Could not access shadow instance '{}': {}",
                                                     instance, std::strerror(ENOENT)));
  }

  // Queries ------------------------------------------------------------------------------------

  int on_active() {
    if (active_.empty()) {
      return fail_with(exit_code::kNoSuch, "No active shadow configuration defined");
    }
    const Command command = settings_.command;
    if (command == Command::kWhich || command == Command::kFile) return name_active();
    if (const int code = check_exists(active_); code != exit_code::kOk) return code;
    if (command == Command::kEdit) return edit();
    const auto shadow = read_shadow(active_);
    if (!shadow) return exit_code::kNoInput;
    return command == Command::kDisplay ? display(*shadow) : diff(*shadow);
  }

  int name_active() {
    const bool file = settings_.command == Command::kFile;
    output_.text().line(file ? file_of(active_) : active_);
    open_instance(active_);
    if (file) output_.xml().attribute("file", file_of(active_));
    output_.xml().close();
    return exit_code::kOk;
  }

  void open_instance(const std::string& instance) {
    output_.xml().open("shadow");
    output_.xml().attribute("instance", instance);
  }

  Result<xml::Document> read_shadow(const std::string& instance) {
    const std::string file = file_of(instance);
    const auto text = read_input(file);
    auto document = text ? xml::Document::parse(*text, file) : tl::unexpected(text.error());
    if (!document) {
      output_.error(fmt::format("Could not parse XML from input file '{}'", file));
      output_.notice(document.error().message);
    }
    return document;
  }

  int display(const xml::Document& shadow) {
    const std::string text = file_text(shadow.root());
    output_.text().line(text.substr(0, text.size() - 1));
    open_instance(active_);
    output_.xml().cdata_element("content", text);
    output_.xml().close();
    return exit_code::kOk;
  }

  int diff(const xml::Document& shadow) {
    const auto real = read_real();
    if (!real) return real_failed_;
    cib::PatchOptions options;
    options.with_version = false;
    const auto patch = cib::diff(real->root(), shadow.root(), options);
    if (!patch) return fail_with(exit_code_of(patch.error().kind), patch.error().message);
    if (patch->empty()) return exit_code::kOk;
    const auto document = xml::Document::parse(*patch, "the patch");
    if (!document) return fail_with(exit_code::kSoftware, document.error().message);
    output_.text().line(trim_end(cib::patch_as_text(document->root())));
    open_instance(active_);
    output_.xml().cdata_element("xml-patchset", file_text(document->root()));
    output_.xml().close();
    return exit_code::kError;
  }

  static std::string trim_end(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }

  int edit() {
    const std::string editor = environment("EDITOR");
    if (editor.empty()) return fail_with(exit_code::kNotConfigured, "No value for EDITOR defined");
    const std::string file = file_of(active_);
    output_.flush();
    ::execlp(editor.c_str(), editor.c_str(), file.c_str(), nullptr);
    return fail_with(exit_code::kSystemFile, fmt::format("Could not invoke EDITOR ({} {}): {}",
                                                         editor, file, std::strerror(errno)));
  }

  // The real CIB -------------------------------------------------------------------------------

  Result<std::unique_ptr<CibAccess>> open_real() {
    auto access = CibAccess::open_real("crm_shadow");
    if (!access) {
      output_.error("Could not connect to CIB: " + access.error().message);
      real_failed_ = exit_code_of(access.error().kind);
    }
    return access;
  }

  Result<xml::Document> read_real() {
    auto access = open_real();
    if (!access) return tl::unexpected(access.error());
    auto document = (*access)->document();
    if (!document) {
      output_.error("Could not query the CIB: " + document.error().message);
      real_failed_ = exit_code_of(document.error().kind);
    }
    return document;
  }

  // Commands -----------------------------------------------------------------------------------

  /// What must be forced (spec/14 §8.3).
  int check_forced(std::string_view reason, std::string_view endangered = "shadow file") {
    if (settings_.force) return exit_code::kOk;
    std::string text = fmt::format("{}.", reason);
    if (!active_.empty() && active_ != settings_.instance) {
      text += fmt::format(
          "\nAdditionally, the supplied shadow instance ({}) is not the same as the active one "
          "({}).",
          settings_.instance, active_);
    }
    return fail_with(exit_code::kUsage,
                     fmt::format("{}\nTo prevent accidental destruction of the {}, the --force "
                                 "flag is required in order to proceed.",
                                 text, endangered));
  }

  int create() {
    std::error_code error;
    if (!settings_.force && std::filesystem::exists(file_of(settings_.instance), error)) {
      return fail_with(
          exit_code::kCannotCreate,
          fmt::format("A shadow instance '{}' already exists.\nTo prevent accidental destruction "
                      "of the shadow file, the --force flag is required in order to proceed.",
                      settings_.instance));
    }
    if (settings_.command == Command::kCreateEmpty) {
      const std::string schema = settings_.schema.value_or(std::string(cib::kNewestSchema));
      const auto empty = cib::Cib::empty(kFeatureSet, schema, 0);
      if (const int code = write("create", empty.root()); code != exit_code::kOk) return code;
      output_.info(fmt::format("Created new {} configuration", schema));
      return set_up(true);
    }
    const auto real = read_real();
    if (!real) return real_failed_;
    if (const int code = write("create", real->root()); code != exit_code::kOk) return code;
    return set_up(true);
  }

  int reset() {
    if (const int code =
            check_forced("The reset command overwrites the active shadow configuration");
        code != exit_code::kOk) {
      return code;
    }
    const auto real = read_real();
    if (!real) return real_failed_;
    if (const int code = write("reset", real->root()); code != exit_code::kOk) return code;
    return set_up(true);
  }

  int write(std::string_view verb, xml::Element content) {
    const std::string file = file_of(settings_.instance);
    std::error_code ignored;  // a folder that can't be made shows when the file is written
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    if (!std::filesystem::exists(folder, ignored) &&
        std::filesystem::create_directory(folder, ignored)) {
      std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
    }
    if (auto written = write_file(file, file_text(content)); !written) {
      return fail_with(exit_code_of(written.error().kind),
                       fmt::format("Could not {} the shadow instance '{}': {}", verb,
                                   settings_.instance, written.error().message));
    }
    return exit_code::kOk;
  }

  int remove() {
    if (const int code = check_forced("The delete command removes the specified shadow file");
        code != exit_code::kOk) {
      return code;
    }
    if (::unlink(file_of(settings_.instance).c_str()) != 0 && errno != ENOENT) {
      const int error = errno;
      return fail_with(exit_code_of_errno(error),
                       fmt::format("Could not remove shadow instance '{}': {}", settings_.instance,
                                   std::strerror(error)));
    }
    if (active_ == settings_.instance) tear_down();
    return exit_code::kOk;
  }

  int commit() {
    if (const int code = check_forced(
            "The commit command overwrites the active cluster configuration", "cluster");
        code != exit_code::kOk) {
      return code;
    }
    if (const int code = check_exists(settings_.instance); code != exit_code::kOk) return code;
    const auto shadow = read_shadow(settings_.instance);
    if (!shadow) return exit_code::kNoInput;
    auto real = open_real();
    if (!real) return real_failed_;
    const xml::Element content =
        settings_.all ? shadow->root() : shadow->root().first_child("configuration");
    if (!content) {
      return fail_with(exit_code::kNoInput, fmt::format("Shadow instance '{}' has no configuration",
                                                        settings_.instance));
    }
    cib::Request request;
    request.operation = cib::Operation::kReplace;
    request.section = settings_.all ? "" : "configuration";
    request.data = content.to_string();
    const auto answer = (*real)->run(request);
    if (!answer) return commit_failed(answer.error().message, exit_code_of(answer.error().kind));
    if (answer->code != cib::Code::kOk) {
      if (!answer->message.empty()) output_.notice(answer->message);
      return commit_failed(std::string(cib::message_of(answer->code)),
                           cib::exit_code_of(answer->code));
    }
    if (const auto notice = durability_notice(answer->durability); !notice.empty()) {
      output_.notice(notice);
    }
    if (auto signed_off = (*real)->sign_off(); !signed_off) {
      return commit_failed(signed_off.error().message, exit_code_of(signed_off.error().kind));
    }
    return exit_code::kOk;
  }

  int commit_failed(const std::string& text, int code) {
    return fail_with(code, fmt::format("Could not commit shadow instance '{}' to the CIB: {}",
                                       settings_.instance, text));
  }

  // Shells -------------------------------------------------------------------------------------

  std::string prompt() const {
    return fmt::format("shadow[{}] # ", settings_.instance.substr(0, 40));
  }

  void instruct(const std::string& text) {
    output_.text().line(text);
    output_.xml().text_element("instruction", text);
  }

  int set_up(bool created) {
    const bool prompted = environment("PS1") == prompt();
    if (active_ == settings_.instance && prompted) return exit_code::kOk;
    const std::string shell = environment("SHELL");
    if (!settings_.batch && !shell.empty()) return start_shell(shell);
    instruct(fmt::format("{}\n\texport CIB_shadow={}",
                         created ? "A new shadow instance was created. To begin using it, enter "
                                   "the following into your shell:"
                                 : "To switch to the named shadow instance, enter the following "
                                   "into your shell:",
                         settings_.instance));
    return exit_code::kOk;
  }

  int start_shell(const std::string& shell) {
    output_.info("Setting up shadow instance");
    ::setenv("PS1", prompt().c_str(), 1);
    ::setenv("CIB_shadow", settings_.instance.c_str(), 1);
    instruct("Press Ctrl+D to exit the crm_shadow shell");
    output_.flush();
    if (shell.ends_with("bash")) {
      ::execl(shell.c_str(), shell.c_str(), "--norc", "--noprofile", nullptr);
    } else {
      ::execl(shell.c_str(), shell.c_str(), nullptr);
    }
    const int error = errno;
    return fail_with(exit_code_of_errno(error),
                     fmt::format("Could not start shell '{}': {}", shell, std::strerror(error)));
  }

  void tear_down() {
    if (environment("PS1") == prompt()) {
      instruct("Press Ctrl+D to exit the crm_shadow shell");
    } else {
      instruct(
          "Remember to unset the CIB_shadow variable by entering the following into your shell:\n"
          "\tunset CIB_shadow");
    }
  }

  Settings settings_;
  Output& output_;
  std::string active_;
  int real_failed_ = exit_code::kOk;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  Settings settings;
  return run_tool(
      kProgram, option_groups(settings), arguments, {Format::kText, Format::kXml, Format::kNone},
      [&](Output& output, const ParsedCommandLine&) { return CrmShadow(settings, output).run(); });
}
