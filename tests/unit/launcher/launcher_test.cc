#include "launcher/launcher.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <set>

using namespace quorate;

namespace {

constexpr Daemon kAll[] = {Daemon::kCib,        Daemon::kFencer,    Daemon::kExecutor,
                           Daemon::kAttributes, Daemon::kScheduler, Daemon::kController};

/// A launcher and the node around it: processes that live until something ends them.
struct Node {
  explicit Node(LauncherOptions options = {})
      : launcher([&] {
          options.program_dir = "/bin";
          return std::move(options);
        }()) {}

  void give(const Event& event) {
    Effects effects;
    launcher.handle(event, {now_ms, 1'700'000'000'000 + now_ms}, effects);
    for (Effect& effect : effects) {
      if (const auto* run = std::get_if<RunProcess>(&effect)) {
        const std::string name =
            run->adopt_pid > 0 ? run->describe : run->program.substr(std::string("/bin/").size());
        CHECK(run->daemon == (run->adopt_pid == 0));
        running[run->request] = name;
        log.push_back((run->adopt_pid > 0 ? "adopt " : "start ") + name);
      } else if (const auto* kill = std::get_if<KillProcess>(&effect)) {
        log.push_back("signal " + std::to_string(kill->signal) + " " + running.at(kill->request));
      } else if (const auto* timer = std::get_if<SetTimer>(&effect)) {
        timers[timer->timer] = now_ms + timer->delay_ms;
      } else if (const auto* cancel = std::get_if<CancelTimer>(&effect)) {
        timers.erase(cancel->timer);
      } else if (const auto* send = std::get_if<SendSibling>(&effect)) {
        if (!silent.contains(send->daemon))
          pongs.emplace_back(send->daemon, decode_liveness_ping(send->payload)->id);
      } else if (const auto* exit = std::get_if<Exit>(&effect)) {
        log.push_back("exit " + std::to_string(exit->status));
      } else if (std::holds_alternative<PanicNode>(effect)) {
        log.push_back("panic");
      } else if (const auto* reply = std::get_if<Reply>(&effect)) {
        replies.push_back(*decode_launcher_reply(reply->payload));
      }
    }
  }
  void pass(std::int64_t ms) {
    const std::int64_t end = now_ms + ms;
    for (;;) {
      for (const auto& [daemon, id] : std::exchange(pongs, {}))
        give(SiblingMessage{daemon, encode(LivenessPong{id})});
      const auto next = std::min_element(timers.begin(), timers.end(),
                                         [](auto& a, auto& b) { return a.second < b.second; });
      if (next == timers.end() || next->second > end) break;
      now_ms = next->second;
      const TimerId id = next->first;
      timers.erase(next);
      give(TimerFired{id});
    }
    now_ms = end;
  }
  void bring_up() {
    give(Started{});
    give(cluster());
    for (const Daemon daemon : kAll) give(SiblingUp{daemon, 1000});
  }
  static NodeMembership cluster() { return {1, true, {{1, "a", 0}}, {{1, "a", 0}}}; }
  void end(Daemon daemon, ProcessResult::End how, int status) {
    for (const auto& [request, name] : running) {
      if (name != daemon_name(daemon)) continue;
      const std::uint64_t ended = request;
      running.erase(request);
      give(SiblingDown{daemon});
      ProcessResult result;
      result.end = how;
      result.status = status;
      return give(ProcessEnded{ended, result});
    }
    FAIL("not running");
  }
  std::vector<std::string> take_log() { return std::exchange(log, {}); }
  LauncherReply ask(const LauncherRequest& request, bool privileged = true) {
    PeerCredentials peer;
    peer.privileged = privileged;
    give(ClientConnected{5, peer});
    give(ClientMessage{5, encode(request)});
    give(ClientGone{5});
    return replies.back();
  }

  std::int64_t now_ms = 1000;
  std::map<std::uint64_t, std::string> running;
  std::map<TimerId, std::int64_t> timers;
  std::vector<std::pair<Daemon, std::uint64_t>> pongs;
  std::set<Daemon> silent;
  std::vector<std::string> log;
  std::vector<LauncherReply> replies;
  Launcher launcher;
};

using Lines = std::vector<std::string>;
constexpr auto kSignalled = ProcessResult::End::kSignalled;
constexpr auto kExited = ProcessResult::End::kExited;

}  // namespace

TEST_CASE("daemons start in order, those that need the cluster layer when it is there") {
  Node node;
  node.give(Started{});
  CHECK(node.take_log() == Lines{"start quorate-executor", "start quorate-scheduler"});
  CHECK(node.launcher.state() == LauncherState::kStartingDaemons);
  node.give(Node::cluster());
  CHECK(node.take_log() == Lines{"start quorate-cib", "start quorate-fencer",
                                 "start quorate-attributes", "start quorate-controller"});
  for (const Daemon daemon : kAll) {
    CHECK(node.launcher.state() == LauncherState::kStartingDaemons);
    node.give(SiblingUp{daemon, 7});
  }
  CHECK(node.launcher.state() == LauncherState::kRunning);
}

