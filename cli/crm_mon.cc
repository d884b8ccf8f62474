// crm_mon: what the cluster is doing (spec/13 §4-18), once, on a console, or kept in a file.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "common/cib_access.h"
#include "common/exit_code.h"
#include "common/help.h"
#include "mon/mode.h"
#include "mon/once.h"
#include "mon/watch.h"

namespace {

using namespace quorate;
using namespace quorate::cli;

int complain(const std::string& message, int exit_code) {
  std::fprintf(stderr, "crm_mon: %s\n", message.c_str());
  return exit_code;
}

/// Wrong usage: for text with the whole help before it (spec/13 §4.2, §4.3).
int complain_with_help(const std::string& message, const mon::Mode& mode, mon::Settings& settings) {
  if (mode.format == Format::kText) {
    const std::string help = help_text(mon::program(), mon::option_groups(settings), "", true);
    std::fprintf(stderr, "%s\n", help.c_str());
  }
  return complain(message, exit_code::kUsage);
}

int run_once(const mon::Mode& mode, const CommonOptions& common, mon::Settings& settings,
             const std::vector<std::string>& arguments) {
  CommonOptions options = common;
  if (settings.as_xml) options.output_as = "xml";
  if (options.output_as == "console") options.output_as.reset();
  auto output =
      Output::create("crm_mon", options, arguments,
                     {Format::kText, Format::kXml, Format::kHtml, Format::kJson, Format::kNone});
  if (!output) return complain(output.error().message, exit_code::kError);
  if (common.version) {
    write_version(**output);
    return (*output)->finish(exit_code::kOk);
  }
  if (settings.as_xml) (*output)->use_legacy_root("crm_mon");
  const auto shown = mon::shown_sections(settings, mode.format);
  if (!shown) {
    if (mode.format == Format::kText) {
      return complain_with_help(shown.error().message, mode, settings);
    }
    (*output)->error(shown.error().message);
    return (*output)->finish(exit_code::kUsage);
  }
  return (*output)->finish(mon::show_once(**output, settings, *shown));
}

/// Opens the file, so that what is wrong with it is said before the program goes to work.
bool can_write(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "a");
  return file != nullptr && std::fclose(file) == 0;
}

int run_watch(const mon::Mode& mode, const CommonOptions& common, mon::Settings& settings,
              const std::vector<std::string>& arguments) {
  auto shown = mon::shown_sections(settings, mode.format);
  if (!shown) return complain_with_help(shown.error().message, mode, settings);
  mon::WatchOptions options{settings, std::move(*shown), mode, std::nullopt, arguments};
  if (common.output_to && *common.output_to != "-" && mode.format != Format::kNone) {
    options.file = common.output_to;
    if (!can_write(*options.file)) {
      return complain("Error creating output format " + common.output_as.value_or("(null)") + ": " +
                          std::string(std::strerror(errno)),
                      exit_code::kError);
    }
  }
  if (mode.run == mon::Run::kDaemon) {
    // The folder stays: names of files given relative to it are to work.
    if (::daemon(1, 0) != 0) return complain(std::strerror(errno), exit_code::kError);
  }
  return mon::watch(std::move(options));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  mon::Settings settings;
  auto parsed = parse_command_line(mon::program(), mon::option_groups(settings), arguments);
  if (!parsed) return complain(parsed.error().message, exit_code::kUsage);
  for (const std::string& notice : parsed->notices) std::fprintf(stderr, "%s\n", notice.c_str());
  if (parsed->help) {
    std::fputs(parsed->help->c_str(), stdout);
    return exit_code::kOk;
  }
  mon::Surroundings surroundings;
  surroundings.cib_file = settings.xml_file || file_in_place_of_cluster();
  surroundings.terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
  const auto mode = mon::choose_mode(settings, parsed->common, surroundings);
  if (!mode) {
    if (mode.error().kind == ErrorKind::kNotFound) {
      return complain(mode.error().message, exit_code::kError);
    }
    return complain_with_help(mode.error().message, {}, settings);
  }
  if (mode->format == Format::kHtml) ::umask(::umask(0) | S_IWGRP | S_IWOTH);
  if (parsed->common.version || mode->run == mon::Run::kOnce) {
    return run_once(*mode, parsed->common, settings, arguments);
  }
  return run_watch(*mode, parsed->common, settings, arguments);
}
