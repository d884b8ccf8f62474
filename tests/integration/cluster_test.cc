#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "local_cluster.h"
#include "xml/document.h"

using namespace quorate;

namespace {

constexpr Daemon kServants[] = {Daemon::kCib, Daemon::kAttributes, Daemon::kFencer,
                                Daemon::kExecutor, Daemon::kScheduler};

/// Three nodes with the real daemons.
struct RealCluster : LocalCluster {
  RealCluster() : LocalCluster(3, QUORATE_BIN) {}

  void bring_up() {
    start_all();
    if (!until([this] { return all_up(1) && all_up(2) && all_up(3); }, 20'000)) FAIL(log());
    if (!until([this] { return members(1) == 3; }, 20'000)) FAIL(log());
  }
  xml::Document query(int node) {
    auto document = xml::Document::parse(run_tool(node, "cibadmin", {"-Q"}).out);
    return document ? std::move(*document) : xml::Document::with_root("none");
  }
  /// Node states that say "member" in the copy of this node.
  int members(int node) {
    const xml::Document cib = query(node);
    int count = 0;
    for (const xml::Element state : xml::children(cib.root().first_child("status"), "node_state"))
      if (state.get_or("join", "") == "member") ++count;
    return count;
  }
  void configure(const std::string& section, const std::string& text) {
    const ProcessResult result = run_tool(1, "cibadmin", {"-C", "-o", section, "--xml-text", text});
    INFO(result.err);
    REQUIRE(result.status == 0);
  }
  void add_dummy() {
    configure("crm_config",
              "<cluster_property_set id='o'><nvpair id='o-s' name='stonith-enabled' "
              "value='false'/></cluster_property_set>");
    configure("resources",
              "<primitive id='d1' class='ocf' provider='quorate' type='Dummy'>"
              "<instance_attributes id='d1-i'><nvpair id='d1-s' name='state' value='" +
                  folder() +
                  "/dummy'/></instance_attributes><operations><op id='d1-m' name='monitor' "
                  "interval='10s'/></operations></primitive>");
  }
  /// Nodes where the last start or monitor of d1 succeeded, as a node's copy says.
  std::string where(int asked) {
    const xml::Document cib = query(asked);
    std::string nodes;
    for (const xml::Element state : xml::children(cib.root().first_child("status"), "node_state")) {
      bool started = false;
      xml::for_each_descendant(state, [&](xml::Element element) {
        if (element.name() != "lrm_rsc_op" || element.get_or("rc-code", "") != "0") return;
        const std::string_view operation = element.get_or("operation", "");
        started = started || operation == "start" || operation == "monitor";
      });
      if (started && state.get_or("join", "") == "member")
        nodes += std::string(state.get_or("uname", ""));
    }
    return nodes;
  }
};

}  // namespace

TEST_CASE("real daemons form a cluster, start a resource and stop without a trace") {
  RealCluster cluster;
  const std::int64_t begun = io::Loop::monotonic_ms();
  cluster.bring_up();
  WARN("3 nodes are members " << io::Loop::monotonic_ms() - begun << " ms after their launch");
  cluster.add_dummy();
  const std::int64_t asked = io::Loop::monotonic_ms();
  if (!cluster.until([&] { return cluster.where(2).size() == 5; }, 10'000)) FAIL(cluster.log());
  WARN("the resource runs " << io::Loop::monotonic_ms() - asked << " ms after it was configured");
  CHECK(cluster.where(3) == cluster.where(1));
  for (int node = 1; node <= 3; ++node) cluster.signal(node, SIGTERM);
  if (!cluster.until([&] { return cluster.end_of(1) && cluster.end_of(2) && cluster.end_of(3); },
                     30'000))
    FAIL(cluster.log());
  for (int node = 1; node <= 3; ++node) {
    CHECK(cluster.end_of(node)->status == 0);
    CHECK(std::filesystem::is_empty(cluster.run_dir(node)));
  }
  CHECK_FALSE(std::filesystem::exists(cluster.folder() + "/dummy"));  // stopped, not abandoned
}

TEST_CASE(
    "a resource survives SIGKILL of what serves the controller on its node, and moves when the "
    "node dies") {
  RealCluster cluster;
  cluster.bring_up();
  cluster.add_dummy();
  if (!cluster.until([&] { return cluster.where(2).size() == 5; }, 10'000)) FAIL(cluster.log());
  const std::string home = cluster.where(2);
  const int node = home.back() - '0';
  const int other = node == 1 ? 2 : 1;
  for (const Daemon daemon : kServants) {
    INFO(daemon_name(daemon));
    const std::int32_t pid = cluster.pid_of(node, daemon);
    REQUIRE(pid > 0);
    REQUIRE(kill(pid, SIGKILL) == 0);
    if (!cluster.until(
            [&] {
              const std::int32_t now = cluster.pid_of(node, daemon);
              return now > 0 && now != pid && cluster.all_up(node) && cluster.members(other) == 3 &&
                     cluster.where(other) == home;
            },
            20'000))
      FAIL(cluster.log());
    CHECK(std::filesystem::exists(cluster.folder() + "/dummy"));
  }
}
