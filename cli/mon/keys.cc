#include "mon/keys.h"

#include <fmt/format.h>

namespace quorate::cli::mon {
namespace {

struct SectionKey {
  char key;
  Sections sections;
  std::string_view what;
};
constexpr SectionKey kSectionKeys[] = {
    {'c', section::kTickets, "cluster tickets"},
    {'f', section::kFailCounts, "resource fail counts"},
    {'o', section::kOperations, "resource operation history"},
    {'A', section::kAttributes, "node attributes"},
    {'L', section::kBans, "negative location constraints"},
};

struct FormKey {
  char key;
  bool Settings::*member;
  std::string_view what;
};
constexpr FormKey kFormKeys[] = {
    {'n', &Settings::group_by_node, "group resources by node"},
    {'r', &Settings::inactive, "inactive resources"},
    {'t', &Settings::timing, "timing of operations"},
    {'R', &Settings::detail, "details (node IDs, individual clone instances)"},
    {'b', &Settings::brief, "brief output"},
    {'j', &Settings::pending, "pending operations"},
};

void set_fence_level(Shown& shown, int level) {
  shown.sections &= ~section::kFencing;
  if (level >= 1) shown.sections |= section::kFencingFailed | section::kFencingPending;
  if (level >= 2) shown.sections |= section::kFencing;
}

}  // namespace

KeyEffect apply_key(char key, Settings& settings, Shown& shown) {
  if (key == '?') return KeyEffect::kHelp;
  if (key == 'm') {
    settings.fence_level = (settings.fence_level + 1) % 4;
    set_fence_level(shown, settings.fence_level);
  } else if (key == 'D') {
    const bool any = (shown.sections & section::kSummary) != 0;
    shown.sections = any ? shown.sections & ~section::kSummary : shown.sections | section::kSummary;
  }
  for (const SectionKey& known : kSectionKeys) {
    if (known.key == key) shown.sections ^= known.sections;
  }
  for (const FormKey& known : kFormKeys) {
    if (known.key == key) settings.*known.member = !(settings.*known.member);
  }
  if (key == 'o' && (shown.sections & section::kOperations) == 0) settings.timing = false;
  if (key == 't' && settings.timing) shown.sections |= section::kOperations;
  return KeyEffect::kRedraw;
}

std::string key_help(const Settings& settings, const Shown& shown) {
  const auto line = [](bool on, char key, std::string_view what) {
    return fmt::format("{} {}: \t{}\n", on ? '*' : ' ', key, what);
  };
  std::string text = "Display option change mode\n\n";
  for (const SectionKey& known : kSectionKeys) {
    text += line((shown.sections & known.sections) != 0, known.key, known.what);
  }
  for (const FormKey& known : kFormKeys) {
    text += line(settings.*known.member, known.key, known.what);
  }
  text += line((shown.sections & section::kSummary) != 0, 'D', "headers (the cluster summary)");
  text += fmt::format(
      "{} m: \tfencing history, level {}: 0 none, 1 failed and pending, 2 also "
      "successful, 3 all\n",
      (shown.sections & section::kFencing) != 0 ? '*' : ' ', settings.fence_level);
  return text +
         "\nArrow keys, page up and page down scroll; Ctrl-C ends.\n"
         "Toggle fields via field letter; any other key returns to the display.";
}

}  // namespace quorate::cli::mon
