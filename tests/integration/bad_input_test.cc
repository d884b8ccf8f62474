#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "live_cluster.h"

using namespace quorate;

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

// ---- XML ----------------------------------------------------------------------------------------

TEST_CASE("bad XML is refused with what is wrong, its exit code, and nothing changed") {
  LiveCluster cluster;
  cluster.bring_up();
  cluster.add_witness("web");
  cluster.settle();
  const auto configuration = [&](int node) {
    const xml::Document cib = cluster.query(node);
    return cib.root().first_child("configuration").to_string();
  };
  const std::string before = configuration(1);
  struct Case {
    std::string what;
    std::vector<std::string> arguments;
    int status;
    std::vector<std::string> said;
  };
  const auto primitive = [](const std::string& id, const std::string& more) {
    return "<primitive id='" + id + "' class='ocf' provider='test' type='Witness'>" + more +
           "</primitive>";
  };
  const std::vector<Case> cases = {
      {"XML that isn't well-formed",
       {"-C", "-o", "resources", "--xml-text", "<primitive id='x' class='ocf'"},
       65,
       {"line 1"}},
      {"an element that doesn't belong there",
       {"-C", "-o", "resources", "--xml-text", "<primitiv id='x' class='ocf' type='Dummy'/>"},
       78,
       {"primitiv"}},
      {"a missing attribute",
       {"-C", "-o", "resources", "--xml-text", "<primitive id='x' class='ocf' provider='test'/>"},
       78,
       {"primitive", "type"}},
      {"a value that isn't allowed",
       {"-C", "-o", "constraints", "--xml-text",
        "<rsc_order id='o' first='web' then='web' kind='Sometimes'/>"},
       78,
       {"kind", "Sometimes", "Mandatory"}},
      {"a score out of range",
       {"-C", "-o", "constraints", "--xml-text",
        "<rsc_location id='l' rsc='web' node='node1' score='many'/>"},
       78,
       {"score", "many", "INFINITY"}},
      {"a reference to what doesn't exist",
       {"-C", "-o", "constraints", "--xml-text",
        "<rsc_location id='l' rsc='nobody' node='node1' score='1'/>"},
       78,
       {"nobody"}},
      {"an id that is taken",
       {"-C", "-o", "resources", "--xml-text", primitive("web", "")},
       108,
       {"web"}},
      {"an id that is taken elsewhere",
       {"-C", "-o", "resources", "--xml-text", primitive("y", "<meta_attributes id='web-i'/>")},
       78,
       {"web-i"}},
  };
  for (const Case& each : cases) {
    INFO(each.what);
    const ProcessResult result = cluster.run_tool(1, "cibadmin", each.arguments);
    INFO(result.out << result.err);
    CHECK(result.status == each.status);
    for (const std::string& word : each.said) CHECK_THAT(result.out + result.err, Contains(word));
  }
  for (int node = 1; node <= 3; ++node) CHECK(configuration(node) == before);
}

// ---- Resource agents ----------------------------------------------------------------------------

