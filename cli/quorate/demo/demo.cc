#include "quorate/demo/demo.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>

#include "io/cluster/layer.h"
#include "io/loop/loop.h"
#include "quorate/demo/cluster_watch.h"
#include "quorate/demo/configuration.h"
#include "quorate/demo/machine.h"
#include "quorate/demo/power_switch.h"
#include "quorate/demo/screen.h"
#include "quorate/demo/service_probe.h"
#include "quorate/demo/timeline.h"
#include "quorate/demo/tool.h"

namespace quorate::demo {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFormWithinMs = 30'000;
constexpr std::int64_t kRecoverWithinMs = 60'000;
constexpr int kProbePauseMs = 5;

/// Hears of membership as a node's daemons do, for the time of detection.
class MembershipEar : public cluster::Listener {
 public:
  explicit MembershipEar(std::function<void(const NodeMembership&)> heard)
      : heard_(std::move(heard)) {}
  void on_view(GroupView) override {}
  void on_delivered(NodeNumber, std::string) override {}
  void on_nodes(NodeMembership nodes) override { heard_(nodes); }
  void on_broadcast_allowed(bool) override {}
  void on_lost(const std::string&) override {}

 private:
  std::function<void(const NodeMembership&)> heard_;
};

class Demo {
 public:
  explicit Demo(const DemoOptions& options) : options_(options) {}
  ~Demo() { clean_up(); }

  int run() {
    const auto prepared = prepare();
    if (!prepared) return give_up(prepared.error().message);
    if (!form_cluster()) return give_up("the cluster didn't form: see " + folder_);
    if (!load_configuration()) return give_up("the configuration wasn't accepted");
    if (!wait_for("the service to answer", kFormWithinMs, [this] { return service_is_up(); })) {
      return give_up("the service didn't start: see " + folder_);
    }
    start_probe();
    if (options_.keep) return keep_running();
    if (!kill_and_recover()) return give_up("the service didn't come back: see " + folder_);
    if (!rejoin()) return give_up("the killed node didn't come back: see " + folder_);
    report();
    return interrupted_ ? 130 : 0;
  }

 private:
  // ---- Bringing it up --------------------------------------------------------------------------

  Result<void> prepare() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    signals_ = loop_.on_signals({SIGINT, SIGTERM, SIGHUP}, [this](int) { interrupted_ = true; });
    std::string pattern = (fs::temp_directory_path() / "quorate-demo.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      return fail(ErrorKind::kIo, "can't make a folder in " + fs::temp_directory_path().string());
    }
    folder_ = pattern;
    port_ = free_port();
    for (int i = 1; i <= options_.nodes; ++i) names_.push_back(fmt::format("node{}", i));
    write_cluster_file();
    auto hub = ToolRun::start(loop_, options_.program_dir + "/quorate-localhub", {folder_}, {});
    if (!hub) return tl::unexpected(hub.error());
    hub_.emplace(std::move(*hub));
    auto power = PowerSwitch::open(loop_, folder_ + "/power",
                                   [this](const std::string& node, PowerAction action) {
                                     return operate_power(node, action);
                                   });
    if (!power) return tl::unexpected(power.error());
    power_ = std::move(*power);
    for (const std::string& name : names_) {
      fs::create_directories(node_folder(name) + "/state");
      machines_.emplace(name, std::make_unique<DemoMachine>(
                                  name, options_.program_dir + "/quorated", variables(name)));
    }
    return {};
  }

  void write_cluster_file() const {
    std::ofstream file(folder_ + "/cluster.json");
    file << R"({"cluster_name": "demo", "nodes": [)";
    for (std::size_t i = 0; i < names_.size(); ++i) {
      file << (i == 0 ? "" : ", ") << R"({"name": ")" << names_[i] << R"(", "number": )" << i + 1
           << "}";
    }
    file << "]}\n";
  }

  std::string node_folder(const std::string& name) const { return folder_ + "/" + name; }

