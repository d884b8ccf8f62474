#include "common/options.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "common/help.h"

namespace quorate::cli {
namespace {

bool is_negative_number(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && word[1] >= '1' && word[1] <= '9' &&
         std::all_of(word.begin() + 1, word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Splits bundled and glued letters (spec/14 §5.2).
std::vector<std::string> preprocess(const Program& program,
                                    const std::vector<std::string>& arguments,
                                    std::vector<std::string>& notices) {
  const auto special = [&](char c) { return program.special_letters.find(c) != std::string::npos; };
  std::vector<std::string> words;
  bool copy_next = false;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (!copy_next && word == "--") {
      words.insert(words.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i),
                   arguments.end());
      break;
    }
    const bool letters = !copy_next && word.size() > 1 && word[0] == '-' && word[1] != '-' &&
                         word != "-INFINITY" && !is_negative_number(word);
    copy_next = false;
    if (!letters) {
      words.push_back(word);
      continue;
    }
    for (std::size_t at = 1; at < word.size(); ++at) {
      words.push_back(std::string("-") + word[at]);
      if (!special(word[at])) continue;
      if (at + 1 == word.size()) {
        copy_next = true;
        break;
      }
      const std::string rest = word.substr(at + 1);
      notices.push_back(std::string("Deprecated argument format '-") + word[at] + rest + "' used.");
      notices.push_back(std::string("Please use '-") + word[at] + " " + rest +
                        "' instead.  Support will be removed in a future release.");
      words.push_back(rest);
      break;
    }
  }
  return words;
}

tl::unexpected<Error> usage(std::string message) {
  return fail(ErrorKind::kUsage, std::move(message));
}

class Parser {
 public:
  Parser(const Program& program, const std::vector<OptionGroup>& groups, ParsedCommandLine& result)
      : program_(program), groups_(groups), result_(result) {}

  Result<void> parse(const std::vector<std::string>& words) {
    for (at_ = 0; at_ < words.size(); ++at_) {
      const std::string& word = words[at_];
      if (word == "--") {
        result_.words.insert(result_.words.end(),
                             words.begin() + static_cast<std::ptrdiff_t>(at_) + 1, words.end());
        return {};
      }
      if (word.size() < 2 || word[0] != '-') {
        result_.words.push_back(word);
        continue;
      }
      if (auto parsed = parse_option(words, word); !parsed) return parsed;
    }
    return {};
  }

 private:
  const Option* find(std::string_view name, char letter) const {
    for (const OptionGroup& group : groups_) {
      for (const Option& option : group.options) {
        if (letter != 0 ? option.letter == letter : option.name == name) return &option;
      }
    }
    return nullptr;
  }

  bool asks_for_help(std::string_view word) {
    const bool all = word == "--help-all";
    std::string_view group;
    if (word.starts_with("--help-") && !all) {
      group = word.substr(7);
      if (std::none_of(groups_.begin(), groups_.end(),
                       [&](const OptionGroup& g) { return !g.name.empty() && g.name == group; })) {
        return false;
      }
    } else if (!all && word != "--help" && word != "-h" && word != "-?") {
      return false;
    }
    if (!result_.help) result_.help = help_text(program_, groups_, group, all);
    return true;
  }

  Result<void> parse_option(const std::vector<std::string>& words, const std::string& word) {
    const bool is_long = word[1] == '-';
    const auto equals = is_long ? word.find('=') : std::string::npos;
    const std::string shown = word.substr(0, equals);
    const Option* option = is_long            ? find(std::string_view(shown).substr(2), 0)
                           : word.size() == 2 ? find({}, word[1])
                                              : nullptr;
    if (option == nullptr) {
      if (asks_for_help(shown)) return {};
      return usage("Unknown option " + shown);
    }
    std::string value;
    if (option->value_name.empty()) {
      if (equals != std::string::npos) return usage("Error parsing option " + shown);
    } else if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (option->optional_value) {
      if (at_ + 1 < words.size() && !words[at_ + 1].starts_with('-')) value = words[++at_];
    } else if (at_ + 1 < words.size()) {
      value = words[++at_];
    } else {
      return usage("Missing argument for " + shown);
    }
    auto applied = option->apply(value);
    if (applied) return applied;
    if (applied.error().message.empty()) return usage("Error parsing option " + shown);
    std::string message = applied.error().message;
    constexpr std::string_view kSpelling = "{option}";
    if (const auto at = message.find(kSpelling); at != std::string::npos) {
      message.replace(at, kSpelling.size(), shown);
    }
    return usage(std::move(message));
  }

