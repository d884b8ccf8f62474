// The contract of the cluster layer on real corosync: run by test_contract.py inside a lab without
// a cluster manager.
#include "../unit/io_cluster/contract.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "io/cluster/corosync/corosync_layer.h"
#include "io/loop/fd.h"
#include "io/runtime/disk.h"

using namespace quorate;
using namespace quorate::cluster;

namespace {

/// One of a lab's commands; throws if it fails.
void lab(const std::string& words) {
  const std::string command = std::string(std::getenv("QUORATE_LAB")) + " " + words;
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command + " failed");
}

/// Runs `connect` inside a node: corosync's sockets belong to its network namespace, their buffers
/// to its file systems.
void inside(const std::string& node, const std::function<void()>& connect) {
  const auto pid =
      runtime::read_file(std::string(std::getenv("QUORATE_LAB_FOLDER")) + "/" + node + "/init.pid");
  if (!pid) return;  // the node is off
  const auto open_space = [](const std::string& of, const char* kind) {
    return io::Fd(open(("/proc/" + of + "/ns/" + kind).c_str(), O_RDONLY | O_CLOEXEC));
  };
  const io::Fd own_net = open_space("self", "net");
  const io::Fd own_mounts = open_space("self", "mnt");
  const io::Fd net = open_space(*pid, "net");
  const io::Fd mounts = open_space(*pid, "mnt");
  if (setns(net.get(), CLONE_NEWNET) != 0 || setns(mounts.get(), CLONE_NEWNS) != 0)
    throw std::runtime_error("can't enter " + node);
  connect();
  if (setns(own_mounts.get(), CLONE_NEWNS) != 0 || setns(own_net.get(), CLONE_NEWNET) != 0)
    throw std::runtime_error("can't leave " + node);
}

class CorosyncCluster : public ClusterUnderTest {
 public:
  CorosyncCluster() { lab("mend"); }
  io::Loop& loop() override { return loop_; }
  std::unique_ptr<Layer> process_on(NodeNumber node) override {
    const std::string name = "node" + std::to_string(node);
    auto layer = open_corosync_layer(
        loop_, 10'000, [name](const std::function<void()>& connect) { inside(name, connect); });
    INFO((layer ? std::string() : layer.error().message));
    REQUIRE(layer);
    return std::move(*layer);
  }
  void partition(const std::vector<NodeNumber>& part) override {
    std::string names;
    for (const NodeNumber node : part) names += " node" + std::to_string(node);
    lab(names.empty() ? "join" : "separate" + names);
  }
  void end_node(NodeNumber node) override { lab("kill node" + std::to_string(node)); }
  std::int64_t patience_ms() const override { return 30'000; }

 private:
  io::Loop loop_;
};

struct NodesHeard : Listener {
  void on_view(GroupView) override {}
  void on_delivered(NodeNumber, std::string) override {}
  void on_nodes(NodeMembership report) override { last = std::move(report); }
  void on_broadcast_allowed(bool) override {}
  void on_lost(const std::string&) override {}
  NodeMembership last;
};

/// corosync.conf of all nodes, in place, as they have it mounted; reloaded by all.
void write_configuration(const std::string& content) {
  std::ofstream(std::string(std::getenv("QUORATE_LAB_FOLDER")) + "/corosync.conf") << content;
  lab("run node1 corosync-cfgtool -R > /dev/null");
}

}  // namespace

TEST_CASE("the corosync layer keeps the contract of the cluster layer") {
  check_contract([] { return std::make_unique<CorosyncCluster>(); });
}

TEST_CASE("a change of corosync's node list is told though nobody came or went") {
  CorosyncCluster cluster;
  const auto layer = cluster.process_on(1);
  NodesHeard heard;
  layer->start(heard);
  const auto until = [&](std::size_t configured) {
    return cluster.loop().run_until([&] { return heard.last.configured.size() == configured; },
                                    cluster.patience_ms());
  };
  REQUIRE(until(3));
  const auto content =
      runtime::read_file(std::string(std::getenv("QUORATE_LAB_FOLDER")) + "/corosync.conf");
  REQUIRE(content);
  std::string longer = *content;
  const std::size_t end_of_list = longer.find("}\nsystem {");
  REQUIRE(end_of_list != std::string::npos);
  longer.insert(end_of_list, "node {\n  ring0_addr: 10.77.0.4\n  name: node4\n  nodeid: 4\n}\n");
  write_configuration(longer);
  const bool told = until(4);
  const NodeMembership with_fourth = heard.last;
  write_configuration(*content);
  REQUIRE(told);
  CHECK(with_fourth.configured.back().name == "node4");
  CHECK(with_fourth.members.size() == 3);
  CHECK(until(3));
}
