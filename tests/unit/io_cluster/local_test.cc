#include <catch2/catch.hpp>
#include <fstream>

#include "../io_ipc/folder.h"
#include "contract.h"
#include "io/cluster/local/cluster_file.h"
#include "io/cluster/local/hub.h"

using namespace quorate;
using namespace quorate::cluster;

namespace {

constexpr const char* kThreeNodes =
    R"({"detection_ms": 30, "nodes": [{"name": "node1"}, {"name": "node2"}, {"name": "node3"}]})";

class LocalCluster : public ClusterUnderTest {
 public:
  LocalCluster() {
    std::ofstream(folder_ / "cluster.json") << kThreeNodes;
    auto hub = Hub::open(loop_, folder_.path(), *read_cluster_file(folder_.path()));
    REQUIRE(hub);
    hub_ = std::move(*hub);
  }
  io::Loop& loop() override { return loop_; }
  std::unique_ptr<Layer> process_on(NodeNumber node) override {
    auto layer = open_layer(loop_, "local:" + folder_.path(), "node" + std::to_string(node));
    REQUIRE(layer);
    return std::move(*layer);
  }
  void partition(const std::vector<NodeNumber>& part) override {
    std::string names;
    for (const NodeNumber node : part) names += "node" + std::to_string(node) + ",";
    REQUIRE(hub_->command(names.empty() ? "heal" : "partition " + names));
  }
  const Folder& folder() const { return folder_; }
  std::unique_ptr<Hub>& hub() { return hub_; }

 private:
  Folder folder_;
  io::Loop loop_;
  std::unique_ptr<Hub> hub_;
};

struct Quiet : Listener {
  void on_view(GroupView view) override { members = view.members.size(); }
  void on_delivered(NodeNumber, std::string) override {}
  void on_nodes(NodeMembership report) override { nodes = std::move(report); }
  void on_broadcast_allowed(bool) override {}
  void on_lost(const std::string& why) override { lost = why; }
  std::size_t members = 0;
  NodeMembership nodes;
  std::string lost;
};

}  // namespace

TEST_CASE("the local layer keeps the contract of the cluster layer") {
  check_contract([] { return std::make_unique<LocalCluster>(); });
}

TEST_CASE("a process that loses the hub is told, and joins again when the hub is back") {
  LocalCluster cluster;
  Quiet quiet;
  const auto layer = cluster.process_on(1);
  layer->start(quiet);
  layer->join("g");
  REQUIRE(cluster.loop().run_until([&] { return quiet.members == 1; }, 3000));
  cluster.hub().reset();
  REQUIRE(cluster.loop().run_until([&] { return !quiet.lost.empty(); }, 3000));
  CHECK_FALSE(layer->broadcast("nobody orders"));
  quiet.members = 0;
  auto hub = Hub::open(cluster.loop(), cluster.folder().path(),
                       *read_cluster_file(cluster.folder().path()));
  REQUIRE(hub);
  CHECK(cluster.loop().run_until([&] { return quiet.members == 1; }, 3000));
}

TEST_CASE("a node that says goodbye is gone before the detection time") {
  LocalCluster cluster;
  Quiet stays;
  Quiet goes;
  const auto first = cluster.process_on(1);
  auto second = cluster.process_on(2);
  first->start(stays);
  second->start(goes);
  REQUIRE(cluster.loop().run_until([&] { return stays.nodes.members.size() == 2; }, 3000));
  second->say_goodbye();
  second.reset();
  CHECK(cluster.loop().run_until([&] { return stays.nodes.members.size() == 1; }, 25));
}

TEST_CASE("two_node: one node is quorate once it has seen the other") {
  Folder folder;
  io::Loop loop;
  const auto file =
      parse_cluster_file(R"({"two_node": true, "nodes": [{"name":"a"}, {"name":"b"}]})", "test");
  REQUIRE(file);
  std::ofstream(folder / "cluster.json")
      << R"({"two_node": true, "nodes": [{"name":"a"}, {"name":"b"}]})";
  const auto hub = Hub::open(loop, folder.path(), *file);
  REQUIRE(hub);
  Quiet a;
  Quiet b;
  const auto first = open_layer(loop, "local:" + folder.path(), "a");
  (*first)->start(a);
  REQUIRE(loop.run_until([&] { return a.nodes.members.size() == 1; }, 3000));
  CHECK_FALSE(a.nodes.quorate);
  {
    const auto second = open_layer(loop, "local:" + folder.path(), "b");
    (*second)->start(b);
    REQUIRE(loop.run_until([&] { return a.nodes.quorate; }, 3000));
  }
  REQUIRE(loop.run_until([&] { return a.nodes.members.size() == 1; }, 3000));
  CHECK(a.nodes.quorate);
}

TEST_CASE("a wrong cluster file or node name is an error that says what to do") {
  const auto error = [](const char* text) {
    const auto file = parse_cluster_file(text, "cluster.json");
    return file ? "" : file.error().message;
  };
  CHECK(error("nonsense").find("JSON") != std::string::npos);
  CHECK(error(R"({"nodes": []})").find("1 to 1024") != std::string::npos);
  CHECK(error(R"({"nodes": [{}]})").find("node 1 has no name") != std::string::npos);
  CHECK(error(R"({"nodes": [{"name": "a"}, {"name": "a"}]})").find("unique") != std::string::npos);
  CHECK(error(R"({"nodes": [{"name": "a", "votes": -1}]})").find("votes") != std::string::npos);
  CHECK(error(R"({"nodes": [{"name": "a", "number": 99999999999}]})").find("number") !=
        std::string::npos);
  CHECK(error(R"({"two_node": true, "nodes": [{"name": "a"}]})").find("two") != std::string::npos);
  LocalCluster cluster;
  const auto stranger = open_layer(cluster.loop(), "local:" + cluster.folder().path(), "node9");
  REQUIRE_FALSE(stranger);
  CHECK(stranger.error().kind == ErrorKind::kNotFound);
  CHECK(open_layer(cluster.loop(), "telepathy:", "node1").error().kind == ErrorKind::kUnsupported);
}

TEST_CASE("messages of the hub survive encoding, and bent ones are errors") {
  GroupView view;
  view.view = 7;
  view.members = {{1, "node1", 3}, {2, "node2", 4}};
  view.joined = {2};
  view.left = {5, 6};
  const std::string bytes = hub::encode(hub::ToProcess{view});
  const auto back = hub::decode_to_process(bytes);
  REQUIRE(back);
  const auto& decoded = std::get<GroupView>(*back);
  CHECK(decoded.view == 7);
  CHECK(decoded.members == view.members);
  CHECK(decoded.joined == view.joined);
  CHECK(decoded.left == view.left);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK_FALSE(hub::decode_to_process(bytes.substr(0, length)));
  CHECK_FALSE(hub::decode_to_process(bytes + "x"));
  CHECK_FALSE(hub::decode_to_hub("S\xff\xff\xff\xff\xff\xff\xff\xff"));
  CHECK_FALSE(hub::decode_to_hub("?"));
}
