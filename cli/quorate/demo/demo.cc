#include "quorate/demo/demo.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>

#include "io/cluster/layer.h"
#include "io/loop/loop.h"
#include "quorate/demo/cluster_watch.h"
#include "quorate/demo/configuration.h"
#include "quorate/demo/demo_cluster.h"
#include "quorate/demo/screen.h"
#include "quorate/demo/service_probe.h"
#include "quorate/demo/timeline.h"

namespace quorate::demo {

namespace {

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

/// The story: a cluster forms, gets its configuration, loses a node, recovers, gets it back.
class Demo {
 public:
  explicit Demo(const DemoOptions& options) : options_(options) {}

  ~Demo() {
    screen_.clear();
    probe_.reset();
    watch_.reset();
    layer_.reset();
    ear_.reset();
  }

  int run() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    signals_ =
        loop_.on_signals({SIGINT, SIGTERM, SIGHUP, SIGQUIT}, [this](int) { interrupted_ = true; });
    for (const std::string& folder : remove_abandoned()) {
      screen_.say("Removed what an earlier demo, which was killed, had left: " + folder);
    }
    auto cluster = DemoCluster::make(loop_, {options_.nodes, options_.program_dir});
    if (!cluster) return give_up(cluster.error().message);
    cluster_ = std::move(*cluster);
    if (!form_cluster()) return give_up("the cluster didn't form");
    if (!load_configuration()) return give_up("the configuration wasn't accepted");
    if (!wait_for("the service to start", kFormWithinMs, [this] { return service_is_up(); })) {
      return give_up("the service didn't start");
    }
    if (!start_probe()) return give_up("the service doesn't answer");
    if (!kill_and_recover()) return give_up("the service didn't come back");
    if (!rejoin()) return give_up("the killed node didn't come back");
    report();
    if (options_.keep) keep_running();
    return 0;
  }

 private:
  const std::vector<std::string>& names() const { return cluster_->names(); }

  // ---- Bringing it up --------------------------------------------------------------------------

  bool form_cluster() {
    screen_.say(fmt::format("Quorate demo: {} nodes on this host, in {}", options_.nodes,
                            cluster_->folder()));
    const std::int64_t start_us = monotonic_us();
    for (const std::string& name : names()) {
      if (!cluster_->switch_on(name)) return false;
    }
    watch_through(names().front());
    if (!wait_for("a DC and nothing left to do", kFormWithinMs,
                  [this] { return watch_->picture().idle() && all_online(); })) {
      return false;
    }
    screen_.say(fmt::format("From starting the daemons to an idle cluster with a DC: {:.0f} ms",
                            static_cast<double>(monotonic_us() - start_us) / 1000.0));
    return true;
  }

  bool all_online() const {
    const auto& nodes = watch_->picture().nodes;
    return static_cast<int>(nodes.size()) == options_.nodes &&
           std::all_of(nodes.begin(), nodes.end(),
                       [](const auto& node) { return node.state == "online"; });
  }

  void watch_through(const std::string& node) {
    watched_ = node;
    ClusterWatch::Callbacks callbacks;
    callbacks.changed = [this](const Picture&) { show(); };
    callbacks.happened = [this](std::int64_t at_us, const std::string& what) {
      if (timeline_.note(at_us, what) && recording_) screen_.say(fmt::format("  {}", what));
    };
    watch_ = std::make_unique<ClusterWatch>(loop_, cluster_->run_directory(node), callbacks);
  }

  void listen_through(const std::string& node) {
    auto layer = cluster::open_layer(loop_, cluster_->layer(), node);
    if (!layer) return;
    layer_ = std::move(*layer);
    ear_ = std::make_unique<MembershipEar>([this](const NodeMembership& membership) {
      const bool there = std::any_of(membership.members.begin(), membership.members.end(),
                                     [this](const Member& m) { return m.name == victim_; });
      if (!recording_ || there || detected_us_) return;
      detected_us_ = monotonic_us();
      happened(*detected_us_, fmt::format("{} is seen to be lost", victim_));
    });
    layer_->start(*ear_);
  }

  void happened(std::int64_t at_us, const std::string& what) {
    if (timeline_.note(at_us, what)) screen_.say(fmt::format("  {}", what));
  }

  bool load_configuration() {
    ConfigurationChoices choices;
    choices.nodes = names();
    port_ = choices.port = free_port();
    choices.server = options_.program_dir + "/http-service";
    choices.switch_folder = cluster_->switch_folder();
    const std::string file = cluster_->folder() + "/configuration.xml";
    std::ofstream(file) << demo_configuration(choices);
    screen_.say(
        "Loading resources and constraints: cibadmin --replace --scope configuration "
        "--xml-file " +
        file);
    auto tool = ToolRun::start(loop_, options_.program_dir + "/cibadmin",
                               {"--replace", "--scope", "configuration", "--xml-file", file},
                               cluster_->variables(names().front()));
    if (!tool) return false;
    wait_for("cibadmin", kFormWithinMs, [&] { return tool->status().has_value(); });
    return tool->status() == 0;
  }

  bool service_is_up() const {
    const auto& runs_on = watch_->picture().runs_on;
    return watch_->picture().idle() && runs_on.contains("web") && runs_on.contains("cart");
  }

