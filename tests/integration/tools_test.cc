// The management tools on three real nodes.

#include <algorithm>
#include <csignal>

#include "live_cluster.h"

using namespace quorate;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Catch::Matchers::Matches;

namespace {

std::string name_of(int node) { return "node" + std::to_string(node); }

/// A tool's exit code, output and errors in one text, for exact comparison.
std::string answer(LiveCluster& cluster, int node, const std::string& tool,
                   std::vector<std::string> arguments) {
  const ProcessResult result = cluster.run_tool(node, tool, std::move(arguments));
  std::string text = result.out + result.err;
  if (result.status != 0) text += "exit " + std::to_string(result.status) + "\n";
  return text;
}

std::string dc_of(LiveCluster& cluster) {
  std::string dc = cluster.tool(1, "crmadmin", {"-q", "-D"});
  while (dc.ends_with('\n')) dc.pop_back();
  return dc;
}

}  // namespace

TEST_CASE("crm_node and crmadmin know nodes, quorum, DC and states; a removed node is forgotten") {
  LiveCluster cluster;
  cluster.bring_up();
  cluster.settle();
  CHECK(answer(cluster, 2, "crm_node", {"-l"}) ==
        "1 node1 member\n2 node2 member\n3 node3 member\n");
  CHECK(answer(cluster, 2, "crm_node", {"-p"}) == "node1 node2 node3\n");
  CHECK(answer(cluster, 2, "crm_node", {"-n"}) == "node2\n");
  CHECK(answer(cluster, 3, "crm_node", {"-i"}) == "3\n");
  CHECK(answer(cluster, 1, "crm_node", {"-N", "2"}) == "node2\n");
  CHECK(answer(cluster, 1, "crm_node", {"-q"}) == "1\n");
  CHECK(answer(cluster, 1, "crm_node", {"-N", "77"}) ==
        "crm_node: Node is not known to cluster\nexit 68\n");

  const std::string dc = dc_of(cluster);
  CHECK_THAT(dc, Matches("node[123]"));
  cluster.eventually("the DC to have nothing to do", [&] {
    return cluster.tool(1, "crmadmin", {"-q", "-S", dc}) == "S_IDLE\n";
  });
  CHECK(answer(cluster, 3, "crmadmin", {"-D"}) == "Designated Controller is: " + dc + "\n");
  for (int number = 1; number <= 3; ++number) {
    const std::string node = name_of(number);
    const std::string state = node == dc ? "S_IDLE" : "S_NOT_DC";
    CHECK(answer(cluster, 2, "crmadmin", {"-S", node}) ==
          "Controller on " + node + " in state " + state + ": ok\n");
  }
  CHECK_THAT(answer(cluster, 2, "crmadmin", {"-S", "node9"}),
             Contains("node9") && Contains("exit"));
  CHECK_THAT(answer(cluster, 1, "crmadmin", {"-P"}),
             Contains("Status of pacemakerd: 'Pacemaker is running'"));
  // As the CIB has them: in the order in which they joined.
  for (int number = 1; number <= 3; ++number) {
    CHECK_THAT(
        answer(cluster, 1, "crmadmin", {"-N"}),
        Contains("cluster node: " + name_of(number) + " (" + std::to_string(number) + ")\n"));
  }

  CHECK_THAT(answer(cluster, 1, "crm_node", {"-f", "-R", "node3"}), Contains("exit"));  // a member
  cluster.signal(3, SIGTERM);
  cluster.eventually("node3's end", [&] { return cluster.end_of(3) != nullptr; });
  cluster.eventually("node3 to leave", [&] { return cluster.members(1) == 2; });
  CHECK(answer(cluster, 1, "crm_node", {"-p"}) == "node1 node2\n");
  CHECK(answer(cluster, 1, "crm_node", {"-f", "-R", "node3"}).empty());
  CHECK(answer(cluster, 1, "crm_node", {"-l"}) == "1 node1 member\n2 node2 member\n");
  CHECK_THAT(cluster.tool(2, "cibadmin", {"-Q"}), !Contains("uname=\"node3\""));
}

