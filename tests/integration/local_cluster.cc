#include "local_cluster.h"

#include <dirent.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "io/ipc/connection.h"
#include "io/ipc/endpoint.h"
#include "io/runtime/disk.h"
#include "io/runtime/panic.h"

namespace quorate {
namespace {
constexpr std::uint64_t kHub = 1;
constexpr std::int64_t kAnswerMs = 2000;
constexpr std::int64_t kToolMs = 10'000;
}  // namespace

LocalCluster::LocalCluster(int nodes, std::string program_dir)
    : program_dir_(std::move(program_dir)),
      nodes_(nodes),
      processes_(loop_, [this](std::uint64_t request, ProcessResult result) {
        ended_[request] = std::move(result);
      }) {
  std::ofstream file(folder_ / "cluster.json");
  file << R"({"nodes": [)";
  for (int node = 1; node <= nodes; ++node)
    file << (node > 1 ? "," : "") << R"({"name": "node)" << node << R"("})";
  file << "]}";
  file.close();
  for (int node = 1; node <= nodes; ++node) {
    REQUIRE(runtime::make_folder(run_dir(node), 0700));
    REQUIRE(runtime::make_folder(state_dir(node), 0700));
  }
  REQUIRE(runtime::make_folder(folder_ / "ocf/resource.d", 0700));
  REQUIRE(runtime::make_folder(folder_ / "fence", 0700));
  std::filesystem::create_directory_symlink(QUORATE_AGENTS, folder_ / "ocf/resource.d/quorate");
  RunProcess hub;
  hub.request = kHub;
  hub.program = QUORATE_BIN "/quorate-localhub";
  hub.arguments = {folder_.path()};
  processes_.start(hub);
}

LocalCluster::~LocalCluster() {
  // Launchers first: they would start again what is killed.
  processes_.kill_all();
  for (int round = 0; round < 1000; ++round) {
    const auto left = processes_of(folder_.path());
    if (left.empty()) return;
    for (const auto& [pid, name] : left) kill(pid, SIGKILL);
    loop_.run_until([] { return false; }, 2);
  }
}

std::string LocalCluster::run_dir(int node) const {
  return folder_ / ("node" + std::to_string(node) + "/run");
}
std::string LocalCluster::state_dir(int node) const {
  return folder_ / ("node" + std::to_string(node) + "/state");
}

std::vector<std::pair<std::string, std::string>> LocalCluster::environment(int node) const {
  return {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"},
          {"QUORATE_RUN_DIR", run_dir(node)},
          {"QUORATE_STATE_DIR", state_dir(node)},
          {"QUORATE_PROGRAM_DIR", program_dir_},
          {"QUORATE_NODE", "node" + std::to_string(node)},
          {"QUORATE_CLUSTER_LAYER", "local:" + folder_.path()},
          {"QUORATE_OCF_ROOT", folder_ / "ocf"},
          {"QUORATE_FENCE_DIR", folder_ / "fence"},
          {"HA_RSCTMP", run_dir(node)},
          {"PCMK_logfacility", "none"},
          {"PCMK_logfile", folder_ / "log"}};
}

void LocalCluster::start(int node) {
  ended_.erase(key(node));
  RunProcess launcher;
  launcher.request = key(node);
  launcher.program = QUORATE_BIN "/quorated";
  launcher.env = environment(node);
  processes_.start(launcher);
}

void LocalCluster::start_all() {
  for (int node = 1; node <= nodes_; ++node) start(node);
}

void LocalCluster::signal(int node, int signal) { processes_.signal(key(node), signal); }

const ProcessResult* LocalCluster::end_of(int node) const {
  const auto found = ended_.find(key(node));
  return found == ended_.end() ? nullptr : &found->second;
}

Result<LauncherReply> LocalCluster::status(int node) const {
  auto connection =
      ipc::Connection::open_path(ipc::service_path(run_dir(node), "quorated"), kAnswerMs);
  if (!connection) return tl::unexpected(connection.error());
  if (auto sent = connection->send(encode(LauncherStatusRequest{1})); !sent)
    return tl::unexpected(sent.error());
  const auto answer = connection->receive(kAnswerMs);
  if (!answer) return tl::unexpected(answer.error());
  return decode_launcher_reply(*answer);
}

bool LocalCluster::all_up(int node) const {
  const auto reply = status(node);
  if (!reply || reply->state != LauncherState::kRunning) return false;
  for (const DaemonStatus& daemon : reply->daemons)
    if (daemon.state != "running") return false;
  return true;
}

std::string LocalCluster::ask(int node, Daemon daemon, const std::string& message) const {
  auto connection =
      ipc::Connection::open_path(ipc::service_path(run_dir(node), daemon_name(daemon)), kAnswerMs);
  if (!connection || !connection->send(message)) return {};
  return connection->receive(kAnswerMs).value_or("");
}

std::int32_t LocalCluster::pid_of(int node, Daemon daemon) const {
  const auto reply = status(node);
  if (reply)
    for (const DaemonStatus& each : reply->daemons)
      if (each.daemon == daemon) return each.pid;
  return 0;
}

std::string LocalCluster::hub_command(const std::string& text) {
  return run_tool(1, "quorate-localhub", {folder_.path(), text}).out;
}

ProcessResult LocalCluster::run_tool(int node, const std::string& program,
                                     std::vector<std::string> arguments) {
  RunProcess tool;
  tool.request = next_tool_++;
  tool.program = QUORATE_BIN "/" + program;
  tool.arguments = std::move(arguments);
  tool.env = environment(node);
  tool.timeout_ms = kToolMs;
  processes_.start(tool);
  until([&] { return ended_.contains(tool.request); }, kToolMs + 1000);
  return ended_[tool.request];
}

std::string LocalCluster::log() const {
  return runtime::read_file(folder_ / "log").value_or("no log");
}

std::map<pid_t, std::string> processes_of(const std::string& folder) {
  std::map<pid_t, std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto environment = runtime::read_file(entry.path().string() + "/environ");
    if (!environment || environment->find("=" + folder) == std::string::npos) continue;
    found[std::stoi(pid)] = runtime::read_file(entry.path().string() + "/comm").value_or("gone");
  }
  return found;
}

}  // namespace quorate
