#include <systemd/sd-bus.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "io/runtime/agent_files.h"

namespace quorate::runtime {
namespace {

constexpr std::uint64_t kTimeoutUs = 5'000'000;

struct Release {
  void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};

bool is_resource_unit(const std::string& name) {
  return name.ends_with(".service") || name.ends_with(".socket") || name.ends_with(".mount") ||
         name.ends_with(".timer") || name.ends_with(".path");
}

}  // namespace

std::vector<std::string> list_unit_files() {
  sd_bus* opened = nullptr;
  if (sd_bus_open_system(&opened) < 0) return {};
  const std::unique_ptr<sd_bus, Release> bus(opened);
  sd_bus_set_method_call_timeout(bus.get(), kTimeoutUs);
  sd_bus_message* answer = nullptr;
  if (sd_bus_call_method(bus.get(), "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                         "org.freedesktop.systemd1.Manager", "ListUnitFiles", nullptr, &answer,
                         nullptr) < 0)
    return {};
  const std::unique_ptr<sd_bus_message, Release> reply(answer);
  std::vector<std::string> names;
  if (sd_bus_message_enter_container(answer, 'a', "(ss)") < 0) return {};
  const char* path = nullptr;
  const char* state = nullptr;
  while (sd_bus_message_read(answer, "(ss)", &path, &state) > 0) {
    std::string name = std::filesystem::path(path).filename().string();
    if (!is_resource_unit(name)) continue;
    if (name.ends_with(".service")) name.resize(name.size() - std::string(".service").size());
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return icompare(a, b) < 0; });
  return names;
}

}  // namespace quorate::runtime
