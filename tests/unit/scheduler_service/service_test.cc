#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

#include "messages/codec.h"
#include "messages/replica.h"
#include "scheduler_service/planner.h"
#include "scheduler_service/scheduler_service.h"

using namespace quorate;

namespace {

constexpr std::string_view kCib =
    R"(<cib admin_epoch="0" epoch="1" num_updates="0"><configuration><crm_config/><nodes/></configuration><status/></cib>)";

/// The core, and the planner as the shell runs it: in order, when the test says so.
struct Service {
  SchedulerService core;
  std::string planned_for;  ///< the CIB the last plan was made for
  Planner planner{[this](xml::Element cib, const auto&) {
    planned_for = cib.to_string();
    return Plan{"<transition_graph transition_id=\"1\"/>", "nothing to do", {}};
  }};
  std::deque<ComputeAside> strand;

  /// Does the planner's work; what the core made of it.
  Effects work() {
    Effects all;
    while (!strand.empty()) {
      const ComputeAside next = std::move(strand.front());
      strand.pop_front();
      const Result<std::string> output = planner.run(next.task, next.input);
      Effects effects =
          feed(ComputeDone{next.request, output ? *output : output.error().message, !output});
      for (Effect& effect : effects) all.push_back(std::move(effect));
    }
    return all;
  }
  Effects feed(const Event& event) {
    Effects effects;
    core.handle(event, Now{}, effects);
    for (const Effect& effect : effects) {
      if (const auto* aside = std::get_if<ComputeAside>(&effect)) strand.push_back(*aside);
    }
    return effects;
  }
  Effects snapshot(std::uint64_t position) {
    return feed(
        SiblingMessage{Daemon::kCib, encode(CibSnapshot{position, {0, 1, 0}, std::string(kCib)})});
  }
  Effects change(std::uint64_t position, const std::string& patch) {
    CibChange change;
    change.position = position;
    change.patch = patch;
    return feed(SiblingMessage{Daemon::kCib, encode(change)});
  }
  Effects standby(bool ready) { return feed(ClientMessage{5, encode(ScheduleStandby{ready})}); }
  Effects ask(std::uint64_t id, std::uint64_t position) {
    ScheduleRequest request;
    request.id = id;
    request.position = position;
    request.dc_id = "1";
    return feed(ClientMessage{5, encode(request)});
  }
};

std::string patch_epoch(int from, int to) {
  return "<diff format=\"2\"><version><source admin_epoch=\"0\" epoch=\"" + std::to_string(from) +
         "\" num_updates=\"0\"/><target admin_epoch=\"0\" epoch=\"" + std::to_string(to) +
         "\" num_updates=\"0\"/></version><change operation=\"create\" "
         "path=\"/cib/configuration/nodes\" position=\"0\"><node id=\"" +
         std::to_string(to) + "\" uname=\"n\"/></change></diff>";
}

bool plans(const Effects& effects) {
  return std::any_of(effects.begin(), effects.end(), [](const Effect& effect) {
    const auto* aside = std::get_if<ComputeAside>(&effect);
    return aside != nullptr && aside->task == Planner::kPlanTask;
  });
}

std::vector<ScheduleReply> replies_in(const Effects& effects) {
  std::vector<ScheduleReply> replies;
  for (const Effect& effect : effects) {
    const auto* reply = std::get_if<Reply>(&effect);
    if (reply != nullptr) replies.push_back(*decode_schedule_reply(reply->payload));
  }
  return replies;
}

/// Names of the messages to quorate-cib.
std::vector<std::string> told(const Effects& effects) {
  std::vector<std::string> names;
  for (const Effect& effect : effects) {
    if (const auto* sent = std::get_if<SendSibling>(&effect)) {
      names.emplace_back(codec::message_name(sent->payload));
    }
  }
  return names;
}

}  // namespace

TEST_CASE("a copy is kept only while a controller is on standby or waits for a plan") {
  using Names = std::vector<std::string>;
  Service service;
  CHECK(told(service.feed(SiblingUp{Daemon::kCib})).empty());
  CHECK(told(service.standby(true)) == Names{"cib-subscribe"});
  service.snapshot(10);
  CHECK(service.core.position() == 10);
  CHECK(told(service.standby(true)).empty());
  CHECK(told(service.standby(false)) == Names{"cib-unsubscribe"});
  CHECK_FALSE(service.core.position());
  // What was on its way is no copy.
  service.snapshot(11);
  CHECK_FALSE(service.core.position());
  // A question fetches one, and its answer lets it go.
  CHECK(told(service.ask(1, 12)) == Names{"cib-subscribe"});
  const Effects answered = service.snapshot(12);
  CHECK(plans(answered));
  CHECK(told(answered) == Names{"cib-unsubscribe"});
  // The copy is dropped behind the plan.
  CHECK(replies_in(service.work()).at(0).error.empty());
  // With its client the reason for a copy goes.
  CHECK(told(service.standby(true)) == Names{"cib-subscribe"});
  CHECK(told(service.feed(ClientGone{5})) == Names{"cib-unsubscribe"});
  // After a restart of the service the standby still counts.
  service.standby(true);
  service.feed(SiblingDown{Daemon::kCib});
  CHECK(told(service.feed(SiblingUp{Daemon::kCib})) == Names{"cib-subscribe"});
}

