#include "contract.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace quorate::cluster {
namespace {

/// A process of the group "g" that keeps all it hears. The order of views and deliveries is in
/// `log`: "view 1 2 3" and "2:payload".
struct Process : Listener {
  Process(ClusterUnderTest& cluster, NodeNumber node, const std::string& group = "g") {
    layer = cluster.process_on(node);
    layer->start(*this);
    if (!group.empty()) layer->join(group);
  }
  void on_view(GroupView view) override {
    std::string line = "view";
    for (const Member& member : view.members) line += " " + std::to_string(member.node);
    log.push_back(line);
    views.push_back(std::move(view));
  }
  void on_delivered(NodeNumber sender, std::string payload) override {
    sender_in_view =
        sender_in_view && std::any_of(views.back().members.begin(), views.back().members.end(),
                                      [&](const Member& m) { return m.node == sender; });
    log.push_back(std::to_string(sender) + ":" + payload);
  }
  void on_nodes(NodeMembership report) override { nodes.push_back(std::move(report)); }
  void on_broadcast_allowed(bool is) override {
    allowed = is;
    if (!is) ++refusals;
  }
  void on_lost(const std::string&) override { ++losses; }

  std::string last() const { return log.empty() ? "" : log.back(); }
  std::vector<NodeNumber> up() const {
    std::vector<NodeNumber> numbers;
    if (!nodes.empty())
      for (const Member& member : nodes.back().members) numbers.push_back(member.node);
    return numbers;
  }
  bool quorate() const { return !nodes.empty() && nodes.back().quorate; }
  std::vector<std::string> since(std::size_t begin) const {
    return {log.begin() + static_cast<std::ptrdiff_t>(begin), log.end()};
  }

  std::vector<std::string> log;
  std::vector<GroupView> views;
  std::vector<NodeMembership> nodes;
  bool allowed = true;
  int refusals = 0;
  int losses = 0;
  bool sender_in_view = true;
  std::unique_ptr<Layer> layer;
};

using Numbers = std::vector<NodeNumber>;

struct Trio {
  explicit Trio(ClusterUnderTest& c) : cluster(c) {
    for (NodeNumber node = 1; node <= 3; ++node) {
      processes.push_back(std::make_unique<Process>(c, node));
      REQUIRE(c.loop().run_until(
          [&] {
            return std::all_of(processes.begin(), processes.end(), [&](const auto& p) {
              return !p->views.empty() && p->views.back().members.size() == node;
            });
          },
          c.patience_ms()));
    }
  }
  Process& operator[](int node) { return *processes[static_cast<std::size_t>(node - 1)]; }
  bool until(const std::function<bool()>& done) {
    return cluster.loop().run_until(done, cluster.patience_ms());
  }

