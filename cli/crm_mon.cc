// crm_mon: what the cluster is doing (spec/13 §4-17). This program shows the status once.

#include <cstdio>
#include <cstdlib>

#include "cib/upgrade.h"
#include "common/exit_code.h"
#include "common/files.h"
#include "mon/show.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

/// The CIB of the file, of the newest schema; the error is the text of spec/13 §4.4.
Result<xml::Document> load(const std::string& file) {
  constexpr const char* kInvalid = "Update does not conform to the configured schema";
  const auto text = read_input(file);
  if (!text) {
    return fail(text.error().kind, text.error().kind == ErrorKind::kNotFound
                                       ? "No such device or address"
                                       : text.error().message);
  }
  auto document = xml::Document::parse(*text, file);
  if (!document) return fail(ErrorKind::kSchema, kInvalid);
  xml::Element root = document->root();
  if (root.name() != "cib") return fail(ErrorKind::kSchema, kInvalid);
  if (!root.first_child("status")) root.add("status");
  cib::Schemas schemas;
  const std::string_view schema = root.get_or("validate-with", {});
  if (schema != "none" &&
      (cib::schema_position(schema) < 0 || !schemas.validate(root, schema, false).empty())) {
    return fail(ErrorKind::kSchema, kInvalid);
  }
  if (auto usable = cib::make_usable(*document, schemas); !usable) {
    return fail(ErrorKind::kSchema, "Upgrade failed: " + usable.error().message);
  }
  return document;
}

int show_once(Output& output, const mon::Settings& settings) {
  std::string file;
  if (settings.xml_file) {
    file = *settings.xml_file;
  } else if (const char* variable = std::getenv("CIB_file"); variable != nullptr) {
    file = variable;
  }
  if (file.empty()) {
    output.error("Connection to cluster failed: Connection refused");
    return exit_code::kDisconnect;
  }
  const auto cib = load(file);
  if (!cib) {
    output.bare_error("Could not connect to the CIB: " + cib.error().message);
    return exit_code::kOk;
  }
  return mon::show(output, settings, *cib, settings.as_xml);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  mon::Settings settings;
  auto parsed = parse_command_line(mon::program(), mon::option_groups(settings), arguments);
  if (!parsed) {
    std::fprintf(stderr, "crm_mon: %s\n", parsed.error().message.c_str());
    return exit_code::kUsage;
  }
  for (const std::string& notice : parsed->notices) std::fprintf(stderr, "%s\n", notice.c_str());
  if (parsed->help) {
    std::fputs(parsed->help->c_str(), stdout);
    return exit_code::kOk;
  }
  if (settings.as_xml) parsed->common.output_as = "xml";
  if (parsed->common.output_as == "console") parsed->common.output_as.reset();
  auto output =
      Output::create("crm_mon", parsed->common, arguments,
                     {Format::kText, Format::kXml, Format::kHtml, Format::kJson, Format::kNone});
  if (!output) {
    std::fprintf(stderr, "crm_mon: %s\n", output.error().message.c_str());
    return exit_code::kError;
  }
  if (parsed->common.version) {
    write_version(**output);
    return (*output)->finish(exit_code::kOk);
  }
  if (settings.as_xml) (*output)->use_legacy_root("crm_mon");
  return (*output)->finish(show_once(**output, settings));
}