  const Program& program_;
  const std::vector<OptionGroup>& groups_;
  ParsedCommandLine& result_;
  std::size_t at_ = 0;
};

/// Options every tool has (spec/14 §5.1).
void add_common(std::vector<OptionGroup>& groups, ParsedCommandLine& result) {
  if (groups.empty()) groups.emplace_back();
  CommonOptions& common = result.common;
  std::vector<Option>& options = groups.front().options;
  options.push_back({'$', "version", "", "Display software version and exit",
                     set_flag(common.version), false, false});
  options.push_back({'V', "verbose", "", "Increase debug output (may be specified multiple times)",
                     [&common](std::string_view) -> Result<void> {
                       ++common.verbosity;
                       return {};
                     },
                     false, false});
  OptionGroup output{"output", "Output Options", "Show output help", {}};
  output.options.push_back({0, "output-as", "FORMAT", "Specify output format",
                            set_text(common.output_as), false, false});
  output.options.push_back({0, "output-to", "DEST",
                            "Specify file name for output (or \"-\" for stdout)",
                            set_text(common.output_to), false, false});
  groups.insert(groups.begin() + 1, std::move(output));
}

}  // namespace

std::function<Result<void>(std::string_view)> set_flag(bool& flag) {
  return [&flag](std::string_view) -> Result<void> {
    flag = true;
    return {};
  };
}

std::function<Result<void>(std::string_view)> set_text(std::optional<std::string>& text) {
  return [&text](std::string_view value) -> Result<void> {
    text = std::string(value);
    return {};
  };
}

std::function<Result<void>(std::string_view)> append_text(std::vector<std::string>& list) {
  return [&list](std::string_view value) -> Result<void> {
    list.emplace_back(value);
    return {};
  };
}

std::function<Result<void>(std::string_view)> set_integer(std::int64_t& number, std::int64_t lowest,
                                                          std::int64_t highest) {
  return [&number, lowest, highest](std::string_view text) -> Result<void> {
    const std::string quoted = "nteger value \u201c" + std::string(text) + "\u201d for {option}";
    const auto parsed = to_integer(text);
    if (!parsed) {
      const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
      const bool too_long =
          !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
      return fail(ErrorKind::kUsage,
                  too_long ? "I" + quoted + " out of range" : "Cannot parse i" + quoted);
    }
    if (*parsed < lowest || *parsed > highest) {
      return fail(ErrorKind::kUsage, "I" + quoted + " out of range");
    }
    number = *parsed;
    return {};
  };
}

Result<ParsedCommandLine> parse_command_line(const Program& program,
                                             std::vector<OptionGroup> groups,
                                             const std::vector<std::string>& arguments) {
  ParsedCommandLine result;
  add_common(groups, result);
  const auto words = preprocess(program, arguments, result.notices);
  if (auto parsed = Parser(program, groups, result).parse(words); !parsed) {
    return tl::unexpected<Error>(parsed.error());
  }
  return result;
}

std::string joined_command_line(const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& argument : arguments) {
    if (!text.empty()) text += ' ';
    const bool splits =
        argument.empty() || argument.find_first_of(" \t\n'\"\\") != std::string::npos;
    if (!splits) {
      text += argument;
      continue;
    }
    text += '\'';
    for (const char c : argument) {
      if (c == '\'')
        text += "'\\''";
      else
        text += c;
    }
    text += '\'';
  }
  return text;
}

}  // namespace quorate::cli
