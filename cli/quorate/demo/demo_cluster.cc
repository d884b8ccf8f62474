#include "quorate/demo/demo_cluster.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace quorate::demo {

namespace fs = std::filesystem;

Result<std::unique_ptr<DemoCluster>> DemoCluster::make(io::Loop& loop, const Options& options) {
  auto folder = DemoFolder::make();
  if (!folder) return tl::unexpected(folder.error());
  std::unique_ptr<DemoCluster> cluster(new DemoCluster(loop, options, std::move(*folder)));
  if (auto started = cluster->start(); !started) return tl::unexpected(started.error());
  return cluster;
}

DemoCluster::DemoCluster(io::Loop& loop, Options options, DemoFolder folder)
    : loop_(loop), options_(std::move(options)), folder_(std::move(folder)) {
  for (int i = 1; i <= options_.nodes; ++i) names_.push_back(fmt::format("node{}", i));
}

DemoCluster::~DemoCluster() {
  look_.reset();
  boots_.clear();
  for (auto& [name, machine] : machines_) machine->power_off();
  machines_.clear();
  power_.reset();
  hub_.reset();
}

/// All that is run must be there: a demo of half an installation would fail in strange ways.
Result<void> DemoCluster::check_programs() const {
  for (const std::string_view program :
       {"quorated", "quorate-localhub", "quorate-cib", "quorate-attributes", "quorate-controller",
        "quorate-scheduler", "quorate-executor", "quorate-fencer", "cibadmin", "http-service"}) {
    const std::string path = fmt::format("{}/{}", options_.program_dir, program);
    if (::access(path.c_str(), X_OK) == 0) continue;
    return fail(ErrorKind::kNotFound,
                fmt::format("{} is missing; build or install all of Quorate", path));
  }
  return {};
}

Result<void> DemoCluster::start() {
  if (auto complete = check_programs(); !complete) return complete;
  if (auto written = write_cluster_file(); !written) return written;
  auto hub = ToolRun::start(loop_, options_.program_dir + "/quorate-localhub", {folder()},
                            {{std::string(kDemoVariable), folder()}});
  if (!hub) return tl::unexpected(hub.error());
  hub_.emplace(std::move(*hub));
  auto power = PowerSwitch::open(
      loop_, switch_folder(),
      [this](const std::string& node, PowerAction action) { return operate(node, action); });
  if (!power) return tl::unexpected(power.error());
  power_ = std::move(*power);
  for (const std::string& name : names_) {
    const std::string state = folder() + "/" + name + "/state";
    std::error_code error;
    fs::create_directories(state, error);
    if (error) return fail(ErrorKind::kIo, fmt::format("{}: {}", state, error.message()));
    machines_.emplace(name, std::make_unique<DemoMachine>(name, options_.program_dir + "/quorated",
                                                          variables(name)));
  }
  return {};
}

Result<void> DemoCluster::write_cluster_file() const {
  std::string nodes;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    nodes +=
        fmt::format(R"({}{{"name": "{}", "number": {}}})", i == 0 ? "" : ", ", names_[i], i + 1);
  }
  const std::string path = folder() + "/cluster.json";
  std::ofstream file(path);
  file << fmt::format(R"({{"cluster_name": "demo", "two_node": {}, "nodes": [{}]}})",
                      names_.size() == 2, nodes)
       << "\n";
  file.close();
  if (file) return {};
  return fail(ErrorKind::kIo, path + ": can't be written; is the disk full?");
}

std::string DemoCluster::run_directory(const std::string& node) const {
  return folder() + "/" + node + "/run";
}

Variables DemoCluster::variables(const std::string& node) const {
  const std::string home = folder() + "/" + node;
  const std::string libraries = fs::path(options_.program_dir).parent_path().string() + "/lib";
  return {{std::string(kDemoVariable), folder()},
          {"QUORATE_NODE", node},
          {"QUORATE_RUN_DIR", run_directory(node)},
          {"QUORATE_STATE_DIR", home + "/state"},
          {"QUORATE_PROGRAM_DIR", options_.program_dir},
          {"QUORATE_CLUSTER_LAYER", layer()},
          {"QUORATE_OCF_ROOT", libraries + "/ocf"},
          {"QUORATE_FENCE_DIR", libraries + "/fence"},
          {"HA_RSCTMP", run_directory(node)},
          {"PCMK_logfile", home + "/quorate.log"},
          {"PCMK_logfacility", "none"}};
}

bool DemoCluster::switch_on(const std::string& node) {
  DemoMachine& machine = *machines_.at(node);
  if (machine.on()) return true;
  std::error_code error;
  fs::remove_all(run_directory(node), error);
  fs::create_directories(run_directory(node), error);
  return !error && machine.power_on().has_value();
}

bool DemoCluster::operate(const std::string& node, PowerAction action) {
  if (!machines_.contains(node)) return false;
  switch (action) {
    case PowerAction::kOff:
    case PowerAction::kReboot:
      // A machine takes a while to boot: whoever tells the story switches it on again.
      cut_power(node);
      return true;
    case PowerAction::kOn:
      return switch_on(node);
    case PowerAction::kStatus:
      return is_on(node);
  }
  return false;
}

void DemoCluster::boot_by_itself(std::int64_t after_ms) {
  boot_after_ms_ = after_ms;
  look_at_machines();
}

void DemoCluster::look_at_machines() {
  constexpr std::int64_t kLookMs = 200;
  for (auto& [name, machine] : machines_) {
    machine->has_ended();
    if (machine->on() || boots_.contains(name)) continue;
    boots_.emplace(name, loop_.after(boot_after_ms_, [this, node = name] {
      loop_.defer([this, node] { boots_.erase(node); });
      static_cast<void>(switch_on(node));
    }));
  }
  look_ = loop_.after(kLookMs, [this] { look_at_machines(); });
}

}  // namespace quorate::demo
