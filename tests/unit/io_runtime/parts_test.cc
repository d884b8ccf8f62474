#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <thread>

#include "../io_ipc/folder.h"
#include "io/runtime/disk.h"
#include "io/runtime/input_guard.h"
#include "io/runtime/log_sink.h"
#include "io/runtime/panic.h"
#include "io/runtime/settings.h"
#include "io/runtime/units.h"
#include "io/runtime/workers.h"

using namespace quorate;
using namespace quorate::runtime;

TEST_CASE("replacing a file keeps the last versions and leaves nothing else") {
  Folder folder;
  for (int i = 0; i < 5; ++i)
    REQUIRE(replace_file(folder.path(), "cib.xml", "version " + std::to_string(i), 2));
  CHECK(read_file(folder / "cib.xml").value() == "version 4");
  CHECK(read_file(folder / "cib.xml.1").value() == "version 3");
  CHECK(read_file(folder / "cib.xml.2").value() == "version 2");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
    struct stat info {};
    stat(entry.path().c_str(), &info);
    CHECK((info.st_mode & 0777) == 0600);
  }
  CHECK(files == 3);
}

TEST_CASE("a file is overwritten in place; what is behind the content is the content's matter") {
  Folder folder;
  REQUIRE(overwrite_file(folder.path(), "latest", "a longer content"));
  const std::size_t room = read_file(folder / "latest").value().size();
  REQUIRE(overwrite_file(folder.path(), "latest", "short"));
  CHECK(read_file(folder / "latest").value().starts_with("shortger content\n"));
  CHECK(read_file(folder / "latest").value().size() == room);
  REQUIRE(overwrite_file(folder.path(), "latest", std::string(room + 1, 'x')));
  CHECK(read_file(folder / "latest").value().starts_with(std::string(room + 1, 'x') + "\n"));
  CHECK_FALSE(overwrite_file(folder.path(), "../latest", ""));
  CHECK_FALSE(overwrite_file(folder / "nowhere", "latest", ""));
}

TEST_CASE("a file that can't be written or read is an error that names it") {
  Folder folder;
  const auto gone = replace_file(folder / "nowhere", "x", "", 0);
  REQUIRE_FALSE(gone);
  CHECK(gone.error().message.find("nowhere") != std::string::npos);
  CHECK_FALSE(replace_file(folder.path(), "../escape", "", 0));
  CHECK_FALSE(replace_file(folder.path(), "..", "", 0));
  CHECK_FALSE(replace_file(folder.path(), "", "", 0));
  CHECK(read_file(folder / "missing").error().kind == ErrorKind::kNotFound);
  CHECK(folder.empty());
}

TEST_CASE("one worker thread runs jobs in order; their ends come in the loop's thread") {
  io::Loop loop;
  Workers workers(loop, 1);
  std::vector<int> ended;
  const auto here = std::this_thread::get_id();
  for (int i = 0; i < 100; ++i)
    workers.run([&, i]() -> Workers::Finish {
      const bool aside = std::this_thread::get_id() != here;
      return [&, i, aside] {
        CHECK(aside);
        CHECK(std::this_thread::get_id() == here);
        ended.push_back(i);
      };
    });
  REQUIRE(loop.run_until([&] { return ended.size() == 100; }, 3000));
  CHECK(std::is_sorted(ended.begin(), ended.end()));
  CHECK(workers.outstanding() == 0);
}

TEST_CASE("an input that a daemon died on twice is poison, also after good work in between") {
  Folder folder;
  const std::string path = folder / "x.input";
  const auto bad = InputGuard::mark_of("client", "bad");
  for (int death = 0; death < 2; ++death) {
    InputGuard guard(path);
    CHECK_FALSE(guard.is_poison(bad));
    guard.begin(0, InputGuard::mark_of("client", "good"));
    guard.end(0);
    guard.begin(0, bad);  // and the process is gone
  }
  InputGuard guard(path);
  CHECK(guard.is_poison(bad));
  CHECK_FALSE(guard.is_poison(InputGuard::mark_of("client", "good")));
  CHECK_FALSE(guard.is_poison(InputGuard::mark_of("group", "bad")));
  CHECK(guard.deaths() == 2);
  guard.remove_if_clean();
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("two workers dying on different inputs are both remembered") {
  Folder folder;
  const std::string path = folder / "x.input";
  for (int death = 0; death < 2; ++death) {
    InputGuard guard(path);
    guard.begin(1, 111);
    guard.begin(2, 222);
  }
  const InputGuard guard(path);
  CHECK(guard.is_poison(111));
  CHECK(guard.is_poison(222));
}

TEST_CASE("long inputs have different marks if their first bytes or lengths differ") {
  std::string a(2'000'000, 'x');
  std::string b = a;
  b[20] = 'y';
  CHECK(InputGuard::mark_of("t", a) != InputGuard::mark_of("t", b));
  CHECK(InputGuard::mark_of("t", a) != InputGuard::mark_of("t", a + "x"));
  CHECK(InputGuard::mark_of("t", a) == InputGuard::mark_of("t", std::string(a)));
}

TEST_CASE("settings come from the environment, with the former names as fallback") {
  std::map<std::string, std::string> environment = {
      {"QUORATE_RUN_DIR", "/tmp/a"}, {"QUORATE_NODE", "node7"},
      {"HA_logfacility", "local3"},  {"PCMK_debug", "pacemaker-based,x"},
      {"PCMK_logfile", "/tmp/log"},  {"PCMK_fail_fast", "true"}};
  const auto get = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  const Settings settings = read_settings(get, Daemon::kCib);
  CHECK(settings.run_dir == "/tmp/a");
  CHECK(settings.node_name == "node7");
  CHECK(settings.log_facility == "local3");
  CHECK(settings.log_level == LogLevel::kDebug);
  CHECK(settings.log_files == std::vector<std::string>{"/tmp/log"});
  CHECK(settings.fail_fast);
  CHECK(settings.state_folder(Daemon::kCib) == "/var/lib/pacemaker/cib");
  CHECK(settings.state_folder(Daemon::kScheduler) == "/var/lib/pacemaker/pengine");
  CHECK(read_settings(get, Daemon::kFencer).log_level == LogLevel::kInfo);
}

TEST_CASE("no content of a record makes a second log line") {
  const std::string line =
      log_line({LogLevel::kWarning, "a\nNov 21 12:00:00 x y[1] crit: forged\x1b[2J"}, "n", "p");
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.find("] warning: a Nov") != std::string::npos);
}

TEST_CASE("without D-Bus a unit call ends with no-connection") {
  setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
  io::Loop loop;
  std::vector<UnitCallDone> done;
  Units units(loop, [&](UnitCallDone result) { done.push_back(std::move(result)); });
  UnitCall call;
  call.request = 4;
  call.method = "StartUnit";
  call.unit = "x.service";
  units.call(call);
  CHECK(done.empty());
  REQUIRE(loop.run_until([&] { return done.size() == 1; }, 3000));
  CHECK(done[0].request == 4);
  CHECK_FALSE(done[0].ok);
  CHECK(done[0].error == "no-connection");
}

TEST_CASE("descendants of a process are found down to grandchildren and killed") {
  if (descendants_of(getpid()).empty()) {
    const pid_t child = fork();
    if (child == 0) {
      if (fork() == 0) pause();
      pause();
    }
    while (descendants_of(getpid()).size() < 2) std::this_thread::yield();
    CHECK(descendants_of(getpid()).front() == child);
    kill_descendants();
    CHECK(descendants_of(getpid()).empty());
  }
}
