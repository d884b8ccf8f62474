#include "scheduler_service/input_archive.h"

#include <catch2/catch.hpp>

#include "scheduler_service/planner.h"
#include "scheduler_service/scheduler_service.h"

using namespace quorate;

namespace {

template <class Wanted>
std::vector<Wanted> all(const Effects& effects) {
  std::vector<Wanted> found;
  for (const Effect& effect : effects)
    if (const auto* one = std::get_if<Wanted>(&effect)) found.push_back(*one);
  return found;
}

/// Ends the computation that was asked for last.
Effects saved(InputArchive& archive, const Effects& asked, bool failed = false) {
  Effects effects;
  CHECK(archive.compute_done({all<ComputeAside>(asked).at(0).request, "packed", failed}, effects));
  return effects;
}

}  // namespace

TEST_CASE("inputs are numbered where the last run stopped, up to the limit and from 0 again") {
  InputArchive archive("/state", {{"input", 2}});
  Effects effects;
  CHECK(archive.keep("input", 4, "a", effects) == "/state/pe-input-2.bz2");
  Effects after = saved(archive, effects);
  REQUIRE(all<WriteFile>(after).size() == 2);
  CHECK(all<WriteFile>(after)[0].name == "pe-input-2.bz2");
  CHECK(all<WriteFile>(after)[0].content == "packed");
  CHECK(all<WriteFile>(after)[1].name == "pe-input.last");
  CHECK(all<WriteFile>(after)[1].content == "3\n");
  effects.clear();
  CHECK(archive.keep("input", 4, "b", effects) == "/state/pe-input-3.bz2");
  CHECK(archive.keep("input", 4, "c", effects) == "/state/pe-input-0.bz2");
  CHECK(archive.keep("error", -1, "d", effects) == "/state/pe-error-0.bz2");
  CHECK(archive.keep("warn", 0, "e", effects).empty());
  // One after the other.
  REQUIRE(all<ComputeAside>(effects).size() == 1);
  CHECK(all<ComputeAside>(effects)[0].input == "b");
  after = saved(archive, effects);
  REQUIRE(all<ComputeAside>(after).size() == 1);
  CHECK(all<ComputeAside>(after)[0].input == "c");
  after = saved(archive, after, true);
  CHECK(all<WriteFile>(after).empty());
  CHECK(all<Log>(after).size() == 1);
  CHECK(all<ComputeAside>(after).at(0).input == "d");
}

TEST_CASE("inputs that come faster than they can be kept are given up, the oldest first") {
  InputArchive archive("/state", {});
  Effects effects;
  for (std::size_t i = 0; i < InputArchive::kMaxWaiting + 2; ++i)
    archive.keep("input", -1, std::to_string(i), effects);
  REQUIRE(all<Log>(effects).size() == 1);
  CHECK(all<Log>(effects)[0].record.text.find("pe-input-1.bz2") != std::string::npos);
  CHECK(all<ComputeAside>(saved(archive, effects)).at(0).input == "2");
}

TEST_CASE("an input too long to be compressed for every plan isn't kept") {
  InputArchive archive("/state", {});
  Effects effects;
  CHECK(archive.keep("input", 10, std::string(InputArchive::kMaxInputBytes + 1, 'x'), effects)
            .empty());
  CHECK(effects.empty());
  CHECK(archive.keep("input", 10, std::string(1000, 'x'), effects) == "/state/pe-input-0.bz2");
}

TEST_CASE("what is saved is the CIB as it was planned for, with the time of the plan") {
  constexpr std::string_view kCib =
      "<cib epoch=\"1\"><configuration><crm_config/></configuration><status/></cib>";
  ScheduleRequest request;
  request.now_seconds = 1234;
  request.dc_id = "3";
  request.quorate = true;
  const auto saved = [&](std::size_t longest) {
    Planner planner([](xml::Element, const auto&) { return Plan{}; }, longest);
    CHECK(planner.run(Planner::kTakeTask, kCib));
    return decode_plan_output(*planner.run(Planner::kPlanTask, encode(request)))->input;
  };
  const std::string text = saved(1000);
  CHECK(text.find("execution-date=\"1234\"") != std::string::npos);
  CHECK(text.find("dc-uuid=\"3\"") != std::string::npos);
  CHECK(text.find("have-quorum=\"true\"") != std::string::npos);
  CHECK(saved(kCib.size() - 1).empty());
}

TEST_CASE("the answer names the file and comes before anything is saved") {
  SchedulerService service(InputArchive("/state", {}));
  Planner planner(
      [](xml::Element, const auto&) {
        Plan plan;
        plan.graph = "<transition_graph/>";
        plan.series = "warn";
        plan.series_max = 10;
        return plan;
      },
      1000);
  Effects asked;
  service.handle(SiblingUp{Daemon::kCib}, Now{}, asked);
  ScheduleRequest request;
  request.id = 7;
  service.handle(ClientMessage{5, encode(request)}, Now{}, asked);
  service.handle(
      SiblingMessage{
          Daemon::kCib,
          encode(CibSnapshot{1,
                             {0, 1, 0},
                             "<cib epoch=\"1\"><configuration><crm_config/><nodes/></configuration>"
                             "<status/></cib>"})},
      Now{}, asked);
  Effects done;
  for (const ComputeAside& work : all<ComputeAside>(asked)) {
    service.handle(ComputeDone{work.request, *planner.run(work.task, work.input), false}, Now{},
                   done);
  }
  const auto replies = all<Reply>(done);
  REQUIRE(replies.size() == 1);
  const auto reply = decode_schedule_reply(replies[0].payload);
  REQUIRE(reply);
  CHECK(reply->id == 7);
  CHECK(reply->graph == "<transition_graph/>");
  CHECK(reply->source == "/state/pe-warn-0.bz2");
  REQUIRE(std::holds_alternative<ComputeAside>(done.back()));
  CHECK(std::get<ComputeAside>(done.back()).task == kSaveTask);
  CHECK(std::get<ComputeAside>(done.back()).input.find("<cib epoch=\"1\"") == 0);
}