TEST_CASE(
    "attributes set on one node are seen on all, increments add up, private ones stay out of the "
    "CIB") {
  LiveCluster cluster;
  cluster.bring_up();
  const auto updater = [&](int node, std::vector<std::string> arguments) {
    return answer(cluster, node, "attrd_updater", std::move(arguments));
  };
  CHECK(updater(1, {"-n", "load", "-U", "3", "-W", "cluster"}).empty());
  CHECK(updater(2, {"-n", "load", "-N", "node1"}) == "name=\"load\" host=\"node1\" value=\"3\"\n");
  CHECK(updater(2, {"-n", "load", "-U", "value+=4", "-W", "cluster", "-N", "node1"}).empty());
  CHECK(updater(3, {"-n", "load", "-U", "<1&\"2\"", "-W", "cluster"}).empty());
  const std::string all = updater(1, {"-n", "load", "-A"});
  CHECK_THAT(all, Contains("name=\"load\" host=\"node1\" value=\"7\"\n") &&
                      Contains("host=\"node3\" value=\"&lt;1&amp;&quot;2&quot;\"\n"));
  cluster.eventually("the CIB to have it", [&] { return cluster.attribute(2, 1, "load") == "7"; });
  CHECK(answer(cluster, 2, "crm_attribute", {"-t", "status", "-N", "node1", "-n", "load", "-q"}) ==
        "7\n");
  CHECK(updater(1, {"-n", "secret", "-U", "x", "-p", "-W", "cluster"}).empty());
  CHECK_THAT(updater(1, {"-n", "secret"}), Contains("value=\"x\""));
  CHECK(updater(1, {"-R"}).empty());
  CHECK_THAT(cluster.tool(1, "cibadmin", {"-Q", "-o", "status"}), !Contains("secret"));
  CHECK(updater(1, {"-n", "load", "-D", "-W", "cluster"}).empty());
  CHECK(updater(2, {"-n", "load", "-N", "node1"}) == "name=\"load\" host=\"node1\" value=\"\"\n");
  CHECK(updater(2, {"-n", "nosuch"}) ==
        "attrd_updater: Could not query value of nosuch: attribute does not exist\nexit 78\n");
  CHECK(answer(cluster, 1, "crm_attribute",
               {"-l", "reboot", "-N", "node2", "-n", "x", "-v", "5", "-W", "cluster"})
            .empty());
  CHECK_THAT(updater(3, {"-n", "x", "-N", "node2"}), Contains("value=\"5\""));
}

TEST_CASE("a failure is counted until it is cleaned up, by crm_resource or crm_failcount") {
  LiveCluster cluster;
  cluster.bring_up_with_witness("web");
  const std::string home = name_of(cluster.node_of("web"));
  const auto count = [&] {
    return answer(cluster, 1, "crm_failcount", {"-G", "-q", "-r", "web", "-N", home});
  };
  const auto fail = [&] {
    CHECK(answer(cluster, 2, "crm_resource", {"-F", "-r", "web", "-N", home}) ==
          "Waiting for 1 reply from the controller\n... got reply (done)\n");
    cluster.eventually("the failure to be counted", [&] { return count() != "0\n"; });
    cluster.settle();
  };
  CHECK(count() == "0\n");
  fail();
  CHECK(count() == "1\n");
  CHECK(answer(cluster, 1, "crm_failcount", {"-G", "-r", "web", "-N", home}) ==
        "scope=status  name=fail-count-web value=1\n");
  CHECK_THAT(cluster.tool(3, "crm_resource", {"-C", "-r", "web", "-N", home}),
             Contains("Cleaned up web on " + home + "\n") &&
                 Contains("Waiting for 1 reply from the controller\n... got reply (done)\n"));
  cluster.eventually("the failure to be forgotten", [&] { return count() == "0\n"; });
  fail();
  CHECK_THAT(answer(cluster, 1, "crm_failcount", {"-D", "-r", "web", "-N", home}),
             Contains("Cleaned up web on " + home));
  cluster.eventually("the failure to be forgotten again", [&] { return count() == "0\n"; });
  cluster.settle();
  const std::string refreshed = cluster.tool(1, "crm_resource", {"--refresh", "-r", "web"});
  for (int node = 1; node <= 3; ++node)
    CHECK_THAT(refreshed, Contains("Cleaned up web on " + name_of(node) + "\n"));
  cluster.settle();
  CHECK(answer(cluster, 2, "crm_resource", {"-W", "-r", "web"}) ==
        "resource web is running on: " + home + "\n");
  CHECK_FALSE(cluster.ever_twice());
}

