#include "controller/membership.h"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include <map>

using namespace quorate;
using namespace quorate::controller;

namespace {

GroupView view_of(std::uint64_t view, const std::vector<NodeNumber>& members,
                  const std::vector<NodeNumber>& joined) {
  GroupView result;
  result.view = view;
  for (const NodeNumber node : members) {
    result.members.push_back({.node = node, .name = "node" + std::to_string(node)});
  }
  result.joined = joined;
  return result;
}

ControllerHello hello_of(const Membership& sender, bool eligible) {
  ControllerHello hello;
  hello.view = sender.view();
  hello.entered_view = sender.entered_view();
  hello.dc_since = sender.is_dc() ? sender.dc_since() : 0;
  hello.feature_set = "3.20.5";
  hello.eligible = eligible;
  return hello;
}

/// A group in which every member sees the views it is in and all their messages in one order.
struct Group {
  std::uint64_t view = 0;
  std::map<NodeNumber, Membership> members;

  void change_view(const std::vector<NodeNumber>& nodes) {
    ++view;
    std::vector<NodeNumber> joined;
    std::map<NodeNumber, Membership> next;
    for (const NodeNumber node : nodes) {
      if (!members.contains(node)) joined.push_back(node);
      const auto before = members.find(node);
      next.emplace(node, before == members.end() ? Membership(node) : before->second);
    }
    members = std::move(next);
    for (auto& [node, member] : members) member.view_changed(view_of(view, nodes, joined));
  }
  void hello(NodeNumber sender, bool eligible) {
    const auto message = hello_of(members.at(sender), eligible);
    for (auto& [node, member] : members) member.hello(sender, message);
  }
  void leave_out_silent() {
    const LeaveOut message{view, members.begin()->second.silent()};
    for (auto& [node, member] : members) member.leave_out(message);
  }
  void depose(NodeNumber dc) {
    for (auto& [node, member] : members) member.depose({view, dc});
  }
  /// All members' DC; nothing if they disagree.
  std::optional<NodeNumber> dc() const {
    std::optional<NodeNumber> all;
    for (const auto& [node, member] : members) {
      if (all && *all != member.dc()) return std::nullopt;
      all = member.dc();
    }
    return all;
  }
};

}  // namespace

TEST_CASE("a DC that is chosen again keeps its place when another becomes eligible, on all") {
  Group group;
  group.change_view({2, 3});
  group.hello(2, false);
  group.hello(3, true);
  REQUIRE(group.dc() == 3);
  // Node 1 has been in no view: what it knows of this one must lead it to what the others decide.
  group.change_view({1, 2, 3});
  group.hello(1, false);
  group.hello(2, false);
  group.hello(3, true);
  CHECK(group.dc() == 3);
  group.hello(2, true);
  CHECK(group.dc() == 3);
}

TEST_CASE("a DC that stays remains DC when another member leaves") {
  Group group;
  group.change_view({1, 2, 3});
  group.hello(1, false);  // its CIB service is still starting
  group.hello(2, true);
  group.hello(3, true);
  REQUIRE(group.dc() == 2);
  group.hello(1, true);
  group.change_view({1, 2});
  group.hello(1, true);
  group.hello(2, true);
  CHECK(group.dc() == 2);
}

TEST_CASE("of two DCs whose partitions merge the one that has been it for longer remains") {
  Group group;
  group.change_view({1, 2, 3});
  for (const NodeNumber node : {1, 2, 3}) group.hello(node, node != 1);
  REQUIRE(group.dc() == 2);
  Group minority = group;
  minority.change_view({1});
  minority.hello(1, true);
  REQUIRE(minority.dc() == 1);
  group.change_view({2, 3});
  for (const NodeNumber node : {2, 3}) group.hello(node, true);
  REQUIRE(group.dc() == 2);
  group.members.emplace(1, minority.members.at(1));
  ++group.view;
  for (auto& [node, member] : group.members) {
    const std::vector<NodeNumber> others{2, 3};
    member.view_changed(
        view_of(group.view, {1, 2, 3}, node == 1 ? others : std::vector<NodeNumber>{1}));
  }
  for (const NodeNumber node : {1, 2, 3}) group.hello(node, true);
  CHECK(group.dc() == 2);
}

TEST_CASE("a DC deposed before the hellos of a view are in is DC for no one in that view") {
  Group group;
  group.change_view({1, 2});
  group.hello(1, true);
  group.hello(2, true);
  REQUIRE(group.dc() == 1);
  group.change_view({1, 2, 3});
  group.hello(3, true);
  group.depose(1);
  group.hello(1, true);
  group.hello(2, true);
  CHECK(group.dc() == 2);
}

TEST_CASE("only the DC of the place where a deposition is ordered can be deposed") {
  Group group;
  group.change_view({1, 2, 3});
  for (const NodeNumber node : {1, 2, 3}) group.hello(node, true);
  group.depose(1);
  CHECK(group.dc() == 2);
  group.depose(1);
  group.depose(3);
  CHECK(group.dc() == 2);
}

TEST_CASE("members that see the same order agree on the DC once a view has settled") {
  rc::prop("same order, same DC", [] {
    Group group;
    const int steps = *rc::gen::inRange(5, 60);
    for (int step = 0; step < steps; ++step) {
      const int what = *rc::gen::inRange(0, 12);
      const auto node = static_cast<NodeNumber>(*rc::gen::inRange(1, 5));
      if (what == 0 || group.members.empty()) {
        std::vector<NodeNumber> nodes;
        for (NodeNumber each = 1; each <= 4; ++each) {
          if (*rc::gen::inRange(0, 4) != 0) nodes.push_back(each);
        }
        if (!nodes.empty()) group.change_view(nodes);
      } else if (what == 1) {
        group.leave_out_silent();
      } else if (what == 2) {
        group.depose(node);
      } else if (group.members.contains(node)) {
        group.hello(node, *rc::gen::inRange(0, 3) != 0);
      }
      if (!group.members.empty() && group.members.begin()->second.settled()) {
        RC_ASSERT(group.dc().has_value());
      }
    }
  });
}
