#include "mon/mode.h"

namespace quorate::cli::mon {
namespace {

bool to_file(const CommonOptions& common) { return common.output_to && *common.output_to != "-"; }

/// Whether what would go to the console goes out as plain text instead.
bool text_instead(const Settings& settings, const CommonOptions& common,
                  const Surroundings& surroundings) {
  return settings.daemonize || settings.one_shot || common.version || surroundings.cib_file ||
         to_file(common) || !surroundings.terminal;
}

Run choose_run(const Settings& settings, const CommonOptions& common,
               const Surroundings& surroundings, bool console) {
  if (surroundings.cib_file) return Run::kOnce;
  if (console) return Run::kUpdate;
  switch (settings.wish) {
    case Wish::kDaemon:
      return Run::kDaemon;
    case Wish::kUpdate:
      return to_file(common) ? Run::kUpdate : Run::kOnce;
    case Wish::kNone:
    case Wish::kOneShot:
      break;
  }
  return Run::kOnce;
}

}  // namespace

Result<Mode> choose_mode(const Settings& settings, const CommonOptions& common,
                         const Surroundings& surroundings) {
  Mode mode;
  const std::string name = settings.as_xml ? "xml" : common.output_as.value_or("console");
  if (name == "console") {
    mode.console = !text_instead(settings, common, surroundings);
  } else {
    const auto format = format_named(
        name, {Format::kText, Format::kXml, Format::kHtml, Format::kJson, Format::kNone});
    if (!format) return tl::unexpected<Error>(format.error());
    mode.format = *format;
  }
  mode.run = choose_run(settings, common, surroundings, mode.console);
  if (mode.run != Run::kDaemon || settings.external_agent) return mode;
  if (!to_file(common)) {
    return fail(ErrorKind::kUsage,
                "--daemonize requires at least one of --output-to (with value not set to '-') and "
                "--external-agent");
  }
  if (mode.format == Format::kNone) {
    return fail(ErrorKind::kUsage,
                "--daemonize requires --external-agent if used with --output-as=none");
  }
  return mode;
}

}  // namespace quorate::cli::mon
