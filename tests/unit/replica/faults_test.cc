#include <catch2/catch.hpp>
#include <cstdlib>

#include "group.h"

using namespace quorate;
using namespace quorate::replica;
using namespace quorate::replica::test;

namespace {

/// Partitions, merges, crashes and restarts at random while clients change things; then all is
/// healed. Nothing acknowledged as durable may be lost, and all must end up equal.
class Run {
 public:
  explicit Run(std::uint64_t seed) : group_(3 + seed % 3, seed) {}

  void go() {
    for (NodeNumber number = 1; number <= group_.size(); ++number) group_.start(number);
    group_.heal();
    for (int event = 0; event < 60; ++event) {
      for (std::uint64_t steps = pick(120); steps > 0; --steps) {
        group_.step();
        REQUIRE(group_.differences() == "");
      }
      if (pick(3) == 0) group_.pass(static_cast<std::int64_t>(pick(7000)));
      disturb();
      collect();
    }
    for (NodeNumber number = 1; number <= group_.size(); ++number) {
      if (!group_.node(number).replica) group_.start(number);
    }
    group_.heal();
    group_.settle(40);
    collect();
    check();
  }

 private:
  std::uint64_t pick(std::uint64_t below) { return group_.random()() % below; }
  NodeNumber any_node() { return static_cast<NodeNumber>(1 + pick(group_.size())); }

  void disturb() {
    const NodeNumber number = any_node();
    const bool up = static_cast<bool>(group_.node(number).replica);
    switch (pick(10)) {
      case 0:
        if (up) group_.crash(number);
        break;
      case 1:
      case 2:
        if (!up) group_.start(number);
        break;
      case 3: {
        std::set<NodeNumber> a;
        std::set<NodeNumber> b;
        for (NodeNumber n = 1; n <= group_.size(); ++n) (pick(2) == 0 ? a : b).insert(n);
        group_.partition({a, b});
        break;
      }
      case 4:
        group_.partition({});
        break;
      case 5:
        group_.heal();
        break;
      default:
        if (up) change(number);
    }
  }

  void change(NodeNumber number) {
    for (std::uint64_t i = 1 + pick(5); i > 0; --i) {
      const std::string name = "c" + std::to_string(next_++);
      cib::Request request;
      request.options.may_create = true;
      request.operation = cib::Operation::kModify;
      if (pick(3) == 0) {
        request.section = "status";
        request.data =
            "<node_state id=\"" + std::to_string(pick(5)) + "\" uname=\"" + name + "\"/>";
        group_.ask(number, request);
      } else {
        request.section = "crm_config";
        request.data = "<cluster_property_set id=\"" + name + "\"/>";
        asked_[group_.ask(number, request)] = name;
      }
    }
  }

  void collect() {
    for (NodeNumber number = 1; number <= group_.size(); ++number) {
      for (const CibReply& reply : group_.node(number).replies) {
        if (reply.durability == Durability::kDurable && asked_.count(reply.id) != 0) {
          durable_.insert(asked_[reply.id]);
        }
      }
      group_.node(number).replies.clear();
    }
  }

  void check() {
    for (NodeNumber number = 1; number <= group_.size(); ++number) {
      INFO("node " << number);
      REQUIRE(group_.replica(number).in_sync());
      REQUIRE(group_.document(number) == group_.document(1));
      REQUIRE(group_.replica(number).chain() == group_.replica(1).chain());
      REQUIRE(group_.shadow_digest(number) == group_.shadow_digest(1));
      for (const std::string& name : durable_) {
        INFO("durable change " << name);
        REQUIRE(group_.replica(number).cib().find(group_.replica(number).cib().root(),
                                                  "cluster_property_set", name));
      }
    }
    const auto last = group_.ask(1, cib::Request{cib::Operation::kBump, {}, {}, {}});
    group_.settle(2);
    REQUIRE(group_.reply(1, last) != nullptr);
    REQUIRE(group_.reply(1, last)->code == cib::Code::kOk);
  }

  Group group_;
  int next_ = 0;
  std::map<std::uint64_t, std::string> asked_;
  std::set<std::string> durable_;
};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

// QUORATE_SEED and QUORATE_RUNS choose others.
TEST_CASE("replicas agree, settle and lose nothing durable whatever fails") {
  const std::uint64_t first = from_environment("QUORATE_SEED", 1);
  const std::uint64_t runs = from_environment("QUORATE_RUNS", 25);
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    INFO("seed " << seed);
    Run(seed).go();
  }
}