  ClusterUnderTest& cluster;
  std::vector<std::unique_ptr<Process>> processes;
};

void check_order(Trio& p) {
  for (int i = 0; i < 200; ++i)
    for (int node = 1; node <= 3; ++node) REQUIRE(p[node].layer->broadcast(std::to_string(i)));
  REQUIRE(p.until(
      [&] { return p[1].log.size() >= 603 && p[2].log.size() >= 602 && p[3].log.size() >= 601; }));
  const auto from = [](Process& process) { return process.since(process.log.size() - 600); };
  CHECK(from(p[1]) == from(p[2]));
  CHECK(from(p[1]) == from(p[3]));
  std::vector<std::string> own;
  for (const std::string& line : from(p[2]))
    if (line.starts_with("1:")) own.push_back(line);
  REQUIRE(own.size() == 200);
  for (int i = 0; i < 200; ++i) CHECK(own[static_cast<std::size_t>(i)] == "1:" + std::to_string(i));
}

void check_process_loss(Trio& p) {
  const std::uint64_t incarnation = p[1].views.back().members[1].incarnation;
  Process other(p.cluster, 2, "other group");  // keeps the node alive
  REQUIRE(p.until([&] { return !other.views.empty(); }));
  p.processes[1].reset();
  REQUIRE(p.until([&] { return p[1].last() == "view 1 3" && p[3].last() == "view 1 3"; }));
  CHECK(p[1].views.back().left == Numbers{2});
  CHECK(p[1].views.back().view == p[3].views.back().view);
  CHECK(p[1].up() == Numbers{1, 2, 3});
  p.processes[1] = std::make_unique<Process>(p.cluster, 2);
  REQUIRE(p.until([&] { return p[1].last() == "view 1 2 3" && p[2].last() == "view 1 2 3"; }));
  CHECK(p[1].views.back().joined == Numbers{2});
  CHECK(p[1].views.back().members[1].incarnation > incarnation);
  CHECK(p[1].views.back().members[1].name == "node2");
  CHECK(p[1].up() == Numbers{1, 2, 3});
  CHECK(other.last() == "view 2");
}

void check_node_loss(Trio& p) {
  const std::uint64_t ring = p[1].nodes.back().ring;
  p.processes[2].reset();
  p.cluster.end_node(3);
  REQUIRE(p.until([&] { return p[1].up() == Numbers{1, 2}; }));
  CHECK(p[1].nodes.back().ring > ring);
  CHECK(p[1].quorate());
  CHECK(p[1].nodes.back().configured.size() == 3);
  p.processes[1].reset();
  p.cluster.end_node(2);
  REQUIRE(p.until([&] { return p[1].up() == Numbers{1}; }));
  CHECK_FALSE(p[1].quorate());
  CHECK(p[1].last() == "view 1");
}

void check_partition(Trio& p) {
  const std::uint64_t incarnation = p[1].views.back().members[0].incarnation;
  const std::uint64_t last_view = p[1].views.back().view;
  p.cluster.partition({1});
  REQUIRE(p.until([&] {
    return p[1].last() == "view 1" && p[2].last() == "view 2 3" && p[3].last() == "view 2 3" &&
           !p[1].quorate() && p[2].up() == Numbers{2, 3};
  }));
  CHECK(p[1].views.back().view > last_view);
  CHECK(p[1].views.back().left == Numbers{2, 3});
  CHECK(p[2].quorate());
  REQUIRE(p[1].layer->broadcast("alone"));
  REQUIRE(p[2].layer->broadcast("together"));
  REQUIRE(p.until([&] { return p[1].last() == "1:alone" && p[3].last() == "2:together"; }));
  p.cluster.partition({});
  REQUIRE(p.until([&] {
    return p[1].last() == "view 1 2 3" && p[2].last() == "view 1 2 3" && p[1].quorate() &&
           p[3].last() == "view 1 2 3";
  }));
  CHECK(p[1].views.back().joined == Numbers{2, 3});
  CHECK(p[2].views.back().joined == Numbers{1});
  CHECK(p[1].views.back().view == p[2].views.back().view);
  CHECK(p[2].views.back().members[0].incarnation == incarnation);
}

void check_joining_in_traffic(Trio& p) {
  p.processes[2].reset();
  REQUIRE(p.until([&] { return p[1].last() == "view 1 2"; }));
  for (int i = 0; i < 100; ++i) REQUIRE(p[1].layer->broadcast("early" + std::to_string(i)));
  p.processes[2] = std::make_unique<Process>(p.cluster, 3);
  int sent = 0;
  REQUIRE(p.until([&] {
    if (sent < 100) REQUIRE(p[2].layer->broadcast("late" + std::to_string(sent++)));
    return !p[3].views.empty() && sent == 100 && p[1].last() == "2:late99" &&
           p[3].last() == "2:late99";
  }));
  CHECK(p[3].log.front() == "view 1 2 3");
  const auto joined = std::find(p[1].log.rbegin(), p[1].log.rend(), "view 1 2 3").base() - 1;
  CHECK(std::vector<std::string>(joined, p[1].log.end()) == p[3].log);
}

void check_leaving(Trio& p) {
  p[2].layer->leave();
  REQUIRE(p.until([&] { return p[1].last() == "view 1 3"; }));
  CHECK_FALSE(p[2].layer->broadcast("not a member"));
  const std::size_t heard = p[2].log.size();
  REQUIRE(p[1].layer->broadcast("without you"));
  REQUIRE(p.until([&] { return p[3].last() == "1:without you"; }));
  CHECK(p[2].log.size() == heard);
  CHECK(p[1].up() == Numbers{1, 2, 3});
  p[2].layer->join("g");
  REQUIRE(p.until([&] { return p[2].log.size() > heard; }));
  CHECK(p[2].since(heard) == std::vector<std::string>{"view 1 2 3"});
}

void check_long_payload(Trio& p) {
  std::string payload(3'000'000, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 7);
  REQUIRE(p[1].layer->broadcast(payload));
  REQUIRE(p[2].layer->broadcast("short"));
  REQUIRE(p.until([&] { return p[3].log.size() >= 3 && p[1].log.size() >= 5; }));
  CHECK(p[3].since(1) == p[1].since(3));
  CHECK(std::find(p[3].log.begin(), p[3].log.end(), "1:" + payload) != p[3].log.end());
  CHECK(p[1].layer->broadcast(std::string(kMaxPayloadBytes + 1, 'x')).error().kind ==
        ErrorKind::kInvalid);
}

void check_refusal(Trio& p) {
  const std::string payload(1 << 20, 'r');
  std::size_t accepted = 0;
  while (accepted < 2000 && p[1].layer->broadcast(payload)) ++accepted;
  REQUIRE(accepted < 2000);  // nobody read meanwhile: refused before memory runs out
  CHECK(p[1].refusals == 1);
  CHECK_FALSE(p[1].allowed);
  REQUIRE(p.until([&] { return p[1].allowed; }));
  REQUIRE(p[1].layer->broadcast("the end"));
  REQUIRE(p.cluster.loop().run_until([&] { return p[3].last() == "1:the end"; }, 20'000));
  CHECK(p[3].log.size() == accepted + 2);
}

}  // namespace

void check_contract(const std::function<std::unique_ptr<ClusterUnderTest>()>& make) {
  const auto cluster = make();
  Trio trio(*cluster);
  CHECK(trio[1].views.front().members.front().node == 1);
  CHECK(trio[1].layer->local_node().name == "node1");
  CHECK(trio.until([&] { return trio[1].up() == Numbers{1, 2, 3} && trio[1].quorate(); }));

  SECTION("members deliver the same messages in the same order") { check_order(trio); }
  SECTION("a process may go and come back while its node stays") { check_process_loss(trio); }
  SECTION("a node is lost with its last process, and quorum with the majority") {
    check_node_loss(trio);
  }
  SECTION("each side of a partition goes on alone, and they meet in one view") {
    check_partition(trio);
  }
  SECTION("a joiner gets everything behind its first view and nothing before") {
    check_joining_in_traffic(trio);
  }
  SECTION("a process may leave its group and join again") { check_leaving(trio); }
  SECTION("a long payload arrives whole at one place of the order") { check_long_payload(trio); }
  SECTION("sending is refused and allowed again, and loses nothing accepted") {
    check_refusal(trio);
  }
  for (const auto& process : trio.processes)
    if (process) CHECK(process->sender_in_view);
}

}  // namespace quorate::cluster
