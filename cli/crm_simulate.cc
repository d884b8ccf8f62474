// crm_simulate: what the cluster would do (spec/07).

#include <cstdio>

#include "common/exit_code.h"
#include "common/files.h"
#include "common/process_end.h"
#include "simulate/run.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

/// Where the working file goes: -X writes back to the input, else -O.
std::optional<std::string> working_file(const simulate::Settings& settings) {
  if (settings.in_place && !settings.live) return settings.file;
  return settings.save_output;
}

int simulate_input(Output& output, const simulate::Settings& settings, int verbosity) {
  auto loaded = settings.live ? simulate::load_live_cib(output, verbosity)
                              : simulate::load_cib(output, settings.file, verbosity);
  if (!loaded) return loaded.error().exit_code;
  xml::Document& cib = keep_until_end(std::move(*loaded));
  const auto file = working_file(settings);
  const auto save = [&]() -> Result<void> {
    return file ? write_file(*file, file_text(cib.root())) : Result<void>{};
  };
  if (auto saved = save(); !saved) {
    output.error("Could not create '" + *file + "': " + saved.error().message);
    return exit_code::kNoSuch;
  }
  const int code = simulate::run(output, settings, cib, verbosity);
  if (auto saved = save(); !saved) {
    output.error("Could not write '" + *file + "': " + saved.error().message);
    return exit_code::kIoError;
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  const Program program = simulate::program();
  simulate::Settings settings;
  const auto parsed = parse_command_line(program, simulate::option_groups(settings), arguments);
  if (!parsed) {
    std::fprintf(stderr, "crm_simulate: %s\n", parsed.error().message.c_str());
    return exit_code::kUsage;
  }
  for (const std::string& notice : parsed->notices) std::fprintf(stderr, "%s\n", notice.c_str());
  if (parsed->help) {
    std::fputs(parsed->help->c_str(), stdout);
    return exit_code::kOk;
  }
  auto output = Output::create("crm_simulate", parsed->common, arguments,
                               {Format::kText, Format::kXml, Format::kNone, Format::kJson});
  if (!output) {
    std::fprintf(stderr, "%s\n", output.error().message.c_str());
    return exit_code::kNoSuch;
  }
  if (parsed->common.version) {
    write_version(**output);
    return (*output)->finish(exit_code::kOk);
  }
  (*output)->set_quiet(settings.quiet && (*output)->is_text());
  const int code = settings.profile ? simulate::profile(**output, settings)
                                    : simulate_input(**output, settings, parsed->common.verbosity);
  end_process((*output)->finish(code));
}
