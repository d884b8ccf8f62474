#include "io/cluster/corosync/group_views.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>

#include "io/cluster/corosync/node_list.h"
#include "io/cluster/corosync/send_queue.h"
#include "io/cluster/layer.h"

using namespace quorate;
using namespace quorate::cluster;

namespace {

/// A process of a modelled CPG: what it wants to send, and what it has heard.
struct Actor : GroupViews::Port {
  Actor(Process self, std::uint64_t nonce)
      : process(self), views(self, "node" + std::to_string(self.node), nonce, *this) {}
  void send(std::string bytes) override { queue.add_control(std::move(bytes)); }
  void view(GroupView view) override {
    const auto in_order =
        std::is_sorted(view.members.begin(), view.members.end(),
                       [](const Member& a, const Member& b) { return a.node < b.node; });
    CHECK(in_order);
    CHECK((shown.empty() || view.view > shown.back().view));
    shown.push_back(std::move(view));
    heard.emplace_back();
  }
  void deliver(NodeNumber sender, std::string payload) override {
    REQUIRE_FALSE(shown.empty());
    const auto& members = shown.back().members;
    CHECK(std::any_of(members.begin(), members.end(),
                      [&](const Member& m) { return m.node == sender; }));
    heard.back().push_back(std::to_string(sender) + ":" + payload.substr(0, 12));
    if (sender == process.node) ++own_heard;
  }
  void own_piece(std::uint64_t id, std::uint32_t index) override { queue.ordered(id, index); }
  void pieces_void() override { queue.restart(); }

  Process process;
  int ring = 0;
  GroupViews views;
  SendQueue queue;
  std::deque<std::string> outgoing;
  std::vector<GroupView> shown;
  std::vector<std::vector<std::string>> heard;  ///< what followed each view
  int said = 0;
  int own_heard = 0;
};

/// CPG as corosync does it: rings of nodes, one order per ring, lists of processes.
class ModelCpg {
 public:
  Actor& join(NodeNumber node, std::uint32_t pid) {
    actors.push_back(std::make_unique<Actor>(Process{node, pid}, ++nonce_ * 1000));
    actors.back()->ring = ring_of_[node];
    tell(ring_of_[node], {}, false);
    return *actors.back();
  }
  void leave(Actor& actor) {
    const Process gone = actor.process;
    const int ring = actor.ring;
    std::erase_if(actors, [&](const auto& each) { return each.get() == &actor; });
    tell(ring, {gone}, false);
  }
  /// Nodes with the same part form a ring. All messages under way are ordered in the new rings.
  void form(const std::map<NodeNumber, int>& part_of) {
    std::map<std::pair<int, int>, int> names;
    std::map<NodeNumber, int> before = ring_of_;
    std::map<int, int> ring_of_part;
    for (const auto& [node, part] : part_of) {
      if (!ring_of_part.contains(part)) ring_of_part[part] = ++last_ring_;
      ring_of_[node] = ring_of_part[part];
    }
    for (const auto& actor : actors) actor->ring = ring_of_[actor->process.node];
    for (const auto& actor : actors) {
      Configuration change = now(actor->ring);
      const int old = before[actor->process.node];
      for (const auto& [node, old_ring] : before)
        for (const Process& each : known_[old])
          if (each.node == node && old_ring == old && ring_of_[node] != actor->ring)
            change.left.insert(each);
      for (const Process& each : change.members)
        change.merged = change.merged || before[each.node] != old;
      if (!change.left.empty() || change.merged) pending_.emplace_back(actor.get(), change);
    }
    remember();
    for (auto& [actor, change] : std::exchange(pending_, {})) actor->views.on_configuration(change);
  }
  /// Orders one message of one process; false if there is none.
  bool order_one(std::mt19937& random) {
    std::vector<Actor*> ready;
    for (const auto& actor : actors) {
      actor->queue.flush([&](std::string_view bytes) {
        actor->outgoing.emplace_back(bytes);
        return true;
      });
      if (!actor->outgoing.empty()) ready.push_back(actor.get());
    }
    if (ready.empty()) return false;
    Actor& sender = *ready[random() % ready.size()];
    const std::string bytes = std::move(sender.outgoing.front());
    sender.outgoing.pop_front();
    for (const auto& actor : actors)
      if (actor->ring == sender.ring) actor->views.on_message(sender.process, bytes);
    return true;
  }
  int ring_of(NodeNumber node) { return ring_of_[node]; }

  std::vector<std::unique_ptr<Actor>> actors;