TEST_CASE(
    "a resource can be restarted, moved by standby and kept off a node; --wait says when it is "
    "done") {
  LiveCluster cluster;
  cluster.bring_up_with_witness("web");
  const std::string home = name_of(cluster.node_of("web"));
  const int starts = cluster.journal("start web");
  // Longer than crm_resource takes to look for the first time after the start has begun.
  cluster.on("start", "sleep 3");
  CHECK_THAT(cluster.tool(1, "crm_resource", {"--restart", "-r", "web"}),
             Contains("Waiting for 1 resources to stop:\n * web\n") &&
                 Contains("resources to start again:\n * web\n"));
  cluster.on("start", "");
  CHECK(cluster.journal("start web") == starts + 1);
  CHECK(name_of(cluster.node_of("web")) == home);

  CHECK(answer(cluster, 1, "crm_standby", {"-N", home, "-v", "on"}).empty());
  CHECK(answer(cluster, 1, "crm_resource", {"--wait"}).empty());
  CHECK(name_of(cluster.node_of("web")) != home);
  CHECK(answer(cluster, 2, "crm_standby", {"-N", home, "-G"}) ==
        "scope=nodes name=standby value=on\n");
  CHECK_THAT(answer(cluster, 2, "crm_standby", {"-N", home, "-D"}), Contains("Deleted nodes"));
  CHECK(answer(cluster, 2, "crm_standby", {"-N", home}) == "scope=status name=standby value=off\n");

  const std::string away = name_of(cluster.node_of("web"));
  CHECK_THAT(cluster.tool(3, "crm_resource", {"-B", "-r", "web", "-N", away}),
             Contains("cli-ban-web-on-" + away));
  CHECK(answer(cluster, 1, "crm_resource", {"--wait"}).empty());
  CHECK(name_of(cluster.node_of("web")) != away);
  CHECK(answer(cluster, 1, "crm_resource", {"-U", "-r", "web"}) ==
        "Removing constraint: cli-ban-web-on-" + away + "\n");
  CHECK_FALSE(cluster.ever_twice());
}

TEST_CASE("stonith_admin lists, registers, validates and uses devices, and shows what was fenced") {
  LiveCluster cluster;
  cluster.bring_up();
  cluster.add_fence_devices();
  cluster.settle();
  const auto stonith = [&](std::vector<std::string> arguments) {
    return answer(cluster, 1, "stonith_admin", std::move(arguments));
  };
  CHECK(stonith({"-L"}) == "power1\npower2\npower3\n3 fence devices found\n");
  CHECK(stonith({"-l", "node3"}) == "power3\n1 fence device found\n");
  CHECK_THAT(stonith({"-I"}), Contains("fence_switch\n"));
  CHECK_THAT(stonith({"-M", "-a", "fence_switch"}), Contains("<resource-agent"));
  CHECK(stonith({"-M", "-a", "fence_nosuch"}) ==
        "Can't get fence agent meta-data: No such device\nexit 105\n");
  const std::string home = cluster.tool(1, "crm_resource", {"-Q", "-W", "-r", "power3"});
  CHECK(answer(cluster, home.at(4) - '0', "stonith_admin", {"-Q", "power3"}) == "");
  CHECK(stonith({"-Q", "nosuch"}) == "exit 105\n");
  CHECK(stonith({"-h", "node3"}) == "Node node3 has never been fenced\n");
  CHECK(stonith({"-H", "node3"}) == "0 events found\n");
  CHECK(stonith({"-K", "-a", "fence_nosuch"}) ==
        "Validation of fence_nosuch failed\nAgent fence_nosuch not found\nexit 105\n");

  const std::string power = "switch_dir=" + cluster.folder() + "/power";
  CHECK(stonith({"-R", "mine", "-a", "fence_switch", "-o", power, "-o", "pcmk_host_list=node9"})
            .empty());
  CHECK(stonith({"-l", "node9"}) == "mine\n1 fence device found\n");
  CHECK(stonith({"-r", "node9", "-i", "1", "-v", "mine"}).empty());
  CHECK(stonith({"-d", "node9", "-i", "1"}).empty());
  CHECK(stonith({"-D", "mine"}).empty());
  CHECK(stonith({"-l", "node9"}) == "0 fence devices found\n");
  CHECK_THAT(
      stonith({"-F", "node9", "-t", "5"}),
      Contains("stonith_admin: Couldn't fence node9: No such device") && Contains("exit 105"));

  CHECK(stonith({"-B", "node3", "-T", "admin"}).empty());
  CHECK(cluster.switch_requests == std::vector<std::string>{"reboot node3"});
  CHECK_THAT(stonith({"-h", "node3"}), Contains("Node node3 last fenced at: "));
  CHECK_THAT(stonith({"-H", "node3"}), Contains("reboot of node3 successful: delegate=") &&
                                           Contains("client=stonith_admin.admin.") &&
                                           Contains("1 event found\n"));
  CHECK_THAT(stonith({"-H", "*", "--output-as=xml"}),
             Contains("<fence_event action=\"reboot\" target=\"node3\"") &&
                 Contains("status=\"success\""));
  cluster.eventually("the others to go on", [&] { return cluster.members(1) == 2; });
  CHECK(stonith({"-H", "node3", "-c"}) == "cleaning up fencing-history for node node3\n");
  CHECK_THAT(stonith({"-H", "node3", "-V"}), Contains("0 events found"));

  CHECK(stonith({"-C", "node3"}).empty());
  CHECK_THAT(stonith({"-H", "node3", "-V"}), Contains("of node3 successful"));
  cluster.start_again(3);
  cluster.eventually("node3 to be back", [&] { return cluster.all_members(); });
}
