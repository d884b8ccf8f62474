// crm_diff: the difference between two CIBs, and patches applied to files (spec/14 §9).

#include <fmt/format.h>

#include "cib/digest.h"
#include "cib/patch.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "common/tool.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

Program program() {
  Program program;
  program.name = "crm_diff";
  program.summary = "compare two Pacemaker configurations (in XML format), or apply a patch to one";
  program.special_letters = "nopNO";
  program.ignores_words = true;
  program.extra_help = R"(
Examples:

Obtain the two different configuration files by running cibadmin on the two cluster setups to compare:

	# cibadmin --query > cib-old.xml

	# cibadmin --query > cib-new.xml

Calculate and save the difference between the two files:

	# crm_diff --original cib-old.xml --new cib-new.xml > patch.xml

Apply the patch to the original file:

	# crm_diff --original cib-old.xml --patch patch.xml > updated.xml

Apply the patch to the running cluster:

	# cibadmin --patch -x patch.xml
)";
  return program;
}

struct Settings {
  std::optional<std::string> original_file;
  std::optional<std::string> original_text;
  std::optional<std::string> new_file;  ///< of --new or --patch, the later
  std::optional<std::string> new_text;
  bool patch = false;
  bool as_cib = false;
  bool no_version = false;
  bool from_stdin = false;
};

std::vector<OptionGroup> option_groups(Settings& s) {
  OptionGroup original{
      "original-xml",
      "Original XML:",
      "Show original XML options",
      {{'o', "original", "FILE", "XML is contained in the named file (-: standard input)",
        set_text(s.original_file)},
       {'O', "original-string", "STRING", "XML is contained in the supplied string",
        set_text(s.original_text)}}};
  OptionGroup operation{
      "operation",
      "Operation:",
      "Show operation options",
      {{'n', "new", "FILE", "Compare the original XML to the contents of the named file",
        set_text(s.new_file)},
       {'N', "new-string", "STRING", "Compare the original XML with the contents of the string",
        set_text(s.new_text)},
       {'p', "patch", "FILE", "Patch the original XML with the contents of the named file",
        [&s](std::string_view file) -> Result<void> {
          s.patch = true;
          s.new_file = std::string(file);
          return {};
        }}}};
  OptionGroup additional{
      "additional",
      "Additional Options:",
      "Show additional options",
      {{'c', "cib", "", "Compare/patch the inputs as a CIB (includes versions details)",
        set_flag(s.as_cib)},
       {'u', "no-version", "", "Generate the difference without versions details",
        set_flag(s.no_version)},
       {'s', "stdin", "", "", set_flag(s.from_stdin), true}}};
  return {OptionGroup{}, original, operation, additional};
}

class CrmDiff {
 public:
  CrmDiff(const Settings& settings, Output& output) : settings_(settings), output_(output) {}

  int run() {
    if (settings_.no_version && settings_.as_cib) {
      return usage("-u/--no-version incompatible with -c/--cib");
    }
    if (settings_.no_version && settings_.patch) {
      output_.bare_error("Warning: -u/--no-version ignored with -p/--patch");
    }
    if (!settings_.original_file && !settings_.original_text && !settings_.from_stdin) {
      return usage("Either --original or --original-string must be specified");
    }
    if (!settings_.new_file && !settings_.new_text && !settings_.from_stdin) {
      return usage("Either --new, --new-string, or --patch must be specified");
    }
    auto original = read("original", settings_.original_text, settings_.original_file);
    if (!original) return exit_code::kDataError;
    auto other = read(settings_.patch ? "patch" : "new", settings_.new_text, settings_.new_file);
    if (!other) return exit_code::kDataError;
    return settings_.patch ? apply(std::move(*original), other->root())
                           : compare(original->root(), other->root());
  }

 private:
  int usage(std::string_view text) {
    output_.error(text);
    return exit_code::kUsage;
  }

  /// String before standard input (-s) before file.
  Result<xml::Document> read(std::string_view what, const std::optional<std::string>& text,
                             const std::optional<std::string>& file) {
    const auto content = text                   ? Result<std::string>(*text)
                         : settings_.from_stdin ? read_input("-")
                                                : read_input(*file);
    const std::string source = text                                   ? "the string"
                               : settings_.from_stdin || *file == "-" ? "standard input"
                                                                      : *file;
    auto document = content ? xml::Document::parse(*content, source)
                            : fail(content.error().kind, source + ": " + content.error().message);
    if (!document) {
      output_.error(fmt::format("Failed to parse {} XML", what));
      output_.notice(document.error().message);
    }
    return document;
  }

  void print(std::string_view element, const std::string& text) {
    output_.text().line(text.ends_with('\n') ? text.substr(0, text.size() - 1) : text);
    output_.xml().cdata_element(element, text);
  }

  int compare(xml::Element from, xml::Element to) {
    cib::PatchOptions options;
    options.ignore_attribute_order = settings_.as_cib;
    options.with_version = !settings_.no_version;
    if (settings_.as_cib) options.digest = cib::digest_of(to, cib::DigestKind::kOnWire);
    const auto patch = cib::diff(from, to, options);
    if (!patch) {
      output_.error(patch.error().message);
      return exit_code_of(patch.error().kind);
    }
    if (patch->empty()) return exit_code::kOk;
    const auto document = xml::Document::parse(*patch, "the patch");
    print("patchset", document ? file_text(document->root()) : *patch);
    return exit_code::kError;
  }

  int apply(xml::Document original, xml::Element patch) {
    auto cib = cib::Cib::wrap(std::move(original));
    if (!cib) {
      output_.error("Could not apply patch: " + cib.error().message);
      return exit_code_of(cib.error().kind);
    }
    cib::Code code = cib::Code::kOk;
    {
      cib::Edit edit(*cib);
      code = cib::apply_patch(edit, patch, settings_.as_cib);
      if (code == cib::Code::kOk) edit.commit();
    }
    if (code != cib::Code::kOk) {
      output_.error(fmt::format("Could not apply patch: {}", cib::message_of(code)));
      return cib::exit_code_of(code);
    }
    print("updated", file_text(cib->root()));
    return exit_code::kOk;
  }

  const Settings& settings_;
  Output& output_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  Settings settings;
  return run_tool(
      program(), option_groups(settings), arguments, {Format::kText, Format::kXml, Format::kNone},
      [&](Output& output, const ParsedCommandLine&) { return CrmDiff(settings, output).run(); });
}
