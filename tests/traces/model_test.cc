#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <sstream>

#include "cluster_layer.h"
#include "layer_trace.h"

using namespace quorate;
using namespace quorate::traces;

namespace {

/// The model under random cuts, deaths, returns and process restarts, each of its processes
/// recorded.
class Recording {
 public:
  explicit Recording(std::uint64_t seed) : random_(seed) {
    for (NodeNumber node = 1; node <= kNodes; ++node) {
      configured_.push_back({node, "node" + std::to_string(node), 0});
    }
    layer_ = std::make_unique<sim::ClusterLayer>(time_, random_, configured_);
    for (NodeNumber node = 1; node <= kNodes; ++node) start(node);
    plan_fault();
    while (time_.step(20'000'000)) {
    }
  }
  std::vector<TracedMembership> traces;

 private:
  static constexpr NodeNumber kNodes = 4;

  struct Running {
    sim::Ticket ticket = 0;
    std::size_t trace = 0;
    bool allowed = true;
  };

  void start(NodeNumber node) {
    layer_->node_started(node);
    start_process(node);
  }
  void start_process(NodeNumber node) {
    const std::size_t trace = traces.size();
    traces.push_back({node, std::to_string(trace), {}, {}, {}});
    Running& running = running_[node];
    running.trace = trace;
    running.allowed = true;
    running.ticket = layer_->join(node, Daemon::kCib,
                                  [this, trace, node](Event event) { heard(trace, node, event); });
    send(node, trace);
  }
  void heard(std::size_t trace, NodeNumber node, const Event& event) {
    TracedMembership& own = traces[trace];
    if (const auto* view = std::get_if<GroupView>(&event)) {
      own.views.push_back({*view, {}});
      for (Member& member : own.views.back().view.members) member.name.clear();
    } else if (const auto* delivered = std::get_if<Delivered>(&event)) {
      std::istringstream words(delivered->payload);
      TracedMessage message;
      message.node = delivered->sender;
      words >> message.run >> message.number;
      own.views.at(own.views.size() - 1).delivered.push_back(message);
    } else if (const auto* nodes = std::get_if<NodeMembership>(&event)) {
      own.nodes.push_back(*nodes);
    } else if (const auto* allowed = std::get_if<BroadcastAllowed>(&event)) {
      running_[node].allowed = allowed->allowed;
    }
  }
  void send(NodeNumber node, std::size_t trace) {
    const auto found = running_.find(node);
    if (found == running_.end() || found->second.trace != trace) return;
    TracedMembership& own = traces[trace];
    if (!own.views.empty() && found->second.allowed) {
      own.sent.push_back(own.sent.size() + 1);
      layer_->broadcast(found->second.ticket, own.run + " " + std::to_string(own.sent.back()));
    }
    time_.after(random_.between(1'000, 9'000), [this, node, trace] { send(node, trace); });
  }

  void plan_fault() {
    time_.after(random_.between(50'000, 1'500'000), [this] {
      fault();
      plan_fault();
    });
  }
  void fault() {
    const auto node = static_cast<NodeNumber>(random_.between(1, kNodes));
    const bool on = running_.contains(node);
    switch (random_.between(0, 4)) {
      case 0: {
        std::map<NodeNumber, int> side;
        for (NodeNumber each = 1; each <= kNodes; ++each) {
          side[each] = static_cast<int>(random_.between(0, 1));
        }
        return layer_->set_network(side);
      }
      case 1: {
        std::map<NodeNumber, int> side;
        for (NodeNumber each = 1; each <= kNodes; ++each) side[each] = 0;
        return layer_->set_network(side);
      }
      case 2:
        if (!on) return start(node);
        layer_->node_died(node);
        running_.erase(node);
        return;
      case 3:
        if (!on) return;
        layer_->leave(running_[node].ticket);
        running_.erase(node);
        // A node's layer hears of the end of a process before it hears of the next one.
        return time_.after(1'000, [this, node] {
          if (!running_.contains(node)) start_process(node);
        });
      default:
        if (on) layer_->refuse_sending(node, 200'000);
    }
  }

