#include "common/wrapper.h"

#include <cstdio>

#include "common/exit_code.h"
#include "common/help.h"
#include "common/output.h"
#include "common/sibling.h"

namespace quorate::cli {

int Wrapper::usage_error(const std::string& text) const {
  std::fprintf(stderr, "error: %s\n", text.c_str());
  std::fprintf(stdout, "\n%s", help_text(program_, groups_, "", true).c_str());
  return usage_code_;
}

int Wrapper::run(const std::vector<std::string>& arguments,
                 const std::function<int(const ParsedCommandLine&)>& body) const {
  const auto parsed = parse_command_line(program_, groups_, arguments);
  if (!parsed) {
    constexpr std::string_view kUnknown = "Unknown option ";
    const std::string& text = parsed.error().message;
    if (!text.starts_with(kUnknown)) return usage_error(text);
    return usage_error("unknown option '" + text.substr(kUnknown.size()) + "'");
  }
  if (parsed->help) {
    std::fputs(parsed->help->c_str(), stdout);
    return exit_code::kOk;
  }
  if (parsed->common.version) {
    auto output = Output::create(program_.name, {}, arguments, {Format::kText});
    if (!output) return exit_code::kError;
    write_version(**output);
    return (*output)->finish(exit_code::kOk);
  }
  return body(*parsed);
}

std::string node_or_own(const std::optional<std::string>& given) {
  if (given) return *given;
  auto own = run_sibling("crm_node", {"-n"}, true);
  if (!own || own->exit_code != exit_code::kOk) return {};
  while (own->output.ends_with('\n')) own->output.pop_back();
  return own->output;
}

int delegate_to(const std::string& tool, const std::vector<std::string>& arguments) {
  const auto result = run_sibling(tool, arguments);
  if (result) return result->exit_code;
  std::fprintf(stderr, "error: %s\n", result.error().message.c_str());
  return exit_code::kError;
}

}  // namespace quorate::cli
