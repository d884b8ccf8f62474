#include "common/tool.h"

#include <cstdio>

#include "common/exit_code.h"
#include "common/help.h"

namespace quorate::cli {

namespace {

void print_error(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

int run_tool(const Program& program, std::vector<OptionGroup> groups,
             const std::vector<std::string>& arguments, const std::vector<Format>& formats,
             const std::function<int(Output&, const ParsedCommandLine&)>& body) {
  const std::vector<OptionGroup> for_help = groups;
  auto parsed = parse_command_line(program, std::move(groups), arguments);
  if (!parsed) {
    print_error(std::string(program.name) + ": " + parsed.error().message);
    return exit_code::kUsage;
  }
  for (const std::string& notice : parsed->notices) print_error(notice);
  if (parsed->help) {
    std::fputs(parsed->help->c_str(), stdout);
    return exit_code::kOk;
  }
  auto output = Output::create(program.name, parsed->common, arguments, formats);
  if (!output) {
    print_error(std::string(program.name) + ": " + output.error().message);
    return output.error().kind == ErrorKind::kNotFound ? program.unknown_format_code
                                                       : exit_code::kError;
  }
  if (!parsed->words.empty() && program.positional.empty() && !program.ignores_words) {
    (*output)->error("non-option ARGV-elements: " + joined(parsed->words) + "\n\n" +
                     help_text(program, for_help, "", false));
    return (*output)->finish(exit_code::kUsage);
  }
  if (parsed->common.version) {
    write_version(**output);
    return (*output)->finish(exit_code::kOk);
  }
  return (*output)->finish(body(**output, *parsed));
}

}  // namespace quorate::cli
