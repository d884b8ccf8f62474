#include "io/runtime/agent_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/text.h"
#include "io/runtime/disk.h"

namespace quorate::runtime {
namespace {

constexpr std::size_t kMaxScriptBytes = std::size_t{1} << 20;

enum class Kind { kFolder, kProgram, kFile };

/// Names in a folder that don't begin with a dot, of one kind (links are followed), sorted as the
/// environment's locale has it.
std::vector<std::string> names_in(const std::string& folder, Kind kind) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    struct stat info {};
    if (name.starts_with('.') || stat(entry.path().c_str(), &info) != 0) continue;
    const bool wanted = kind == Kind::kFolder ? S_ISDIR(info.st_mode)
                        : kind == Kind::kFile ? S_ISREG(info.st_mode)
                                              : S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0;
    if (wanted) names.push_back(name);
  }
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return strcoll(a.c_str(), b.c_str()) < 0;
  });
  return names;
}

using Names = std::vector<std::string>;

void append(Names& names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
}

Names providers(const agents::AgentPaths& paths, const std::string& type) {
  Names names;
  for (const std::string& directory : paths.ocf_directories)
    for (const std::string& provider : names_in(directory, Kind::kFolder)) {
      std::error_code error;
      if (type.empty() || (is_plain_name(type) &&
                           std::filesystem::exists(directory + "/" + provider + "/" + type, error)))
        names.push_back(provider);
    }
  return names;
}

Names ocf_agents(const agents::AgentPaths& paths, const std::string& provider) {
  Names names;
  if (provider.empty()) {
    for (const std::string& each : providers(paths, {})) append(names, ocf_agents(paths, each));
    return names;
  }
  if (!is_plain_name(provider)) return {};
  for (const std::string& directory : paths.ocf_directories)
    append(names, names_in(directory + "/" + provider, Kind::kProgram));
  return names;
}

Names fence_agents(const agents::AgentPaths& paths) {
  Names names = names_in(paths.fence_directory, Kind::kFile);
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("fence_"); });
  return names;
}

Names standards(const agents::AgentPaths& paths) {
  Names names = {"ocf", "service", "lsb"};
  if (!list_unit_files().empty()) names.emplace_back("systemd");
  if (!fence_agents(paths).empty()) names.emplace_back("stonith");
  return names;
}

Names agents_of(const agents::AgentPaths& paths, const std::string& standard,
                const std::string& provider) {
  if (standard == "ocf") return ocf_agents(paths, provider);
  if (standard == "stonith") return fence_agents(paths);
  if (standard == "systemd") return list_unit_files();
  Names names = names_in(paths.init_directory, Kind::kProgram);
  if (standard == "lsb") return names;
  if (standard != "service") return {};
  append(names, list_unit_files());
  return names;
}

}  // namespace

agents::AgentPaths agent_paths() {
  agents::AgentPaths paths;
  if (const char* root = std::getenv("QUORATE_OCF_ROOT"); root && *root) {
    paths.ocf_root = root;
    paths.ocf_directories = {paths.ocf_root + "/resource.d"};
  }
  if (const char* folder = std::getenv("QUORATE_FENCE_DIR"); folder && *folder)
    paths.fence_directory = folder;
  return paths;
}

agents::Environment agent_environment(const Settings& settings, std::string_view service) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name(text.substr(0, equals));
    const std::string value(text.substr(equals + 1));
    variables[name] = value;
    if (name.starts_with("PCMK_")) variables.emplace("HA_" + name.substr(5), value);
  }
  variables.erase("NOTIFY_SOCKET");
  variables["PCMK_service"] = service;
  variables["OCF_OUTPUT_FORMAT"] = "text";
  if (settings.log_facility != "none" && settings.log_facility != "/dev/null")
    variables["HA_LOGFACILITY"] = settings.log_facility;
  if (!settings.log_files.empty()) {
    variables["HA_LOGFILE"] = settings.log_files.front();
    if (settings.log_level == LogLevel::kDebug)
      variables["HA_DEBUGLOG"] = settings.log_files.front();
  }
  return {variables.begin(), variables.end()};
}

std::string list_agents(const agents::AgentPaths& paths, const std::string& query) {
  std::vector<std::string> words(3);
  std::size_t begin = 0;
  for (std::string& word : words) {
    if (begin > query.size()) break;
    const std::size_t end = std::min(query.find('\n', begin), query.size());
    word = query.substr(begin, end - begin);
    begin = end + 1;
  }
  Names names;
  if (words[0] == "standards")
    names = standards(paths);
  else if (words[0] == "providers")
    names = providers(paths, words[1]);
  else if (words[0] == "agents")
    names = agents_of(paths, words[1], words[2]);
  std::string lines;
  for (const std::string& name : names) lines += name + "\n";
  return lines;
}

std::string read_init_script(const std::string& path) {
  return read_file(path, kMaxScriptBytes).value_or("");
}

}  // namespace quorate::runtime
