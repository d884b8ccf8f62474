#include "io/runtime/settings.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/text.h"

namespace quorate::runtime {
namespace {

using Getter = std::function<std::optional<std::string>(const std::string&)>;

std::string option(const Getter& get, const std::string& name, std::string fallback) {
  for (const char* prefix : {"PCMK_", "HA_"})
    if (auto value = get(prefix + name); value && !value->empty()) return *value;
  return fallback;
}

/// A boolean, or a list of daemons for which it is true; by their names or those of the reference.
bool enabled_for(const std::string& value, Daemon daemon) {
  if (const auto is = parse_boolean(value)) return *is;
  static constexpr std::array<std::string_view, 7> kFormerNames = {
      "pacemakerd",           "pacemaker-based", "pacemaker-attrd", "pacemaker-controld",
      "pacemaker-schedulerd", "pacemaker-execd", "pacemaker-fenced"};
  for (const std::string_view name : split_words(value, ','))
    if (name == daemon_name(daemon) || name == kFormerNames[static_cast<std::size_t>(daemon)])
      return true;
  return false;
}

LogLevel level_named(std::string_view name, LogLevel fallback) {
  if (name == "crit" || name == "alert" || name == "emerg") return LogLevel::kCritical;
  if (name == "error") return LogLevel::kError;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "notice") return LogLevel::kNotice;
  if (name == "info") return LogLevel::kInfo;
  if (name == "debug" || name == "trace") return LogLevel::kDebug;
  return fallback;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

}  // namespace

std::string_view short_name(Daemon daemon) {
  if (daemon == Daemon::kLauncher) return "launcher";
  return daemon_name(daemon).substr(std::string_view("quorate-").size());
}

std::string Settings::state_folder(Daemon daemon) const {
  const std::string_view name = daemon == Daemon::kScheduler ? "pengine" : short_name(daemon);
  return state_dir + "/" + std::string(name);
}

Settings read_settings(const Getter& get, Daemon daemon) {
  const auto own = [&](const char* name, std::string fallback) {
    auto value = get(name);
    return value && !value->empty() ? *value : std::move(fallback);
  };
  Settings settings;
  settings.run_dir = own("QUORATE_RUN_DIR", settings.run_dir);
  settings.state_dir = own("QUORATE_STATE_DIR", settings.state_dir);
  settings.program_dir = own("QUORATE_PROGRAM_DIR", {});
  settings.cluster_layer = own("QUORATE_CLUSTER_LAYER", {});
  settings.node_name = own("QUORATE_NODE", {});
  if (settings.node_name.empty()) settings.node_name = host_name();
  settings.group = own("QUORATE_GROUP", settings.group);
  settings.log_facility = option(get, "logfacility", settings.log_facility);
  if (const std::string file = option(get, "logfile", {}); !file.empty() && file != "none")
    settings.log_files.push_back(file);
  settings.syslog_level = level_named(option(get, "logpriority", {}), settings.syslog_level);
  if (enabled_for(option(get, "debug", "no"), daemon)) settings.log_level = LogLevel::kDebug;
  settings.log_to_stderr = enabled_for(option(get, "stderr", "no"), daemon);
  settings.fail_fast = parse_boolean(option(get, "fail_fast", "no")).value_or(false);
  settings.panic_action = option(get, "panic_action", settings.panic_action);
  return settings;
}

Settings settings_from_environment(Daemon daemon) {
  return read_settings(
      [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
      },
      daemon);
}

}  // namespace quorate::runtime
