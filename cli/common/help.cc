#include "common/help.h"

#include <algorithm>
#include <utility>

namespace quorate::cli {
namespace {

constexpr std::size_t kWidth = 34;

std::string option_words(const Option& option) {
  std::string words = "  ";
  if (option.letter != 0) words += std::string("-") + option.letter + ", ";
  words += "--" + std::string(option.name);
  if (!option.value_name.empty()) {
    words += option.optional_value ? "[=" : "=";
    words += option.value_name;
    if (option.optional_value) words += ']';
  }
  return words;
}

void append_line(std::string& text, std::string words, std::string_view help) {
  words.resize(std::max(kWidth, words.size() + 2), ' ');
  text += words;
  for (const char c : help) {
    text += c;
    if (c == '\n') text.append(kWidth, ' ');
  }
  text += '\n';
}

void append_group(std::string& text, std::string_view title, const OptionGroup& group) {
  text += std::string(title) + ":\n";
  for (const Option& option : group.options) {
    if (!option.hidden) append_line(text, option_words(option), option.help);
  }
  text += '\n';
}

void append_help_options(std::string& text, const std::vector<OptionGroup>& groups) {
  text += "Help Options:\n";
  append_line(text, "  -?, --help", "Show help options");
  append_line(text, "  --help-all", "Show all help options");
  for (const OptionGroup& group : groups) {
    if (!group.name.empty()) append_line(text, "  --help-" + group.name, group.help);
  }
  text += '\n';
}

}  // namespace

std::string help_text(const Program& program, const std::vector<OptionGroup>& groups,
                      std::string_view only_group, bool all) {
  std::string text = "Usage:\n  " + std::string(program.name) + " [OPTION…]";
  if (!program.positional.empty()) text += " " + std::string(program.positional);
  text += "\n\n" + std::string(program.name) + " - " + std::string(program.summary) + "\n\n";
  if (only_group.empty()) append_help_options(text, groups);
  for (const OptionGroup& group : groups) {
    const bool wanted = all || (only_group.empty() ? group.name.empty() : group.name == only_group);
    if (wanted && !group.name.empty()) append_group(text, group.title, group);
  }
  if (all || only_group.empty()) append_group(text, "Application Options", groups.front());
  text += program.extra_help;
  return text;
}

}  // namespace quorate::cli