 private:
  Configuration now(int ring) const {
    Configuration change;
    change.ring = static_cast<std::uint64_t>(ring) + 1;
    for (const auto& actor : actors)
      if (actor->ring == ring) change.members.insert(actor->process);
    return change;
  }
  void remember() {
    known_.clear();
    for (const auto& actor : actors) known_[actor->ring].insert(actor->process);
  }
  void tell(int ring, std::set<Process> left, bool merged) {
    Configuration change = now(ring);
    change.left = std::move(left);
    change.merged = merged;
    remember();
    for (const auto& actor : actors)
      if (actor->ring == ring) actor->views.on_configuration(change);
  }

  std::map<NodeNumber, int> ring_of_;
  std::map<int, std::set<Process>> known_;
  std::vector<std::pair<Actor*, Configuration>> pending_;
  int last_ring_ = 0;
  std::uint64_t nonce_ = 0;
};

using Ended = std::vector<std::unique_ptr<Actor>>;

/// Whoever shows a view of some number with another member shows the same as that one, and if both
/// also go on to the same view they have heard the same in between.
void check_agreement(const std::vector<Actor*>& all) {
  for (const Actor* a : all) {
    for (const Actor* b : all) {
      if (a->process.node >= b->process.node) continue;
      for (std::size_t i = 0; i < a->shown.size(); ++i) {
        for (std::size_t j = 0; j < b->shown.size(); ++j) {
          const GroupView& left = a->shown[i];
          const GroupView& right = b->shown[j];
          const auto holds = [](const GroupView& view, const Actor* who) {
            return std::any_of(view.members.begin(), view.members.end(),
                               [&](const Member& m) { return m.node == who->process.node; });
          };
          if (left.view != right.view || !holds(left, b) || !holds(right, a)) continue;
          CHECK(left.members == right.members);
          if (i + 1 < a->shown.size() && j + 1 < b->shown.size() &&
              a->shown[i + 1].view == b->shown[j + 1].view &&
              a->shown[i + 1].members == b->shown[j + 1].members)
            CHECK(a->heard[i] == b->heard[j]);
        }
      }
    }
  }
}

void run(std::uint32_t seed) {
  CAPTURE(seed);
  std::mt19937 random(seed);
  ModelCpg cpg;
  std::vector<std::unique_ptr<Actor>> graveyard;
  constexpr NodeNumber kNodes = 5;
  std::map<NodeNumber, int> apart;
  std::uint32_t pid = 100;
  cpg.form({{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}});
  const auto actor_on = [&](NodeNumber node) -> Actor* {
    for (const auto& actor : cpg.actors)
      if (actor->process.node == node) return actor.get();
    return nullptr;
  };
  for (int step = 0; step < 300; ++step) {
    const NodeNumber node = random() % kNodes + 1;
    Actor* actor = actor_on(node);
    switch (random() % 12) {
      case 0:
        // Process ids repeat on purpose: a rebooted node's may.
        if (!actor) cpg.join(node, pid + random() % 2);
        break;
      case 1:
        if (actor && random() % 3 == 0) cpg.leave(*actor);
        break;
      case 2:
        if (random() % 4 == 0) {
          std::map<NodeNumber, int> parts;
          for (NodeNumber each = 1; each <= kNodes; ++each)
            parts[each] = static_cast<int>(random() % 3);
          cpg.form(parts);
        }
        break;
      case 3:
      case 4:
        if (actor && actor->views.is_member()) {
          for (std::uint32_t count = 1 + random() % 3; count > 0; --count) {
            const bool is_long = random() % 4 == 0;
            actor->queue.add(std::to_string(actor->said++) + " " +
                             std::string(is_long ? 3 * kPieceBytes : 5, 'x'));
          }
        }
        break;
      default:
        cpg.order_one(random);
    }
  }
  std::vector<Actor*> all;
  for (const auto& actor : cpg.actors) all.push_back(actor.get());
  check_agreement(all);
  std::map<NodeNumber, int> whole;
  for (NodeNumber each = 1; each <= kNodes; ++each) whole[each] = 0;
  cpg.form(whole);
  while (cpg.order_one(random)) {
  }
  for (const auto& actor : cpg.actors) {
    // An asker whose answer was lost with the one who gave it asks again, as CpgGroup has it.
    if (actor->views.is_joining()) actor->views.ask_again(1'000'000'000 + actor->process.node);
  }
  while (cpg.order_one(random)) {
  }
  check_agreement(all);
  for (const auto& actor : cpg.actors) {
    REQUIRE(actor->views.is_member());
    CHECK(actor->shown.back().members.size() == cpg.actors.size());
    CHECK(actor->shown.back().members == cpg.actors.front()->shown.back().members);
    CHECK(actor->shown.back().view == cpg.actors.front()->shown.back().view);
    CHECK(actor->own_heard == actor->said);  // each own message once, long ones too
    CHECK(actor->queue.queued_bytes() == 0);
  }
}

}  // namespace

TEST_CASE("members of a corosync group agree on views and messages, whatever happens") {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) run(seed);
}

