#include <algorithm>

#include "base/text.h"
#include "mon/settings.h"

namespace quorate::cli::mon {
namespace {

struct Name {
  std::string_view word;
  Sections sections;
};
constexpr Name kNames[] = {{"attributes", section::kAttributes},
                           {"bans", section::kBans},
                           {"counts", section::kCounts},
                           {"dc", section::kDc},
                           {"failcounts", section::kFailCounts},
                           {"failures", section::kFailures},
                           {"fencing", section::kFencing},
                           {"fencing-failed", section::kFencingFailed},
                           {"fencing-pending", section::kFencingPending},
                           {"fencing-succeeded", section::kFencingSucceeded},
                           {"maint-mode", section::kMaintenance},
                           {"nodes", section::kNodes},
                           {"operations", section::kOperations},
                           {"options", section::kOptions},
                           {"resources", section::kResources},
                           {"stack", section::kStack},
                           {"summary", section::kSummary},
                           {"tickets", section::kTickets},
                           {"times", section::kTimes}};

constexpr std::string_view kIncludeHelp =
    "--include options: all, attributes, bans[:PREFIX], counts, dc, default, failcounts, failures, "
    "fencing, fencing-failed, fencing-pending, fencing-succeeded, maint-mode, nodes, none, "
    "operations, options, resources, stack, summary, tickets, times";
constexpr std::string_view kExcludeHelp =
    "--exclude options: all, attributes, bans, counts, dc, failcounts, failures, fencing, "
    "fencing-failed, fencing-pending, fencing-succeeded, maint-mode, nodes, none, operations, "
    "options, resources, stack, summary, tickets, times";

Sections default_sections(Format format) {
  if (format == Format::kXml || format == Format::kJson) return section::kAll;
  if (format == Format::kNone) return 0;
  return section::kSummary | section::kNodes | section::kResources | section::kFailures;
}

Sections everything(Format format) {
  return format == Format::kText ? section::kAll & ~section::kOptions : section::kAll;
}

std::optional<Sections> named(std::string_view word) {
  const auto* found = std::find_if(std::begin(kNames), std::end(kNames),
                                   [word](const Name& n) { return iequals(n.word, word); });
  if (found == std::end(kNames)) return std::nullopt;
  return found->sections;
}

bool include(Shown& shown, std::string_view word, Format format) {
  if (word == "all") {
    shown.sections = everything(format);
  } else if (word == "none") {
    shown.sections = 0;
  } else if (word == "default" || word == "defaults") {
    shown.sections |= default_sections(format);
  } else if (word.starts_with("bans")) {
    shown.sections |= section::kBans;
    shown.ban_prefix = word.size() > 4 && word[4] == ':' ? word.substr(5) : std::string_view{};
  } else if (const auto sections = named(word)) {
    shown.sections |= *sections;
  } else {
    return false;
  }
  return true;
}

bool exclude(Shown& shown, std::string_view word, Format format) {
  if (word == "all") {
    shown.sections = 0;
  } else if (word == "none") {
    shown.sections = everything(format);
  } else if (const auto sections = named(word)) {
    shown.sections &= ~*sections;
  } else {
    return false;
  }
  return true;
}

void apply_fence_level(Shown& shown, int level) {
  shown.sections &= ~section::kFencing;
  if (level >= 1) shown.sections |= section::kFencingFailed | section::kFencingPending;
  if (level >= 2) shown.sections |= section::kFencing;
}

}  // namespace

Result<Shown> shown_sections(const Settings& settings, Format format) {
  Shown shown;
  shown.sections = default_sections(format);
  const int level = settings.watch_fencing ? 0 : settings.fence_level;
  const bool everything_is_shown = format == Format::kXml || format == Format::kJson;
  if (!everything_is_shown || level == 0) apply_fence_level(shown, level);
  if (settings.quiet) shown.sections &= ~section::kTimes;
  for (const SectionChange& change : settings.changes) {
    for (const std::string_view word : split_words(change.words, ',')) {
      const bool known =
          change.include ? include(shown, word, format) : exclude(shown, word, format);
      if (!known) {
        return fail(ErrorKind::kUsage, std::string(change.include ? kIncludeHelp : kExcludeHelp));
      }
    }
  }
  return shown;
}

}  // namespace quorate::cli::mon
