// crm_mon: what the cluster is doing (spec/13 §4-17). This program shows the status once.

#include <cstdio>

#include "cib/upgrade.h"
#include "common/cib_access.h"
#include "common/exit_code.h"
#include "mon/show.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

struct Source {
  xml::Document cib;
  bool live = false;
};

/// The CIB to show: that of `--xml-file`, else the one the environment names, else the running
/// cluster's; upgraded in memory.
Result<Source> load(const mon::Settings& settings) {
  auto access =
      settings.xml_file ? CibAccess::open_file(*settings.xml_file) : CibAccess::open("crm_mon");
  if (!access) return tl::unexpected<Error>(access.error());
  auto document = (*access)->document();
  if (!document) return tl::unexpected<Error>(document.error());
  Source source{std::move(*document), (*access)->is_live()};
  xml::Element root = source.cib.root();
  if (!root.first_child("status")) root.add("status");
  cib::Schemas schemas;
  if (auto usable = cib::make_usable(source.cib, schemas); !usable) {
    return fail(ErrorKind::kSchema, "Upgrade failed: " + usable.error().message);
  }
  return source;
}

int show_once(Output& output, const mon::Settings& settings) {
  const auto source = load(settings);
  if (source) return mon::show(output, settings, source->cib, source->live);
  const Error& error = source.error();
  if (error.kind == ErrorKind::kDisconnected) {
    output.error("Connection to cluster failed: Connection refused");
    return exit_code::kDisconnect;
  }
  if (error.kind == ErrorKind::kPermission) {
    output.error("Connection to cluster failed: " + error.message);
    return exit_code_of(error.kind);
  }
  output.bare_error("Could not connect to the CIB: " + error.message);
  return exit_code::kOk;
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