TEST_CASE("a plan is made only from a copy that holds what was asked for") {
  Service service;
  service.feed(SiblingUp{Daemon::kCib});
  CHECK_FALSE(plans(service.ask(1, 11)));
  CHECK_FALSE(plans(service.snapshot(10)));
  CHECK(plans(service.change(11, patch_epoch(1, 2))));
  // Comes too late for the plan, whenever the planner gets to it.
  service.change(12, patch_epoch(2, 3));

  const auto replies = replies_in(service.work());
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].id == 1);
  CHECK(replies[0].position == 11);
  CHECK(service.planned_for.find("<node id=\"2\"") != std::string::npos);
  CHECK(service.planned_for.find("<node id=\"3\"") == std::string::npos);
  CHECK(service.planned_for.find("have-quorum=\"false\"") != std::string::npos);
  CHECK(service.planned_for.find("cib-bootstrap-options-have-watchdog") != std::string::npos);
}

TEST_CASE("what is set for a plan isn't part of the copy") {
  Service service;
  service.feed(SiblingUp{Daemon::kCib});
  service.standby(true);
  service.snapshot(10);
  service.ask(1, 10);
  service.work();
  // A patch names places by position: it wouldn't fit otherwise.
  service.change(11, R"(<diff format="2"><version>
      <source admin_epoch="0" epoch="1" num_updates="0"/><target admin_epoch="0" epoch="2" num_updates="0"/></version>
      <change operation="create" path="/cib/configuration/crm_config" position="0">
      <cluster_property_set id="cib-bootstrap-options"/></change></diff>)");
  service.ask(2, 11);
  CHECK(replies_in(service.work()).at(0).error.empty());
  const std::string name = "have-watchdog";
  const std::size_t first = service.planned_for.find("\"" + name + "\"");
  REQUIRE(first != std::string::npos);
  CHECK(service.planned_for.find("\"" + name + "\"", first + 1) == std::string::npos);
}

TEST_CASE("only the latest question of a client is planned for") {
  Service service;
  service.feed(SiblingUp{Daemon::kCib});
  service.ask(1, 20);
  service.ask(2, 20);
  service.snapshot(20);
  const auto replies = replies_in(service.work());
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].id == 2);
}

TEST_CASE("while a plan is made for a client, of what it asks further only the latest waits") {
  Service service;
  service.feed(SiblingUp{Daemon::kCib});
  service.standby(true);
  service.snapshot(10);
  CHECK(plans(service.ask(1, 10)));
  CHECK_FALSE(plans(service.ask(2, 10)));
  CHECK_FALSE(plans(service.ask(3, 10)));
  const auto replies = replies_in(service.work());
  REQUIRE(replies.size() == 2);
  CHECK(replies[0].id == 1);
  CHECK(replies[1].id == 3);
}

TEST_CASE("a change that doesn't fit makes the service fetch the document anew") {
  using Names = std::vector<std::string>;
  Service service;
  service.feed(SiblingUp{Daemon::kCib});
  service.standby(true);
  service.snapshot(10);
  service.change(
      11,
      R"(<diff format="2"><change operation="modify" path="/cib/nothing"><change-result><a/></change-result></change></diff>)");
  service.change(12, patch_epoch(1, 2));
  // Asked before anybody knows: waits for the new copy.
  CHECK(plans(service.ask(1, 12)));
  const Effects known = service.work();
  CHECK(told(known) == Names{"cib-subscribe"});
  CHECK(replies_in(known).empty());
  CHECK_FALSE(service.core.position());
  CHECK(plans(service.snapshot(12)));
  const auto replies = replies_in(service.work());
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].error.empty());
  CHECK(replies[0].position == 12);
}

TEST_CASE("a document that can't be read is an answer, and isn't fetched again unasked") {
  using Names = std::vector<std::string>;
  Service service;
  service.feed(SiblingUp{Daemon::kCib});
  service.ask(1, 11);
  service.feed(SiblingMessage{Daemon::kCib, encode(CibSnapshot{10, {0, 1, 0}, "<cib"})});
  const Effects known = service.work();
  CHECK(told(known) == Names{"cib-unsubscribe"});
  REQUIRE(replies_in(known).size() == 1);
  CHECK_FALSE(replies_in(known)[0].error.empty());
  CHECK(told(service.ask(2, 11)) == Names{"cib-subscribe"});
}

TEST_CASE("quorate-cib hears of changes when they are in the copy, not when they have come") {
  Service service;
  service.feed(SiblingUp{Daemon::kCib});
  service.standby(true);
  service.snapshot(10);
  for (int epoch = 1; epoch <= 50; ++epoch) {
    CHECK(
        told(service.change(10 + static_cast<std::uint64_t>(epoch), patch_epoch(epoch, epoch + 1)))
            .empty());
  }
  CHECK(told(service.work()) == std::vector<std::string>{"cib-seen"});
}