TEST_CASE("a daemon that dies is started again, with delays if it dies at once each time") {
  Node node;
  node.bring_up();
  node.take_log();
  node.pass(60'000);
  node.end(Daemon::kCib, kSignalled, SIGSEGV);
  CHECK(node.take_log() == Lines{"start quorate-cib"});
  node.end(Daemon::kCib, kSignalled, SIGSEGV);
  CHECK(node.take_log().empty());
  node.pass(199);
  CHECK(node.take_log().empty());
  node.pass(1);
  CHECK(node.take_log() == Lines{"start quorate-cib"});
  for (int i = 0; i < 20; ++i) {
    node.end(Daemon::kCib, kSignalled, SIGSEGV);
    node.pass(5000);
    CHECK(node.take_log() == Lines{"start quorate-cib"});
  }
  node.pass(1);
  node.give(SiblingUp{Daemon::kCib, 9});
  node.pass(20'000);
  node.end(Daemon::kCib, kExited, 0);
  CHECK(node.take_log() == Lines{"start quorate-cib"});
}

TEST_CASE("a daemon that keeps dying is given up after 100 times in a row, and status says so") {
  Node node;
  node.bring_up();
  for (int i = 0; i < 101; ++i) {
    node.end(Daemon::kFencer, kSignalled, SIGABRT);
    node.pass(5000);
  }
  node.take_log();
  node.pass(100'000);
  CHECK(node.take_log().empty());
  const LauncherReply reply = node.ask(LauncherStatusRequest{3});
  CHECK(reply.id == 3);
  REQUIRE(reply.daemons.size() == 6);
  CHECK(reply.daemons[1].daemon == Daemon::kFencer);
  CHECK(reply.daemons[1].state == "given-up");
  CHECK(reply.daemons[1].restarts == 100);
  CHECK(reply.daemons[1].last_end == "was ended by signal 6");
}

TEST_CASE("a daemon that doesn't answer for 10 s is killed, one that does isn't") {
  Node node;
  node.bring_up();
  node.take_log();
  node.pass(60'000);
  CHECK(node.take_log().empty());
  node.silent.insert(Daemon::kScheduler);
  node.pass(9'000);
  CHECK(node.take_log().empty());
  node.pass(3'000);
  CHECK(node.take_log() == Lines{"signal 9 quorate-scheduler"});
  node.silent.clear();
  node.end(Daemon::kScheduler, kSignalled, SIGKILL);
  CHECK(node.take_log() == Lines{"start quorate-scheduler"});
  CHECK(node.ask(LauncherStatusRequest{}).daemons[4].last_end ==
        "was killed: it did not answer for 10 s");
}

TEST_CASE("a daemon whose socket never comes up is killed too") {
  Node node;
  node.give(Started{});
  node.take_log();
  node.pass(10'500);
  CHECK(node.take_log() == Lines{"signal 9 quorate-executor", "signal 9 quorate-scheduler"});
}

TEST_CASE("after the launcher itself was held up nobody is blamed") {
  Node node;
  node.bring_up();
  node.take_log();
  node.silent = {std::begin(kAll), std::end(kAll)};
  node.now_ms += 3'600'000;  // a suspended machine: the timer fires an hour late
  for (auto& [id, due] : node.timers) due = node.now_ms;
  node.pass(1);
  CHECK(node.take_log().empty());
  node.pass(9'000);
  CHECK(node.take_log().empty());
  node.pass(2'000);
  CHECK(node.take_log().size() == 6);
}

TEST_CASE("shutdown stops one daemon after the other and then ends") {
  Node node;
  node.bring_up();
  node.take_log();
  node.give(ShutdownRequested{});
  CHECK(node.launcher.state() == LauncherState::kShuttingDown);
  for (const Daemon daemon : {Daemon::kController, Daemon::kScheduler, Daemon::kAttributes,
                              Daemon::kExecutor, Daemon::kFencer, Daemon::kCib}) {
    CHECK(node.take_log() == Lines{"signal 15 " + std::string(daemon_name(daemon))});
    node.give(ShutdownRequested{});  // a second one changes nothing
    node.end(daemon, kExited, 0);
  }
  CHECK(node.take_log() == Lines{"exit 0"});
  CHECK(node.launcher.state() == LauncherState::kShutdownComplete);
}

TEST_CASE("a daemon that won't stop is forced after 3 min, but the controller is waited for") {
  Node node;
  node.bring_up();
  node.take_log();
  node.give(ShutdownRequested{});
  node.pass(1'000'000);
  CHECK(node.take_log() == Lines{"signal 15 quorate-controller"});
  node.end(Daemon::kController, kExited, 0);
  node.pass(179'000);
  CHECK(node.take_log() == Lines{"signal 15 quorate-scheduler"});
  node.pass(61'000);
  CHECK(node.take_log() == Lines{"signal 11 quorate-scheduler", "signal 9 quorate-scheduler"});
}

TEST_CASE("nothing is started again while the node shuts down") {
  Node node;
  node.bring_up();
  node.end(Daemon::kFencer, kSignalled, 9);
  node.end(Daemon::kFencer, kSignalled, 9);  // now waits to be started again
  node.take_log();
  node.give(ShutdownRequested{});
  node.end(Daemon::kCib, kSignalled, 9);
  node.pass(10'000);
  CHECK(node.take_log() == Lines{"signal 15 quorate-controller"});
  for (const Daemon daemon :
       {Daemon::kController, Daemon::kScheduler, Daemon::kAttributes, Daemon::kExecutor})
    node.end(daemon, kExited, 0);
  CHECK(node.take_log().back() == "exit 0");
}

TEST_CASE("status 100 of a daemon stops the node for good, 101 and fail-fast panic") {
  {
    Node node;
    node.bring_up();
    node.end(Daemon::kController, kExited, 100);
    node.take_log();
    for (const Daemon daemon : {Daemon::kScheduler, Daemon::kAttributes, Daemon::kExecutor,
                                Daemon::kFencer, Daemon::kCib})
      node.end(daemon, kExited, 0);
    CHECK(node.take_log().back() == "exit 100");
  }
  {
    Node node;
    node.bring_up();
    node.end(Daemon::kExecutor, kExited, 101);
    CHECK(node.take_log().back() == "panic");
  }
  {
    LauncherOptions options;
    options.fail_fast = true;
    Node node(options);
    node.bring_up();
    node.end(Daemon::kExecutor, kSignalled, 6);
    CHECK(node.take_log().back() == "panic");
  }
}

TEST_CASE("daemons found running are watched, not started; their end is noticed") {
  LauncherOptions options;
  options.running = {{Daemon::kCib, 11}, {Daemon::kExecutor, 12}};
  Node node(options);
  node.give(Started{});
  CHECK(node.take_log() ==
        Lines{"adopt quorate-cib", "adopt quorate-executor", "start quorate-scheduler"});
  node.give(Node::cluster());
  for (const Daemon daemon : kAll) node.give(SiblingUp{daemon, 1000});
  node.take_log();
  node.end(Daemon::kExecutor, kExited, -1);
  CHECK(node.take_log() == Lines{"start quorate-executor"});
  node.give(ShutdownRequested{});
  CHECK(node.take_log() == Lines{"signal 15 quorate-controller"});
}

TEST_CASE("without the cluster layer those that need it wait for its return") {
  Node node;
  node.bring_up();
  node.take_log();
  node.give(NodeMembership{});
  node.end(Daemon::kCib, kExited, 102);
  node.end(Daemon::kExecutor, kSignalled, 9);
  CHECK(node.take_log() == Lines{"start quorate-executor"});
  node.give(Node::cluster());
  CHECK(node.take_log() == Lines{"start quorate-cib"});
}

TEST_CASE("only privileged clients may stop the node; nonsense gets an error") {
  Node node;
  node.bring_up();
  node.take_log();
  const LauncherReply refused = node.ask(LauncherStopRequest{8}, false);
  CHECK(refused.id == 8);
  CHECK_FALSE(refused.error.empty());
  CHECK(node.launcher.state() == LauncherState::kRunning);
  node.give(ClientConnected{6, {}});
  node.give(ClientMessage{6, "<nonsense"});
  CHECK_FALSE(node.replies.back().error.empty());
  CHECK(node.ask(LauncherStopRequest{9}).state == LauncherState::kShuttingDown);
}

TEST_CASE("launcher messages survive encoding") {
  LauncherReply reply;
  reply.id = 4;
  reply.state = LauncherState::kWaitForPing;
  reply.last_updated = 1'700'000'000;
  reply.daemons = {{Daemon::kCib, "running", 44, 2, "was ended by signal 9"}};
  const auto back = decode_launcher_reply(encode(reply));
  REQUIRE(back);
  CHECK(back->state == LauncherState::kWaitForPing);
  CHECK(back->last_updated == 1'700'000'000);
  REQUIRE(back->daemons.size() == 1);
  CHECK(back->daemons[0].pid == 44);
  CHECK(back->daemons[0].last_end == "was ended by signal 9");
  CHECK(is_liveness_ping(encode(LivenessPing{1})));
  CHECK_FALSE(is_liveness_ping(encode(LivenessPong{1})));
  CHECK_FALSE(decode_launcher_reply("<launcher-reply protocol=\"1\" state=\"odd\"/>"));
  CHECK_FALSE(decode_launcher_request("<launcher-dance protocol=\"1\"/>"));
}
