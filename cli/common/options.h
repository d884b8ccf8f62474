#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// Command lines as the reference's tools take them (spec/14 §5).
namespace quorate::cli {

/// One option. `apply` gets the value (empty for flags and absent optional values) and may refuse
/// it with a message of its own, in which `{option}` stands for the option as the user spelled it;
/// an empty message becomes `Error parsing option --x`.
struct Option {
  char letter = 0;              ///< 0: none
  std::string_view name;        ///< long name
  std::string_view value_name;  ///< empty: takes no value
  std::string_view help;
  std::function<Result<void>(std::string_view)> apply;
  bool hidden = false;
  bool optional_value = false;
};

/// A titled group of options, shown by `--help-NAME`. The first group has no name and is what
/// `--help` shows.
struct OptionGroup {
  std::string name;
  std::string title;
  std::string help;  ///< of the `--help-NAME` option
  std::vector<Option> options;
};

struct Program {
  std::string_view name;
  std::string_view summary;          ///< what it does, one line
  std::string_view positional;       ///< as usage shows other words, may be empty
  std::string_view special_letters;  ///< letters whose value may be glued on (spec/14 §5.2)
  std::string_view extra_help;       ///< after the options, examples and the like
  bool ignores_words = false;        ///< other words are ignored rather than refused
  int unknown_format_code = 1;       ///< exit code for an --output-as that isn't known
};

/// Values every tool has.
struct CommonOptions {
  int verbosity = 0;
  bool version = false;
  std::optional<std::string> output_as;
  std::optional<std::string> output_to;
};

struct ParsedCommandLine {
  CommonOptions common;
  std::vector<std::string> words;    ///< positional arguments
  std::vector<std::string> notices;  ///< lines for standard error about deprecated forms
  std::optional<std::string> help;   ///< help text that was asked for: print it, exit 0
};

/// Helpers for Option::apply.
std::function<Result<void>(std::string_view)> set_flag(bool& flag);
std::function<Result<void>(std::string_view)> set_text(std::optional<std::string>& text);
std::function<Result<void>(std::string_view)> append_text(std::vector<std::string>& list);
template <class T>
std::function<Result<void>(std::string_view)> set_value(T& place, T value) {
  return [&place, value](std::string_view) -> Result<void> {
    place = value;
    return {};
  };
}
/// Makes options without a value that each choose one of several things.
template <class T>
auto chooser(T& place) {
  return [&place](char letter, std::string_view name, std::string_view help, T which) {
    return Option{letter, name, "", help, set_value(place, which)};
  };
}
/// The same for options whose value goes to `text`; `value_name` as in Option.
template <class T, class Text>
auto chooser(T& place, Text& text, std::string_view value_name) {
  return [&place, &text, value_name](char letter, std::string_view name, std::string_view help,
                                     T which) {
    return Option{letter, name, value_name, help,
                  [&place, &text, which](std::string_view value) -> Result<void> {
                    place = which;
                    text = std::string(value);
                    return {};
                  }};
  };
}
/// A plain number within [lowest, highest], with the wording of spec/14 §5.3.
std::function<Result<void>(std::string_view)> set_integer(std::int64_t& number,
                                                          std::int64_t lowest = INT32_MIN,
                                                          std::int64_t highest = INT32_MAX);

/// Parses. Adds the options every tool has to the first group. Error kUsage with the text of
/// spec/14 §5.3.
Result<ParsedCommandLine> parse_command_line(const Program& program,
                                             std::vector<OptionGroup> groups,
                                             const std::vector<std::string>& arguments);

/// The request as XML output repeats it: words joined by spaces, quoted where a shell would split
/// them (spec/13 §2.3).
std::string joined_command_line(const std::vector<std::string>& arguments);

}  // namespace quorate::cli
