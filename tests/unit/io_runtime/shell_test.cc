#include "io/runtime/shell.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>

#include "../io_ipc/folder.h"
#include "io/cluster/local/cluster_file.h"
#include "io/cluster/local/hub.h"
#include "io/ipc/client.h"
#include "io/ipc/endpoint.h"
#include "io/runtime/disk.h"
#include "messages/launcher.h"

using namespace quorate;
using namespace quorate::runtime;

namespace {

/// A core that does what the text of a client's message says, and keeps the events it gets.
struct Puppet {
  std::vector<Event> events;
  std::map<std::string, Effect> commands;
  std::optional<Effect> at_timer_1;

  void handle(const Event& event, Now now, Effects& effects) {
    CHECK(now.monotonic_ms > 0);
    events.push_back(event);
    if (const auto* message = std::get_if<ClientMessage>(&event)) {
      if (message->payload == "be busy")
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
      if (const auto found = commands.find(message->payload); found != commands.end())
        effects.push_back(found->second);
      else
        effects.push_back(Reply{message->client, "heard " + message->payload, false});
    }
    if (const auto* timer = std::get_if<TimerFired>(&event); timer && timer->timer == 1) {
      if (at_timer_1) effects.push_back(*at_timer_1);
    }
    if (std::holds_alternative<ShutdownRequested>(event)) effects.push_back(Exit{0, "asked to"});
  }
  template <class T>
  const T* last() const {
    for (auto event = events.rbegin(); event != events.rend(); ++event)
      if (const T* found = std::get_if<T>(&*event)) return found;
    return nullptr;
  }
};

struct Bench {
  Folder folder;
  io::Loop loop;
  Settings settings;
  std::unique_ptr<LogSink> log;
  std::unique_ptr<cluster::Hub> hub;
  Puppet puppet;
  std::unique_ptr<Shell> shell;
  std::vector<std::string> answers;
  std::unique_ptr<ipc::Client> client;

  Bench() {
    settings.run_dir = folder.path();
    settings.state_dir = folder / "state";
    settings.log_facility = "none";
    settings.node_name = "node1";
    REQUIRE(make_folder(settings.state_folder(Daemon::kCib), 0700));
    log = std::make_unique<LogSink>("test", settings);
    std::ofstream(folder / "cluster.json") << R"({"nodes": [{"name": "node1"}]})";
    hub = std::move(
        *cluster::Hub::open(loop, folder.path(), *cluster::read_cluster_file(folder.path())));
  }
  ShellParts parts(bool group = false) {
    ShellParts parts;
    parts.daemon = Daemon::kCib;
    parts.settings = settings;
    parts.strand.tasks = {"append", "show"};
    parts.strand.run = [text = std::make_shared<std::string>()](
                           const std::string& task,
                           const std::string& input) -> Result<std::string> {
      if (input == "bad") return fail(ErrorKind::kInvalid, "it is bad");
      if (task == "append") *text += input;
      return task == "show" ? *text : "";
    };
    parts.strand.identity = [](const std::string& task) {
      return task == "show" ? std::optional<std::string>("all shows are one") : std::nullopt;
    };
    parts.tasks["double"] = [](const std::string& text) { return text + text; };
    parts.tasks["fail"] = [](const std::string&) -> std::string {
      throw std::runtime_error("broken");
    };
    if (group) {
      parts.layer = std::move(*cluster::open_layer(loop, "local:" + folder.path(), "node1"));
      parts.joins_group = true;
    }
    return parts;
  }
  void start(ShellParts with) {
    auto made = Shell::create(loop, *log, std::move(with));
    REQUIRE(made);
    shell = std::move(*made);
    shell->start([this](const Event& e, Now n, Effects& f) { puppet.handle(e, n, f); });
    ipc::ClientOptions options;
    options.path = ipc::service_path(folder.path(), "quorate-cib");
    client = std::make_unique<ipc::Client>(
        loop, options,
        ipc::Client::Handlers{[](std::int32_t) {}, [](const std::string&) {},
                              [this](std::string m) { answers.push_back(std::move(m)); }});
    REQUIRE(loop.run_until([this] { return client->is_up(); }, 3000));
  }
  template <class T>
  const T& expect() {
    REQUIRE(loop.run_until([this] { return puppet.last<T>() != nullptr; }, 3000));
    return *puppet.last<T>();
  }
  /// Has the core carry an effect out.
  void have(const Effect& effect) {
    const std::string command = "do " + std::to_string(puppet.commands.size());
    puppet.commands[command] = effect;
    REQUIRE(client->send(command));
  }
};

}  // namespace