TEST_CASE("short payloads that wait together go as one message, as far as one holds them") {
  SendQueue queue;
  std::vector<std::string> sent;
  const auto send = [&](std::string_view bytes) {
    sent.emplace_back(bytes);
    return true;
  };
  const std::string half(kPieceBytes / 2 - 100, 'h');
  const std::string whole(kPieceBytes, 'w');
  for (const std::string& payload : {std::string("a"), half, half, whole}) queue.add(payload);
  queue.flush(send);
  REQUIRE(sent.size() == 3);  // the long one waits to be ordered after its two pieces
  const auto first = decode_group_message(sent[0]);
  REQUIRE(first);
  const auto* bundle = std::get_if<BundleMessage>(&*first);
  REQUIRE(bundle != nullptr);
  REQUIRE(bundle->contents == std::vector<std::string_view>{"a", half, half});
  CHECK(sent[0].size() <= kPieceBytes);

  queue.clear();
  sent.clear();
  queue.add(half);
  queue.add(half + half);
  queue.flush([](std::string_view) { return false; });
  CHECK(queue.queued_bytes() == 3 * half.size());  // refused: nothing is lost
  queue.flush(send);
  REQUIRE(sent.size() == 2);  // alone each: together they are too long
  CHECK(queue.queued_bytes() == 0);
}

TEST_CASE("the first process of a group needs nobody, the second learns from it") {
  ModelCpg cpg;
  std::mt19937 random(1);
  cpg.form({{1, 1}, {2, 1}});
  Actor& first = cpg.join(1, 10);
  CHECK(first.views.is_member());
  Actor& second = cpg.join(2, 10);
  CHECK_FALSE(second.views.is_member());
  while (cpg.order_one(random)) {
  }
  REQUIRE(second.views.is_member());
  CHECK(second.shown.size() == 1);
  CHECK(second.shown.back().members == first.shown.back().members);
  CHECK(second.shown.back().view == first.shown.back().view);
}

TEST_CASE("messages between the processes of a group survive encoding, and bent ones are errors") {
  WelcomeMessage welcome{
      {3, 77}, 9, 2, 4, {12, {{{1, 5}, {1, "node1", 8}}, {{3, 77}, {3, "c", 9}}}}};
  const std::string bytes = encode(welcome);
  const auto back = decode_group_message(bytes);
  REQUIRE(back);
  const auto& decoded = std::get<WelcomeMessage>(*back);
  CHECK(decoded.joiner == welcome.joiner);
  CHECK(decoded.roster == welcome.roster);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK_FALSE(decode_group_message(std::string_view(bytes).substr(0, length)));
  CHECK_FALSE(decode_group_message(bytes + "x"));
  CHECK_FALSE(decode_group_message("Z\x01"));
  CHECK(decode_group_message("J\x02").error().kind == ErrorKind::kUnsupported);
  CHECK_FALSE(decode_group_message(std::string("T\x01") + std::string(16, 0) + "\xff\xff\xff\xff"));
}

TEST_CASE("nodes are named as corosync.conf names them, not by addresses") {
  const std::vector<ConfigurationEntry> entries = {{"totem.cluster_name", "kitchen"},
                                                   {"runtime.config.totem.token", "1650"},
                                                   {"nodelist.node.0.nodeid", "7"},
                                                   {"nodelist.node.0.name", "alice"},
                                                   {"nodelist.node.0.ring0_addr", "10.0.0.1"},
                                                   {"nodelist.node.1.nodeid", "2"},
                                                   {"nodelist.node.1.ring0_addr", "bob"},
                                                   {"nodelist.node.2.nodeid", "3"},
                                                   {"nodelist.node.2.ring0_addr", "10.0.0.3"},
                                                   {"nodelist.node.3.ring0_addr", "no.number"}};
  const NodeList list = node_list_from(entries, 3, "carol");
  CHECK(list.cluster_name == "kitchen");
  CHECK(list.token_timeout_ms == 1650);
  CHECK(list.nodes == std::vector<Member>{{2, "bob", 0}, {3, "carol", 0}, {7, "alice", 0}});
  CHECK(list.name_of(7) == "alice");
  CHECK(list.name_of(99) == "node99");
}