  sim::TimeLine time_;
  sim::Random random_;
  std::vector<Member> configured_;
  std::unique_ptr<sim::ClusterLayer> layer_;
  std::map<NodeNumber, Running> running_;
};

constexpr std::uint64_t kSeeds = 60;

/// A view that two processes of a recording went through together, with messages in it.
struct Shared {
  std::size_t a = 0;
  std::size_t i = 0;
};
std::optional<Shared> shared_view(const std::vector<TracedMembership>& traces, std::size_t least) {
  for (std::size_t a = 0; a < traces.size(); ++a) {
    for (std::size_t i = 0; i + 1 < traces[a].views.size(); ++i) {
      if (traces[a].views[i].delivered.size() < least) continue;
      for (std::size_t b = 0; b < traces.size(); ++b) {
        if (b == a) continue;
        for (std::size_t j = 0; j + 1 < traces[b].views.size(); ++j) {
          if (traces[b].views[j].view.view == traces[a].views[i].view.view &&
              traces[b].views[j + 1].view.view == traces[a].views[i + 1].view.view) {
            return Shared{a, i};
          }
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("what the simulator's model of the layer tells is what it may tell") {
  std::size_t views = 0;
  std::size_t messages = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Recording recording(seed);
    const auto wrong = judge(recording.traces);
    INFO("seed " << seed);
    for (const std::string& each : wrong) UNSCOPED_INFO(each);
    REQUIRE(wrong.empty());
    for (const TracedMembership& trace : recording.traces) {
      views += trace.views.size();
      for (const TracedView& view : trace.views) messages += view.delivered.size();
    }
  }
  CHECK(views > 30 * kSeeds);
  CHECK(messages > 1000 * kSeeds);
}

TEST_CASE("a layer that breaks a promise is found out") {
  Recording recording(7);
  REQUIRE(judge(recording.traces).empty());
  auto& traces = recording.traces;
  const auto shared = shared_view(traces, 5);
  REQUIRE(shared);
  TracedMembership& trace = traces[shared->a];
  TracedView& view = trace.views[shared->i];
  auto& delivered = view.delivered;

  SECTION("a message is missing for one") { delivered.pop_back(); }
  SECTION("a message comes twice") { delivered.push_back(delivered.back()); }
  SECTION("two messages change places") {
    const auto other = std::find_if(delivered.begin(), delivered.end(), [&](const auto& message) {
      return message.node != delivered.front().node;
    });
    REQUIRE(other != delivered.end());
    std::iter_swap(delivered.begin(), other);
  }
  SECTION("a message of who isn't a member") { delivered.push_back({77, "x", 1}); }
  SECTION("a view with other members") { view.view.members.pop_back(); }
  SECTION("a view that goes back") { trace.views[shared->i + 1].view.view = view.view.view - 1; }
  SECTION("a member that leaves unsaid") {
    for (TracedView& each : trace.views) each.view.left.clear();
  }
  SECTION("quorum without a majority") {
    REQUIRE_FALSE(trace.nodes.empty());
    trace.nodes.back().quorate = !trace.nodes.back().quorate;
  }
  SECTION("one's own message doesn't come back") {
    std::vector<std::uint64_t>& sent = trace.sent;
    REQUIRE(sent.size() > 3);
    sent.insert(sent.begin() + 1, 999);
  }
  CHECK_FALSE(judge(traces).empty());
}

TEST_CASE("a trace is read as it was written, without the line its writer was killed in") {
  std::istringstream text(
      "run 2 77.1\nview 5 9 1:3,2:4 1,2 -\nsent 1\ngot 2 77.1 1\nnodes 9 1 1:0,2:0 1:0,2:0,3:0\n"
      "run 2 77.2\nview 8 9 2:7");
  const auto read = read_trace(text, "trace");
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  const TracedMembership& first = read->front();
  CHECK(first.name() == "2/77.1");
  REQUIRE(first.views.size() == 1);
  CHECK(first.views[0].view.members.size() == 2);
  CHECK(first.views[0].view.members[1].incarnation == 4);
  CHECK(first.views[0].delivered == std::vector<TracedMessage>{{2, "77.1", 1}});
  CHECK(first.nodes.at(0).quorate);
  CHECK(read->back().views.empty());
  std::istringstream bad("run 1 x\nview 1 two 1:1 1 -\n");
  const auto refused = read_trace(bad, "bad");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("bad, line 2") == 0);
}
