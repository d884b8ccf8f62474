// crm_verify: what is wrong with a configuration (spec/07 §23).

#include <cstdio>
#include <ctime>

#include "base/text.h"
#include "cib/upgrade.h"
#include "common/cib_access.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/messages.h"
#include "common/output.h"
#include "scheduler/schedule.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

struct Settings {
  bool live = false;
  bool pipe = false;
  bool quiet = false;
  std::optional<std::string> file;
  std::optional<std::string> text;
  std::optional<std::string> save;
};

std::vector<OptionGroup> option_groups(Settings& s) {
  OptionGroup main;
  main.options = {
      {'q', "quiet", "", "Don't print verification results", set_flag(s.quiet), false, false}};
  OptionGroup data{"data", "Data Options", "Show data options", {}};
  data.options = {{'L', "live-check", "", "Check the configuration used by the running cluster",
                   set_flag(s.live), false, false},
                  {'x', "xml-file", "FILE", "Check the configuration in the named file",
                   set_text(s.file), false, false},
                  {'p', "xml-pipe", "", "Check the configuration piped in via stdin",
                   set_flag(s.pipe), false, false},
                  {'X', "xml-text", "XML", "Check the configuration in the supplied string",
                   set_text(s.text), false, false}};
  OptionGroup more{"additional", "Additional Options", "Show additional options", {}};
  more.options = {{'S', "save-xml", "FILE", "Save verified XML to named file (most useful with -L)",
                   set_text(s.save), false, false}};
  return {main, data, more};
}

Program program() {
  Program program;
  program.name = "crm_verify";
  program.summary = "check a Pacemaker configuration for errors";
  program.special_letters = "xSX";
  program.extra_help =
      "Examples:\n\n"
      "Check the consistency of the configuration in the running cluster:\n\n"
      "\tcrm_verify --live-check\n\n"
      "Check the consistency of the configuration in a given file and produce verbose output:\n\n"
      "\tcrm_verify --xml-file file.xml --verbose\n";
  return program;
}

/// A source that begins with `<` is XML, anything else names a file.
Result<xml::Document> read_source(const std::string& source) {
  if (trim(source).starts_with('<')) return xml::Document::parse(source);
  const auto text = read_input(source);
  if (!text) return tl::unexpected<Error>(text.error());
  return xml::Document::parse(*text, source);
}

Result<xml::Document> read_live() {
  auto access = CibAccess::open("crm_verify");
  if (!access) return tl::unexpected<Error>(access.error());
  return (*access)->document();
}

/// One check of one document (spec/07 §23.2).
class Check {
 public:
  Check(Output& output, const Settings& settings, int verbosity)
      : output_(output), settings_(settings), verbosity_(verbosity) {}

  int run(xml::Document& document) {
    const xml::Element root = document.root();
    if (root.name() != "cib") {
      output_.bare_error("Input is not a CIB (outermost element is " + std::string(root.name()) +
                         " not cib)");
      return conclude("Configuration ");
    }
    const bool had_status = static_cast<bool>(root.first_child("status"));
    if (!had_status) xml::Element(root).add("status");
    if (validate(document)) schedule(document, had_status);
    if (errors_ > 0) tell("error: CIB did not pass schema validation");
    if (errors_ > 0) return conclude("Configuration invalid");
    if (warnings_ > 0) return conclude("Configuration may need attention");
    return exit_code::kOk;
  }

 private:
  void tell(const std::string& text) {
    if (verbosity_ > 0) output_.bare_error(text);
  }

  int conclude(std::string text) {
    if (settings_.quiet) return exit_code::kConfig;
    if (verbosity_ == 0) text += " (-V may provide more detail)";
    output_.bare_error(text);
    return exit_code::kConfig;
  }

  /// Valid against its own schema, and upgraded to one the scheduler uses.
  bool validate(xml::Document& document) {
    cib::Schemas schemas;
    const std::string_view schema = document.root().get_or("validate-with", {});
    if (schema != "none") {
      if (cib::schema_position(schema) < 0) {
        ++errors_;
        return false;
      }
      const auto violations = schemas.validate(document.root(), schema);
      for (const cib::Violation& violation : violations) {
        output_.bare_error(violation.to_string() + "\n");
      }
      if (!violations.empty()) {
        ++errors_;
        return false;
      }
    }
    const auto usable = cib::make_usable(document, schemas);
    if (!usable) {
      tell(
          "error: The cluster will NOT be able to use this configuration.\n"
          "Please manually update the configuration to conform to the " +
          std::string(cib::kNewestSchema) + " syntax.");
      ++errors_;
      return false;
    }
    if (const std::string upgrade = cib::describe(*usable); !upgrade.empty()) {
      if (verbosity_ > 1) output_.bare_error("notice: " + upgrade);
    }
    return true;
  }

  void schedule(const xml::Document& document, bool had_status) {
    scheduler::Input input;
    input.cib = document.root();
    input.now_seconds = static_cast<std::int64_t>(std::time(nullptr));
    input.sanitized = !settings_.live;
    const auto run = had_status ? scheduler::schedule(input) : scheduler::verify(input);
    if (!run) {
      ++errors_;
      tell("error: " + run.error().message);
      return;
    }
    for (const model::Message& message : run->snapshot->messages) {
      if (message.level == model::MessageClass::kConfigError) {
        ++errors_;
        tell("error: " + message.text);
      } else if (message.level == model::MessageClass::kConfigWarning) {
        ++warnings_;
        tell("warning: " + message.text);
      }
    }
  }

  Output& output_;
  const Settings& settings_;
  int verbosity_;
  int errors_ = 0;
  int warnings_ = 0;
};

int check(Output& output, const Settings& settings, int verbosity) {
  std::string source;
  if (settings.file) {
    source = *settings.file;
  } else if (settings.text) {
    source = *settings.text;
  } else if (settings.pipe) {
    source = "-";
  } else if (!settings.live) {
    output.error("No input specified");
    return exit_code::kError;
  }
  auto document = source.empty() ? read_live() : read_source(source);
  if (!document && source.empty()) {
    output.bare_error("Could not connect to the CIB: " + document.error().message);
    output.error("Verification failed: " + document.error().message);
    return exit_code_of(document.error().kind);
  }
  if (!document) {
    output.error("Verification failed: Unable to parse CIB XML");
    return exit_code::kConfig;
  }
  // A copy that can't be written is no reason not to check.
  if (settings.save) (void)write_file(*settings.save, file_text(document->root()));
  return Check(output, settings, verbosity).run(*document);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  Settings settings;
  const auto parsed = parse_command_line(program(), option_groups(settings), arguments);
  if (!parsed) {
    std::fprintf(stderr, "crm_verify: %s\n", parsed.error().message.c_str());
    return exit_code::kUsage;
  }
  for (const std::string& notice : parsed->notices) std::fprintf(stderr, "%s\n", notice.c_str());
  if (parsed->help) {
    std::fputs(parsed->help->c_str(), stdout);
    return exit_code::kOk;
  }
  auto output = Output::create("crm_verify", parsed->common, arguments,
                               {Format::kText, Format::kXml, Format::kNone, Format::kJson});
  if (!output) {
    std::fprintf(stderr, "crm_verify: %s\n", output.error().message.c_str());
    return exit_code::kError;
  }
  if (parsed->common.version) {
    write_version(**output);
    return (*output)->finish(exit_code::kOk);
  }
  int verbosity = parsed->common.verbosity;
  if (settings.quiet && verbosity > 0) --verbosity;
  if ((*output)->structured()) verbosity = 1;
  return (*output)->finish(check(**output, settings, verbosity));
}
