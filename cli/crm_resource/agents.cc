// --list-standards, --list-ocf-providers, --list-ocf-alternatives, --list-agents (spec/11 §21).

#include <fmt/format.h>

#include "base/text.h"
#include "common/exit_code.h"
#include "crm_resource/session.h"
#include "io/runtime/agent_files.h"

namespace quorate::crm_resource {

namespace exit_code = cli::exit_code;

namespace {

std::vector<std::string> installed(const std::string& query) {
  const std::string lines = runtime::list_agents(runtime::agent_paths(), query);
  std::vector<std::string> names;
  for (const std::string_view line : split_words(lines, '\n')) names.emplace_back(line);
  return names;
}

void print(cli::Output& output, std::string_view item, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    output.text().line(name);
    output.xml().text_element(item, name);
  }
}

int list_standards(cli::Output& output) {
  const auto names = installed("standards");
  output.xml().open("list");
  output.xml().attribute("name", "standards");
  output.xml().attribute("count", static_cast<std::int64_t>(names.size()));
  print(output, "item", names);
  output.xml().close();
  return exit_code::kOk;
}

int list_providers(const std::string& type, cli::Output& output) {
  const auto names = installed("providers\n" + type);
  if (names.empty() && !type.empty()) {
    output.bare_error(fmt::format("No OCF providers found for {}", type));
    return exit_code::kNoSuch;
  }
  output.xml().open("providers");
  if (type.empty()) {
    output.xml().attribute("standard", "ocf");
  } else {
    output.xml().attribute("for", type);
  }
  print(output, "provider", names);
  output.xml().close();
  return exit_code::kOk;
}

int list_agents_of(const std::string& subject, cli::Output& output) {
  const std::size_t colon = subject.find(':');
  const std::string standard = to_lower(subject.substr(0, colon));
  const std::string provider = colon == std::string::npos ? "" : subject.substr(colon + 1);
  const auto names = installed("agents\n" + standard + "\n" + provider);
  if (names.empty()) {
    output.bare_error(fmt::format(
        "No agents found for standard '{}'{}", subject.substr(0, colon),
        provider.empty() ? std::string() : fmt::format(" and provider '{}'", provider)));
    return exit_code::kError;
  }
  output.xml().open("agents");
  output.xml().attribute("standard", subject.substr(0, colon));
  if (!provider.empty()) output.xml().attribute("provider", provider);
  print(output, "agent", names);
  output.xml().close();
  return exit_code::kOk;
}

}  // namespace

int list_agents(const Settings& settings, cli::Output& output) {
  switch (settings.command) {
    case Command::kListStandards:
      return list_standards(output);
    case Command::kListProviders:
      return list_providers("", output);
    case Command::kListAlternatives:
      return list_providers(settings.listed, output);
    default:
      return list_agents_of(settings.listed, output);
  }
}

}  // namespace quorate::crm_resource
