#include <catch2/catch.hpp>

#include "messages/codec.h"
#include "scheduler_service/plan_task.h"
#include "scheduler_service/scheduler_service.h"

using namespace quorate;

namespace {

constexpr std::string_view kCib =
    R"(<cib admin_epoch="0" epoch="1" num_updates="0"><configuration><crm_config/><nodes/></configuration><status/></cib>)";

struct Service {
  SchedulerService core;
  Effects feed(const Event& event) {
    Effects effects;
    core.handle(event, Now{}, effects);
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

const ComputeAside* work_in(const Effects& effects) {
  for (const Effect& effect : effects) {
    if (const auto* work = std::get_if<ComputeAside>(&effect)) return work;
  }
  return nullptr;
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
  CHECK(work_in(answered) != nullptr);
  CHECK(told(answered) == Names{"cib-unsubscribe"});
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
  CHECK(work_in(service.ask(1, 11)) == nullptr);
  CHECK(work_in(service.snapshot(10)) == nullptr);
  const Effects effects = service.change(11, patch_epoch(1, 2));
  const ComputeAside* work = work_in(effects);
  REQUIRE(work != nullptr);
  CHECK(work->task == kPlanTask);

  std::string seen;
  const std::string output = run_plan_task(work->input, [&](xml::Element cib, const auto&) {
    seen = cib.to_string();
    return Plan{"<transition_graph transition_id=\"1\"/>", "nothing to do", {}};
  });
  CHECK(seen.find("<node id=\"2\"") != std::string::npos);
  CHECK(seen.find("have-quorum=\"false\"") != std::string::npos);
  CHECK(seen.find("cib-bootstrap-options-have-watchdog") != std::string::npos);
  const Effects answered = service.feed(ComputeDone{work->request, output});
  REQUIRE(answered.size() == 1);
  const auto reply = decode_schedule_reply(std::get<Reply>(answered[0]).payload);
  REQUIRE(reply);
  CHECK(reply->id == 1);
  CHECK(reply->position == 11);
}

TEST_CASE("only the latest question of a client is planned for") {
  Service service;
  service.feed(SiblingUp{Daemon::kCib});
  service.ask(1, 20);
  service.ask(2, 20);
  Effects effects = service.snapshot(20);
  int works = 0;
  for (const Effect& effect : effects) works += std::holds_alternative<ComputeAside>(effect);
  CHECK(works == 1);
}

TEST_CASE("a change that doesn't fit makes the service fetch the document anew") {
  Service service;
  service.feed(SiblingUp{Daemon::kCib});
  service.standby(true);
  service.snapshot(10);
  const Effects effects = service.change(
      11,
      R"(<diff format="2"><change operation="modify" path="/cib/nothing"><change-result><a/></change-result></change></diff>)");
  bool subscribed = false;
  for (const Effect& effect : effects) subscribed |= std::holds_alternative<SendSibling>(effect);
  CHECK(subscribed);
  CHECK_FALSE(service.core.position());
  CHECK(work_in(service.ask(1, 5)) == nullptr);
}

TEST_CASE("hostile content gives errors, never an end") {
  Service service;
  service.feed(SiblingMessage{Daemon::kCib, "<cib-snapshot"});
  service.feed(ClientMessage{1, "\xff"});
  const auto reply = decode_schedule_reply(
      run_plan_task("<plan protocol='1'/>", [](xml::Element, const auto&) { return Plan{}; }));
  REQUIRE(reply);
  CHECK_FALSE(reply->error.empty());
}