  Variables variables(const std::string& name) const {
    const std::string home = node_folder(name);
    const std::string libraries = fs::path(options_.program_dir).parent_path().string() + "/lib";
    return {{"QUORATE_NODE", name},
            {"QUORATE_RUN_DIR", home + "/run"},
            {"QUORATE_STATE_DIR", home + "/state"},
            {"QUORATE_PROGRAM_DIR", options_.program_dir},
            {"QUORATE_CLUSTER_LAYER", "local:" + folder_},
            {"QUORATE_OCF_ROOT", libraries + "/ocf"},
            {"QUORATE_FENCE_DIR", libraries + "/fence"},
            {"HA_RSCTMP", home + "/run"},
            {"PCMK_logfile", home + "/quorate.log"},
            {"PCMK_logfacility", "none"}};
  }

  bool form_cluster() {
    screen_.say(fmt::format("Quorate demo: {} nodes on this host, in {}", options_.nodes, folder_));
    const std::int64_t start_us = monotonic_us();
    for (const std::string& name : names_) {
      if (!switch_on(name)) return false;
    }
    watch_through(names_.front());
    const bool formed = wait_for("a DC and nothing left to do", kFormWithinMs, [this] {
      return watch_->picture().idle() &&
             std::count_if(watch_->picture().nodes.begin(), watch_->picture().nodes.end(),
                           [](const auto& node) { return node.state == "online"; }) ==
                 options_.nodes;
    });
    if (!formed) return false;
    screen_.say(fmt::format("From starting the daemons to an idle cluster with a DC: {:.0f} ms",
                            static_cast<double>(monotonic_us() - start_us) / 1000.0));
    return true;
  }

  /// As a machine does when it boots: what was in its /run is gone.
  bool switch_on(const std::string& name) {
    DemoMachine& machine = *machines_.at(name);
    if (machine.on()) return true;
    std::error_code error;
    fs::remove_all(node_folder(name) + "/run", error);
    fs::create_directories(node_folder(name) + "/run", error);
    return !error && machine.power_on().has_value();
  }

  void watch_through(const std::string& node) {
    ClusterWatch::Callbacks callbacks;
    callbacks.changed = [this](const Picture& picture) { show(picture); };
    callbacks.happened = [this](std::int64_t at_us, const std::string& what) {
      if (timeline_.note(at_us, what) && recording_) screen_.say(fmt::format("  {}", what));
    };
    watch_ = std::make_unique<ClusterWatch>(loop_, node_folder(node) + "/run", callbacks);
  }

  void listen_through(const std::string& node) {
    auto layer = cluster::open_layer(loop_, "local:" + folder_, node);
    if (!layer) return;
    layer_ = std::move(*layer);
    ear_ = std::make_unique<MembershipEar>([this](const NodeMembership& membership) {
      const bool there = std::any_of(membership.members.begin(), membership.members.end(),
                                     [this](const Member& m) { return m.name == victim_; });
      if (!victim_.empty() && !there && !detected_us_) {
        detected_us_ = monotonic_us();
        timeline_.note(*detected_us_, fmt::format("{} is seen to be lost", victim_));
        screen_.say(fmt::format("  {} is seen to be lost", victim_));
      }
    });
    layer_->start(*ear_);
  }

  bool load_configuration() {
    ConfigurationChoices choices;
    choices.nodes = names_;
    choices.port = port_;
    choices.server = options_.program_dir + "/http-service";
    choices.switch_folder = folder_ + "/power";
    const std::string file = folder_ + "/configuration.xml";
    std::ofstream(file) << demo_configuration(choices);
    screen_.say(
        "Loading resources and constraints: cibadmin --replace --scope configuration "
        "--xml-file " +
        file);
    auto tool = ToolRun::start(loop_, options_.program_dir + "/cibadmin",
                               {"--replace", "--scope", "configuration", "--xml-file", file},
                               variables(names_.front()));
    if (!tool) return false;
    wait_for("cibadmin", kFormWithinMs, [&] { return tool->status().has_value(); });
    return tool->status() == 0;
  }