  bool start_probe() {
    probe_ = std::make_unique<ServiceProbe>(port_, kProbePauseMs);
    if (!wait_for("answers", 5'000, [this] { return probe_->numbers().answered > 10; })) {
      return false;
    }
    screen_.say(fmt::format("The service answers on http://127.0.0.1:{}/ from {}", port_,
                            probe_->numbers().node));
    tick();
    return true;
  }

  // ---- Failure and recovery --------------------------------------------------------------------

  bool kill_and_recover() {
    victim_ = watch_->picture().runs_on.at("web");
    const auto survivor = std::find_if(names().begin(), names().end(),
                                       [this](const std::string& name) { return name != victim_; });
    watch_through(*survivor);
    listen_through(*survivor);
    if (!wait_for("the watch to move to a survivor", 5'000,
                  [this] { return watch_->picture().readable; })) {
      return false;
    }
    screen_.say("");
    screen_.say(fmt::format("Killing {}, which runs the service", victim_));
    recording_ = true;
    before_ = probe_->numbers();
    killed_us_ = monotonic_us();
    timeline_.note(killed_us_, fmt::format("{} is killed", victim_));
    cluster_->cut_power(victim_);
    // Requests asked while it was dying may still have been answered by it.
    const std::int64_t dead_us = monotonic_us();
    probe_->watch_from(dead_us);
    const bool back = wait_for("the service to answer again", kRecoverWithinMs, [this, dead_us] {
      return probe_->first_answer_after(dead_us).has_value();
    });
    if (!back) return false;
    answered_us_ = *probe_->first_answer_after(dead_us);
    happened(answered_us_,
             fmt::format("the service answers again, from {}", probe_->numbers().node));
    return wait_for("the recovery to end", kRecoverWithinMs, [this] { return service_is_up(); });
  }

  bool rejoin() {
    if (!cluster_->switch_on(victim_)) return false;
    happened(monotonic_us(), fmt::format("{} is switched on again", victim_));
    return wait_for("the killed node to be a member again", kFormWithinMs,
                    [this] { return service_is_up() && all_online(); });
  }

  // ---- Showing ---------------------------------------------------------------------------------

  void show() {
    screen_.show(
        live_lines(watch_->picture(), probe_ ? probe_->numbers() : ServiceProbe::Numbers{}));
  }

  /// The service's numbers change though the cluster doesn't.
  void tick() {
    constexpr std::int64_t kTickMs = 250;
    show();
    tick_ = loop_.after(kTickMs, [this] { tick(); });
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
    double agents_ms = static_cast<double>(cluster_->fencing_us()) / 1000.0;
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

  void keep_running() {
    const std::string& node = names().front();
    screen_.clear();
    screen_.say("");
    screen_.say("The cluster stays up. To use the tools on " + node + " from another shell:");
    screen_.say(fmt::format("  export QUORATE_RUN_DIR={}", cluster_->run_directory(node)));
    screen_.say(fmt::format("  export PATH={}:$PATH", options_.program_dir));
    screen_.say("  crm_mon");
    screen_.say(fmt::format("  stonith_admin --reboot {}", names().back()));
    screen_.say(fmt::format("Logs: {}/node*/quorate.log", cluster_->folder()));
    screen_.say(fmt::format("To take it down: Ctrl-C here, or  kill {}", ::getpid()));
    recording_ = false;
    constexpr std::int64_t kBootMs = 2'000;
    cluster_->boot_by_itself(kBootMs);
    loop_.run_until(
        [this] {
          watch_a_live_node();
          return interrupted_;
        },
        INT64_MAX / 4);
  }

  void watch_a_live_node() {
    if (cluster_->is_on(watched_)) return;
    const auto live = std::find_if(names().begin(), names().end(),
                                   [this](const auto& name) { return cluster_->is_on(name); });
    if (live != names().end()) watch_through(*live);
  }

  int give_up(const std::string& why) {
    screen_.clear();
    if (interrupted_) return 130;
    fmt::print(stderr, "quorate demo: {}\n", why);
    if (watch_) {
      for (const std::string& line : live_lines(watch_->picture(), {})) {
        fmt::print(stderr, "{}\n", line);
      }
      for (const std::string& line : watch_->picture().failures) fmt::print(stderr, "{}\n", line);
    }
    if (cluster_) {
      // The logs are what the user needs now.
      cluster_->leave_logs();
      fmt::print(stderr, "quorate demo: the nodes' logs are in {}\n", cluster_->folder());
    }
    return 1;
  }

  DemoOptions options_;
  io::Loop loop_;
  io::Watch signals_;
  bool interrupted_ = false;
  Screen screen_;
  Timeline timeline_;
  std::unique_ptr<DemoCluster> cluster_;
  std::unique_ptr<MembershipEar> ear_;
  std::unique_ptr<cluster::Layer> layer_;
  std::unique_ptr<ClusterWatch> watch_;
  std::unique_ptr<ServiceProbe> probe_;
  io::Timer tick_;
  int port_ = 0;
  bool recording_ = false;
  std::string watched_;  ///< node the watch goes through
  std::string victim_;
  std::int64_t killed_us_ = 0;
  std::int64_t answered_us_ = 0;
  std::optional<std::int64_t> detected_us_;
  ServiceProbe::Numbers before_;
};

}  // namespace

int run_demo(const DemoOptions& options) { return Demo(options).run(); }

}  // namespace quorate::demo
