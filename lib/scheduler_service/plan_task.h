#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "messages/scheduler.h"
#include "xml/document.h"

namespace quorate {

/// What planning gives: the graph, or why there is none.
struct Plan {
  std::string graph;    ///< transition graph XML (spec/06)
  std::string summary;  ///< one line
  std::string error;
  std::string series = "input";    ///< "warn" or "error" if the configuration has such flaws
  std::int64_t series_max = 4000;  ///< how many inputs of the series are kept; -1: all
};

/// Plans for a prepared CIB; `request` says when and under which number. The scheduler library, or
/// a stand-in in tests. Must be pure.
using PlanFunction = std::function<Plan(xml::Element cib, const ScheduleRequest& request)>;

/// Name of the ComputeAside task of SchedulerService.
inline constexpr std::string_view kPlanTask = "schedule";

/// Input of the task: the question, and the copy of the CIB it is answered from.
std::string plan_task_input(const ScheduleRequest& request, std::uint64_t position,
                            std::string_view cib);
/// The task itself, for the shell's worker: an encoded ScheduleReply. Content that can't be used
/// gives a reply with an error.
std::string run_plan_task(std::string_view input, const PlanFunction& plan);

/// The input of a plan as it is saved: the prepared CIB with `execution-date`, the time of the
/// plan, so that `crm_simulate -x` gives the same plan. Errors name what is wrong with `input`,
/// which is that of the task.
Result<std::string> saved_input(std::string_view input);

/// Sets what the scheduler is told besides the CIB (spec/09 §11): dc-uuid, have-quorum,
/// have-watchdog, no-quorum-panic.
void prepare_for_planning(xml::Element cib, const ScheduleRequest& request);

}  // namespace quorate