TEST_CASE("a plan that fails is an answer with the reason") {
  SchedulerService core;
  const auto feed = [&](const Event& event) {
    Effects effects;
    core.handle(event, Now{}, effects);
    return effects;
  };
  feed(SiblingUp{Daemon::kCib});
  ScheduleRequest request;
  request.id = 3;
  feed(ClientMessage{5, encode(request)});
  const Effects asked =
      feed(SiblingMessage{Daemon::kCib, encode(CibSnapshot{1, {0, 1, 0}, std::string(kCib)})});
  std::uint64_t plan = 0;
  for (const Effect& effect : asked) {
    const auto* aside = std::get_if<ComputeAside>(&effect);
    if (aside != nullptr && aside->task == Planner::kPlanTask) plan = aside->request;
  }
  const auto replies = replies_in(feed(ComputeDone{plan, "refused: brought down twice", true}));
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].id == 3);
  CHECK(replies[0].error == "refused: brought down twice");
}

TEST_CASE("what a planner works on is known again after a restart") {
  const auto nothing = [](xml::Element, const auto&) { return Plan{}; };
  Planner before(nothing);
  Planner after(nothing);
  CHECK(before.run(Planner::kTakeTask, kCib));
  CHECK(after.run(Planner::kTakeTask, kCib));
  CHECK(before.identity(Planner::kPlanTask) == after.identity(Planner::kPlanTask));
  CHECK(after.run(Planner::kChangeTask,
                  R"(<diff format="2"><change operation="modify" path="/cib"><change-list>
      <change-attr name="epoch" operation="set" value="2"/></change-list><change-result>
      <cib admin_epoch="0" epoch="2" num_updates="0"/></change-result></change></diff>)"));
  CHECK(before.identity(Planner::kPlanTask) != after.identity(Planner::kPlanTask));
}

TEST_CASE("a planner repeats a request in place of a long patch, if it leads where it should") {
  Planner planner([](xml::Element, const auto&) { return Plan{}; });
  OrderedRequest request;
  request.what.operation = cib::Operation::kModify;
  request.what.section = "nodes";
  request.what.options.may_create = true;
  request.what.data = "<nodes><node id='7' uname='seventh'/></nodes>";
  const std::string message = "0.2.0\n" + encode(ReplicaMessage(request));
  REQUIRE(
      planner.run(Planner::kTakeTask,
                  "<cib admin_epoch='0' epoch='1' num_updates='0' validate-with='pacemaker-4.0'>"
                  "<configuration><crm_config/><nodes/></configuration><status/></cib>"));
  CHECK(planner.run(Planner::kRepeatTask, message));
  CHECK(planner.identity(Planner::kPlanTask) == "0.2.0");
  CHECK_FALSE(planner.run(Planner::kRepeatTask, message));  // it changes nothing more
  CHECK(planner.identity(Planner::kPlanTask) == "");
}

TEST_CASE("a copy that has grown too long to be saved isn't written for each plan") {
  constexpr std::size_t kLongest = 1000;
  Planner planner([](xml::Element, const auto&) { return Plan{"<graph/>", {}, {}}; }, kLongest);
  const auto saved = [&] {
    const auto output =
        decode_plan_output(*planner.run(Planner::kPlanTask, encode(ScheduleRequest{})));
    return !output->input.empty();
  };
  const auto change = [&](const std::string& changes) {
    REQUIRE(planner.run(Planner::kChangeTask, "<diff format='2'>" + changes + "</diff>"));
  };
  const std::string path = "path='/cib/configuration/nodes'";
  REQUIRE(planner.run(Planner::kTakeTask, kCib));
  CHECK(saved());
  std::string nodes;
  std::string gone;
  for (int i = 0; i < 30; ++i) {
    const std::string id = std::to_string(i);
    nodes += "<change operation='create' position='0' " + path + "><node id='" + id + "' uname='" +
             std::string(40, 'n') + "'/></change>";
    gone += "<change operation='delete' path=\"/cib/configuration/nodes/node[@id='" + id + "']\"/>";
  }
  change(nodes);
  CHECK_FALSE(saved());
  CHECK_FALSE(saved());
  change(gone);
  CHECK(saved());
}

TEST_CASE("hostile content gives errors, never an end") {
  Service service;
  service.feed(SiblingMessage{Daemon::kCib, "<cib-snapshot"});
  service.feed(ClientMessage{1, "\xff"});
  Planner planner([](xml::Element, const auto&) { return Plan{}; });
  CHECK_FALSE(planner.run(Planner::kTakeTask, "<cib"));
  CHECK_FALSE(planner.run(Planner::kChangeTask, "<diff/>"));
  REQUIRE(planner.run(Planner::kTakeTask, kCib));
  CHECK_FALSE(planner.run(Planner::kRepeatTask, "0.2.0\n<diff/>"));
  CHECK_FALSE(planner.run(Planner::kRepeatTask, ""));
  const auto output = decode_plan_output(*planner.run(Planner::kPlanTask, "<plan protocol='1'/>"));
  REQUIRE(output);
  CHECK_FALSE(decode_schedule_reply(output->reply)->error.empty());
}
