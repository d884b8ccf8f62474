#include <filesystem>
#include <fstream>

#include "live_cluster.h"

using namespace quorate;
using Catch::Matchers::Contains;

namespace {

/// web runs; its node's power is cut. `lost` and one of the others.
struct Loss {
  int lost = 0;
  int left = 0;
};
Loss lose_the_node_of_web(LiveCluster& cluster) {
  cluster.add_witness("web");
  cluster.eventually("web to run", [&] { return cluster.node_of("web") != 0; });
  cluster.settle();
  Loss loss;
  loss.lost = cluster.node_of("web");
  loss.left = loss.lost == 1 ? 2 : 1;
  cluster.cut_power(loss.lost);
  return loss;
}

bool history_shows(LiveCluster& cluster, const Loss& loss, const std::string& text) {
  const ProcessResult history = cluster.run_tool(
      loss.left, "stonith_admin", {"--history", "node" + std::to_string(loss.lost), "-V"});
  return (history.out + history.err).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a fence agent that fails is tried again; until it succeeds nothing runs elsewhere") {
  LiveCluster cluster;
  cluster.bring_up();
  cluster.add_fence_devices();
  cluster.set_option("stonith-max-attempts", "1000");
  cluster.switch_is_broken = true;
  const Loss loss = lose_the_node_of_web(cluster);
  const std::string name = "node" + std::to_string(loss.lost);
  cluster.eventually("several attempts", [&] { return cluster.switch_requests.size() >= 5; });
  CHECK(cluster.active("web").empty());
  cluster.eventually("the history to show it",
                     [&] { return history_shows(cluster, loss, "failed"); });
  const std::string shown = cluster.tool(loss.left, "crm_mon", {"-1", "-m"});
  CHECK_THAT(shown, Contains(name) && Contains("UNCLEAN"));
  CHECK(cluster.active("web").empty());
  cluster.switch_is_broken = false;
  cluster.eventually("web to run elsewhere", [&] { return cluster.node_of("web") != 0; });
  CHECK(cluster.node_of("web") != loss.lost);
  CHECK_FALSE(cluster.ever_twice());
}

TEST_CASE("a fence agent that hangs is killed with its children at the timeout and tried again") {
  LiveCluster cluster;
  cluster.bring_up();
  cluster.install_fence_agent(
      "fence_hangs", "#!/bin/sh\ncase $(cat) in\n*metadata*) cat " QUORATE_TEST_AGENTS
                     "/fence_metadata.xml;;\n*reboot*|*off*) [ -e " +
                         cluster.folder() + "/hang ] || exit 0; echo tried >>" + cluster.folder() +
                         "/attempts; sleep 4712 & sleep 4712;;\nesac\nexit 0\n");
  cluster.tool(1, "cibadmin",
               {"-C", "-o", "resources", "--xml-text",
                "<primitive id='slow' class='stonith' type='fence_hangs'><instance_attributes "
                "id='slow-i'><nvpair id='slow-h' name='pcmk_host_list' value='node1 node2 "
                "node3'/><nvpair id='slow-t' name='pcmk_reboot_timeout' value='1s'/>"
                "</instance_attributes></primitive>"});
  cluster.set_option("stonith-max-attempts", "1000");
  std::ofstream(cluster.folder() + "/hang") << "yes";
  const Loss loss = lose_the_node_of_web(cluster);
  cluster.eventually(
      "the history to show the time-out", [&] { return history_shows(cluster, loss, "failed"); },
      30'000);
  CHECK(cluster.active("web").empty());
  std::filesystem::remove(cluster.folder() + "/hang");
  cluster.eventually(
      "web to run elsewhere", [&] { return cluster.node_of("web") != 0; }, 30'000);
  CHECK(cluster.node_of("web") != loss.lost);
  cluster.eventually("nothing to be left of the agent", [&] {
    for (const auto& [pid, name] : processes_of(cluster.folder()))
      if (name == "sleep\n") return false;
    return true;
  });
  CHECK_FALSE(cluster.ever_twice());
}

TEST_CASE("without a fence agent a lost node's resources wait until a human says it is down") {
  LiveCluster cluster;
  cluster.bring_up();
  cluster.configure("resources",
                    "<primitive id='none' class='stonith' type='fence_absent'><instance_attributes "
                    "id='none-i'><nvpair id='none-h' name='pcmk_host_list' value='node1 node2 "
                    "node3'/></instance_attributes></primitive>");
  const Loss loss = lose_the_node_of_web(cluster);
  const std::string name = "node" + std::to_string(loss.lost);
  cluster.eventually("the loss to be seen", [&] {
    return cluster.tool(loss.left, "crm_mon", {"-1"}).find("UNCLEAN") != std::string::npos;
  });
  cluster.eventually("the failed attempt to be shown",
                     [&] { return history_shows(cluster, loss, "failed"); });
  CHECK(cluster.active("web").empty());
  const std::string shown = cluster.tool(loss.left, "crm_mon", {"-1", "-r"});
  CHECK_THAT(shown, Contains("none") && Contains("fence_absent"));
  cluster.tool(loss.left, "stonith_admin", {"--confirm", name});
  cluster.eventually("web to run elsewhere", [&] { return cluster.node_of("web") != 0; });
  CHECK(cluster.node_of("web") != loss.lost);
  CHECK_FALSE(cluster.ever_twice());
}