  bool service_is_up() {
    const auto& runs_on = watch_->picture().runs_on;
    return watch_->picture().idle() && runs_on.contains("web") && runs_on.contains("cart");
  }

  void start_probe() {
    probe_ = std::make_unique<ServiceProbe>(port_, kProbePauseMs);
    loop_.run_until([this] { return interrupted_ || probe_->numbers().answered > 10; }, 5'000);
    screen_.say(fmt::format("The service answers on http://127.0.0.1:{}/ from {}", port_,
                            probe_->numbers().node));
  }

  // ---- Failure and recovery --------------------------------------------------------------------

  bool kill_and_recover() {
    victim_ = watch_->picture().runs_on.at("web");
    const auto survivor = std::find_if(names_.begin(), names_.end(),
                                       [this](const std::string& name) { return name != victim_; });
    watch_through(*survivor);
    listen_through(*survivor);
    wait_for("the watch to move to a survivor", 5'000,
             [this] { return watch_->picture().readable; });
    recording_ = true;
    screen_.say("");
    screen_.say(fmt::format("Killing {}, which runs the service", victim_));
    before_ = probe_->numbers();
    killed_us_ = monotonic_us();
    timeline_.note(killed_us_, fmt::format("{} is killed", victim_));
    machines_.at(victim_)->power_off();
    // Requests asked while it was dying may still have been answered by it.
    const std::int64_t dead_us = monotonic_us();
    probe_->watch_from(dead_us);
    const bool back = wait_for("the service to answer again", kRecoverWithinMs, [this, dead_us] {
      return probe_->first_answer_after(dead_us).has_value();
    });
    if (!back) return false;
    answered_us_ = *probe_->first_answer_after(dead_us);
    timeline_.note(answered_us_,
                   fmt::format("the service answers again, from {}", probe_->numbers().node));
    screen_.say(fmt::format("  the service answers again, from {}", probe_->numbers().node));
    return wait_for("the recovery to end", kRecoverWithinMs, [this] { return service_is_up(); });
  }

  bool rejoin() {
    if (!switch_on(victim_)) return false;
    timeline_.note(monotonic_us(), fmt::format("{} is switched on again", victim_));
    return wait_for("the killed node to be a member again", kFormWithinMs, [this] {
      const auto& nodes = watch_->picture().nodes;
      return service_is_up() &&
             std::all_of(nodes.begin(), nodes.end(),
                         [](const auto& node) { return node.state == "online"; }) &&
             static_cast<int>(nodes.size()) == options_.nodes;
    });
  }

  /// What a power switch does when a fence agent asks for it.
  bool operate_power(const std::string& node, PowerAction action) {
    const auto machine = machines_.find(node);
    if (machine == machines_.end()) return false;
    switch (action) {
      case PowerAction::kOff:
        machine->second->power_off();
        return true;
      case PowerAction::kOn:
        return switch_on(node);
      case PowerAction::kReboot:
        machine->second->power_off();
        // A machine takes a while to boot; the demo switches it on after the recovery, so that the
        // two don't mix.
        return true;
      case PowerAction::kStatus:
        return machine->second->on();
    }
    return false;
  }

  // ---- Showing ---------------------------------------------------------------------------------

  void show(const Picture& picture) {
    screen_.show(picture, probe_ ? probe_->numbers() : ServiceProbe::Numbers{});
  }

  bool wait_for(const std::string& what, std::int64_t within_ms,
                const std::function<bool()>& done) {
    const bool ok = loop_.run_until([&] { return interrupted_ || done(); }, within_ms);
    if (interrupted_) return false;
    if (!ok) screen_.say(fmt::format("Waited {} s in vain for {}", within_ms / 1000, what));
    return ok;
  }

  void report() {
    screen_.clear();
    const ServiceProbe::Numbers after = probe_->numbers();
    screen_.say("");
    screen_.say("What happened when, from the kill on:");
    for (const std::string& line : timeline_.table(killed_us_)) screen_.say("  " + line);
    const double away_ms = static_cast<double>(answered_us_ - killed_us_) / 1000.0;
    const double detection_ms =
        detected_us_ ? static_cast<double>(*detected_us_ - killed_us_) / 1000.0 : 0.0;
    double agents_ms = static_cast<double>(power_->last_busy_us()) / 1000.0;
    for (const AgentTime& time : watch_->agent_times(killed_us_)) {
      if (time.resource == "web" && time.task == "start") {
        agents_ms += static_cast<double>(time.exec_ms);
      }
    }
    screen_.say("");
    screen_.say(
        fmt::format("The service was away for {:.0f} ms: {:.0f} ms until the loss was "
                    "noticed, {:.0f} ms in agents, {:.0f} ms in Quorate.",
                    away_ms, detection_ms, agents_ms, away_ms - detection_ms - agents_ms));
    screen_.say(fmt::format("{} requests were answered, {} failed.", after.answered,
                            after.failed - before_.failed));
  }

  int keep_running() {
    screen_.clear();
    screen_.say("");
    screen_.say("The cluster stays up until Ctrl-C. To look at it from another shell:");
    for (const auto& [name, value] : variables(names_.front())) {
      if (name == "QUORATE_RUN_DIR") screen_.say(fmt::format("  export {}={}", name, value));
    }
    screen_.say(fmt::format("  {}/crm_mon -1", options_.program_dir));
    screen_.say(fmt::format("  {}/stonith_admin --reboot {}", options_.program_dir, names_.back()));
    screen_.say(fmt::format("Logs: {}/node*/quorate.log", folder_));
    loop_.run_until(
        [this] {
          restart_fenced();
          return interrupted_;
        },
        std::int64_t{1} << 40);
    return 0;
  }

  /// With --keep a fenced node boots by itself after a moment.
  void restart_fenced() {
    for (auto& [name, machine] : machines_) {
      machine->has_ended();
      if (machine->on() || boots_.contains(name)) continue;
      boots_.emplace(name, loop_.after(2'000, [this, node = name] {
        boots_.erase(node);
        static_cast<void>(switch_on(node));
      }));
    }
  }