TEST_CASE("agents that misbehave fail with a reason people understand, and the cluster goes on") {
  LiveCluster cluster;
  cluster.bring_up_with_witness("web");
  const std::string home = cluster.active("web");
  // Each does what Witness does, but for one thing.
  const std::string rest = "\n. " QUORATE_TEST_AGENTS "/Witness\n";
  const auto when = [&](const std::string& action, const std::string& what) {
    return "#!/bin/sh\nif [ \"$1\" = " + action + " ]; then\n" + what + "\nfi" + rest;
  };
  cluster.install_agent("NotExecutable", "#!/bin/sh\nexit 0\n", 0644);
  cluster.install_agent("NoProgram", "this is no program\n");
  cluster.install_agent("Garbage", when("meta-data", "printf '<resource-agent <<<\\377'; exit 0"));
  cluster.install_agent("NoMetadata", when("meta-data", "kill -9 $$"));
  cluster.install_agent("Hangs", when("start", "sleep 4711 & sleep 4711"));
  cluster.install_agent("Floods", when("start",
                                       "head -c 60000000 /dev/zero | tr '\\0' x\n"
                                       "head -c 60000000 /dev/zero | tr '\\0' y >&2"));
  cluster.install_agent("Killed", when("start", "kill -9 $$"));
  cluster.install_agent("Exit200", when("start", "exit 200"));
  cluster.install_agent("Explains",
                        when("start", "echo 'ocf-exit-reason:the disk is full' >&2; exit 1"));
  struct Case {
    std::string type;
    std::string task;  ///< that fails, or the state; empty: it runs
    std::string says;  ///< by crm_mon, in the same line
  };
  const std::vector<Case> cases = {
      {"Absent", "Stopped", "Not installed"},
      {"NotExecutable", "stop", "Permission denied"},
      {"NoProgram", "Stopped", "Not installed"},
      {"Garbage", "", ""},
      {"NoMetadata", "", ""},
      {"Hangs", "start", "Resource agent did not complete within 1s"},
      {"Floods", "", ""},
      {"Killed", "start", "Resource agent interrupted by Killed signal"},
      {"Exit200", "start", "Error occurred"},
      {"Explains", "start", "the disk is full"},
  };
  for (const Case& each : cases) {
    const std::string timeout = each.type == "Floods" ? "20s" : "1s";
    cluster.configure("resources",
                      "<primitive id='r" + each.type + "' class='ocf' provider='test' type='" +
                          each.type + "'><instance_attributes id='i" + each.type +
                          "'><nvpair id='f" + each.type + "' name='folder' value='" +
                          cluster.folder() + "'/></instance_attributes><operations><op id='s" +
                          each.type + "' name='start' interval='0' timeout='" + timeout +
                          "'/></operations></primitive>");
  }
  cluster.tool(1, "crm_resource", {"--wait", "--timeout", "60s"});
  const std::string shown = cluster.tool(1, "crm_mon", {"-1", "-r", "-n"});
  INFO(shown);
  for (const Case& each : cases) {
    INFO(each.type);
    if (each.task.empty()) {
      CHECK(cluster.node_of("r" + each.type) != 0);
      continue;
    }
    CHECK(cluster.active("r" + each.type).empty());
    // One line names resource, task and reason.
    bool found = false;
    std::istringstream lines(shown);
    for (std::string line; std::getline(lines, line);)
      found = found || (line.find("r" + each.type) != std::string::npos &&
                        line.find(each.task) != std::string::npos &&
                        line.find(each.says) != std::string::npos);
    CHECK(found);
  }
  // Nothing of the agent that hung is left, nothing that flooded was kept, nothing else was hurt.
  for (const auto& [pid, name] : processes_of(cluster.folder())) CHECK(name != "sleep\n");
  for (int node = 1; node <= 3; ++node) {
    const std::int32_t executor = cluster.pid_of(node, Daemon::kExecutor);
    std::ifstream status("/proc/" + std::to_string(executor) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmHWM:")) CHECK(std::stol(line.substr(6)) < 64 * 1024);
  }
  CHECK(cluster.active("web") == home);
  CHECK(cluster.journal("start web") == 1);
  CHECK(cluster.all_members());
}

// ---- The CIB on disk ----------------------------------------------------------------------------

namespace {

std::string read_all(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_all(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
}

}  // namespace

TEST_CASE("a damaged CIB on disk is set aside with a message, and the last good version used") {
  LocalCluster cluster(1, QUORATE_BIN);
  const std::string folder = cluster.state_dir(1) + "/cib";
  const std::string file = folder + "/cib.xml";
  const auto start = [&] {
    cluster.start(1);
    if (!cluster.until([&] { return cluster.all_up(1); }, 20'000)) FAIL(cluster.log());
  };
  const auto stop = [&] {
    cluster.signal(1, SIGTERM);
    if (!cluster.until([&] { return cluster.end_of(1) != nullptr; }, 20'000)) FAIL(cluster.log());
  };
  const auto set = [&](const std::string& value) {
    REQUIRE(
        cluster.run_tool(1, "crm_attribute", {"-t", "crm_config", "-n", "batch-limit", "-v", value})
            .status == 0);
  };
  const auto get = [&] {
    return cluster
        .run_tool(1, "crm_attribute", {"-t", "crm_config", "-n", "batch-limit", "-G", "-q"})
        .out;
  };
  struct Damage {
    std::string what;
    std::function<void()> hurt;
    bool former = true;  ///< the version before is used
  };
  const std::vector<Damage> damages = {
      {"truncated", [&] { fs::resize_file(file, fs::file_size(file) / 2); }},
      {"garbage", [&] { write_all(file, std::string(5000, '\xfe')); }},
      {"empty", [&] { write_all(file, ""); }},
      {"edited by hand",
       [&] {
         std::string text = read_all(file);
         const auto at = text.find("value=\"41\"");
         REQUIRE(at != std::string::npos);
         write_all(file, text.replace(at, 10, "value=\"42\""));
       }},
      {"another document", [&] { write_all(file, "<html><body/></html>\n"); }},
      {"no digest", [&] { fs::remove(file + ".sig"); }, false},
      {"a damaged digest", [&] { write_all(file + ".sig", "0123456789abcdef"); }, false},
      {"no digest of its state", [&] { write_all(folder + "/replica.state", "garbage"); }, false},
  };
  start();
  for (const Damage& damage : damages) {
    INFO(damage.what);
    set("40");
    // cib.xml follows when changes pause: only then is this a version of its own.
    REQUIRE(cluster.until([&] { return read_all(file).find("value=\"40\"") != std::string::npos; },
                          15'000));
    set("41");
    stop();
    const std::string before = read_all(file + ".1");
    REQUIRE(before.find("value=\"4") != std::string::npos);
    const bool was_41 = before.find("value=\"41\"") != std::string::npos;
    fs::remove(folder + "/cib.damaged.xml");
    damage.hurt();
    const std::string hurt = read_all(file);
    const std::size_t logged = cluster.log().size();
    start();
    CHECK(get() == (damage.former && !was_41 ? "40\n" : "41\n"));
    const std::string said = cluster.log().substr(logged);
    if (damage.former) {
      CHECK_THAT(said, Catch::Matchers::Contains("cib.xml"));
      // Kept for whoever wants to know.
      const auto aside = [&] { return fs::exists(folder + "/cib.damaged.xml"); };
      CHECK(cluster.until(aside, 5'000));
      CHECK(read_all(folder + "/cib.damaged.xml") == hurt);
    }
    set("7");
    CHECK(get() == "7\n");
  }
}