TEST_CASE("a core hears Started first, then its clients, and its replies arrive") {
  Bench bench;
  bench.start(bench.parts());
  REQUIRE(bench.client->send("hello"));
  REQUIRE(bench.loop.run_until([&] { return bench.answers.size() == 1; }, 3000));
  CHECK(bench.answers[0] == "heard hello");
  CHECK(std::holds_alternative<Started>(bench.puppet.events.front()));
  CHECK(bench.expect<ClientConnected>().peer.privileged);
  bench.client.reset();
  bench.expect<ClientGone>();
}

TEST_CASE("a timer that is set again, or cancelled, when it is due already doesn't fire") {
  const bool again = GENERATE(true, false);
  Bench bench;
  bench.start(bench.parts());
  bench.puppet.commands["one"] = SetTimer{1, 100};
  bench.puppet.commands["two"] = SetTimer{2, 101};
  for (const char* command : {"one", "two", "be busy"}) REQUIRE(bench.client->send(command));
  bench.puppet.at_timer_1 = again ? Effect(SetTimer{2, 60'000}) : Effect(CancelTimer{2});
  CHECK(bench.expect<TimerFired>().timer == 1);
  bench.loop.run_until([] { return false; }, 100);
  CHECK(bench.expect<TimerFired>().timer == 1);
}

TEST_CASE("liveness is answered by the shell, not by the core") {
  Bench bench;
  bench.start(bench.parts());
  REQUIRE(bench.client->send(encode(LivenessPing{77})));
  REQUIRE(bench.loop.run_until([&] { return bench.answers.size() == 1; }, 3000));
  CHECK(decode_liveness_pong(bench.answers[0])->id == 77);
  CHECK_FALSE(bench.puppet.last<ClientMessage>());
}

TEST_CASE("timers, files, tasks and processes come back as events") {
  Bench bench;
  bench.start(bench.parts());
  SECTION("timer") {
    bench.have(SetTimer{9, 20});
    CHECK(bench.expect<TimerFired>().timer == 9);
  }
  SECTION("file") {
    bench.have(WriteFile{3, "cib.xml", "content", 1});
    CHECK(bench.expect<FileWritten>().ok);
    CHECK(read_file(bench.folder / "state/cib/cib.xml").value() == "content");
  }
  SECTION("file that can't be written") {
    bench.have(WriteFile{3, "no/such", "content", 1});
    CHECK_FALSE(bench.expect<FileWritten>().ok);
    CHECK(bench.puppet.last<FileWritten>()->error.find("no/such") != std::string::npos);
  }
  SECTION("task") {
    bench.have(ComputeAside{5, "double", "ab"});
    CHECK(bench.expect<ComputeDone>().output == "abab");
    CHECK_FALSE(bench.puppet.last<ComputeDone>()->failed);
  }
  SECTION("tasks of the strand, in order and on one state") {
    for (std::uint64_t request = 1; request <= 30; ++request) {
      bench.have(ComputeAside{request, "append", std::to_string(request % 10)});
    }
    bench.have(ComputeAside{31, "show", ""});
    REQUIRE(bench.loop.run_until(
        [&] {
          const auto* done = bench.puppet.last<ComputeDone>();
          return done != nullptr && done->request == 31;
        },
        3000));
    CHECK(bench.puppet.last<ComputeDone>()->output == "123456789012345678901234567890");
    bench.have(ComputeAside{32, "append", "bad"});
    REQUIRE(bench.loop.run_until([&] { return bench.puppet.last<ComputeDone>()->failed; }, 3000));
    CHECK(bench.puppet.last<ComputeDone>()->output == "append: it is bad");
  }
  SECTION("task that throws") {
    bench.have(ComputeAside{5, "fail", "ab"});
    CHECK(bench.expect<ComputeDone>().failed);
    CHECK(bench.puppet.last<ComputeDone>()->output == "fail: broken");
  }
  SECTION("unknown task") {
    bench.have(ComputeAside{5, "dance", "ab"});
    CHECK(bench.expect<ComputeDone>().failed);
  }
  SECTION("process") {
    RunProcess run;
    run.request = 6;
    run.program = "/bin/echo";
    run.arguments = {"hi"};
    bench.have(run);
    CHECK(bench.expect<ProcessEnded>().result.out == "hi\n");
  }
}

TEST_CASE("a replaced timer fires once, a cancelled one never") {
  Bench bench;
  bench.start(bench.parts());
  bench.puppet.commands["a"] = SetTimer{9, 60'000};
  bench.puppet.commands["b"] = SetTimer{9, 30};
  bench.puppet.commands["c"] = SetTimer{8, 500};
  bench.puppet.commands["d"] = CancelTimer{8};
  for (const char* command : {"a", "b", "c", "d"}) REQUIRE(bench.client->send(command));
  CHECK(bench.expect<TimerFired>().timer == 9);
  bench.puppet.events.clear();
  bench.loop.run_until([] { return false; }, 600);
  CHECK_FALSE(bench.puppet.last<TimerFired>());
}

TEST_CASE("a group member hears views and its own broadcasts, counted") {
  Bench bench;
  bench.start(bench.parts(true));
  CHECK(bench.expect<GroupView>().members.size() == 1);
  CHECK(bench.expect<NodeMembership>().quorate);
  bench.have(Broadcast{"to all"});
  CHECK(bench.expect<Delivered>().payload == "to all");
  CHECK(bench.puppet.last<Delivered>()->position == 2);
  CHECK(bench.puppet.last<Delivered>()->sender == 1);
}

TEST_CASE("losing the cluster layer ends the daemon with 102, or is only told to it") {
  Bench bench;
  ShellParts parts = bench.parts(true);
  parts.needs_cluster = GENERATE(true, false);
  const bool needs = parts.needs_cluster;
  bench.start(std::move(parts));
  bench.expect<GroupView>();
  bench.hub.reset();
  if (needs) {
    REQUIRE(bench.loop.run_until([&] { return bench.shell->done(); }, 3000));
    CHECK(bench.shell->status() == 102);
  } else {
    REQUIRE(bench.loop.run_until(
        [&] { return bench.puppet.last<NodeMembership>()->members.empty(); }, 3000));
    CHECK_FALSE(bench.shell->done());
  }
}

TEST_CASE("a second shell of the same daemon is refused") {
  Bench bench;
  bench.start(bench.parts());
  const auto second = Shell::create(bench.loop, *bench.log, bench.parts());
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::kExists);
}

TEST_CASE("a clean end leaves no socket and no mark behind") {
  Bench bench;
  bench.start(bench.parts());
  bench.shell->post(ShutdownRequested{});
  REQUIRE(bench.loop.run_until([&] { return bench.shell->done(); }, 3000));
  CHECK(bench.shell->status() == 0);
  bench.shell.reset();
  CHECK_FALSE(std::filesystem::exists(bench.folder / "quorate-cib.sock"));
  CHECK_FALSE(std::filesystem::exists(bench.folder / "quorate-cib.input"));
}

TEST_CASE("an input that brought the daemon down twice is kept from it, its sender disconnected") {
  Bench bench;
  for (int death = 0; death < 2; ++death) {
    InputGuard guard(bench.folder / "quorate-cib.input");
    guard.begin(0, InputGuard::mark_of("client", "bad"));
    guard.begin(1, InputGuard::mark_of("double", "bad"));
    guard.begin(2, InputGuard::mark_of("show", "all shows are one"));
  }
  bench.start(bench.parts());
  bench.have(ComputeAside{1, "double", "bad"});
  CHECK(bench.expect<ComputeDone>().failed);
  // Another question, but the strand says that it is the same work.
  bench.puppet.events.clear();
  bench.have(ComputeAside{2, "show", "now"});
  CHECK(bench.expect<ComputeDone>().failed);
  bench.puppet.events.clear();
  REQUIRE(bench.client->send("bad"));
  bench.expect<ClientGone>();
  CHECK_FALSE(bench.puppet.last<ClientMessage>());
}