  int give_up(const std::string& why) {
    screen_.clear();
    if (interrupted_) return 130;
    failed_ = true;
    fmt::print(stderr, "quorate demo: {}\n", why);
    return 1;
  }

  void clean_up() {
    probe_.reset();
    watch_.reset();
    layer_.reset();
    ear_.reset();
    boots_.clear();
    for (auto& [name, machine] : machines_) machine->power_off();
    machines_.clear();
    power_.reset();
    hub_.reset();
    if (folder_.empty()) return;
    // After a failure the logs are what the user needs.
    std::error_code ignored;
    if (!failed_) fs::remove_all(folder_, ignored);
  }

  DemoOptions options_;
  io::Loop loop_;
  io::Watch signals_;
  bool interrupted_ = false;
  bool failed_ = false;
  std::string folder_;
  int port_ = 0;
  std::vector<std::string> names_;
  Screen screen_;
  Timeline timeline_;
  bool recording_ = false;
  std::optional<ToolRun> hub_;
  std::unique_ptr<PowerSwitch> power_;
  std::map<std::string, std::unique_ptr<DemoMachine>> machines_;
  std::unique_ptr<MembershipEar> ear_;
  std::unique_ptr<cluster::Layer> layer_;
  std::unique_ptr<ClusterWatch> watch_;
  std::unique_ptr<ServiceProbe> probe_;
  std::map<std::string, io::Timer> boots_;
  std::string victim_;
  std::int64_t killed_us_ = 0;
  std::int64_t answered_us_ = 0;
  std::optional<std::int64_t> detected_us_;
  ServiceProbe::Numbers before_;
};

}  // namespace

int run_demo(const DemoOptions& options) {
  Demo demo(options);
  return demo.run();
}

}  // namespace quorate::demo
