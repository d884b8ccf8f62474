// quorate-scheduler: CIB in, transition graph out (lib/scheduler_service, lib/scheduler).
#include "cib/schema_validator.h"
#include "io/runtime/daemon.h"
#include "scheduler/schedule.h"
#include "scheduler_service/plan_task.h"
#include "scheduler_service/scheduler_service.h"

namespace {

using namespace quorate;

/// Plans for a copy of the CIB, upgraded to the newest schema first. Runs in worker threads: each
/// has compiled schemas of its own.
Plan plan(xml::Element root, const ScheduleRequest& request) {
  thread_local const cib::SchemaValidator validator;
  Plan plan;
  const auto upgraded = validator.upgrade(root, {});
  if (!upgraded) {
    plan.error = upgraded.error().message;
    return plan;
  }
  scheduler::Input input;
  input.cib = upgraded->root();
  input.now_seconds = request.now_seconds;
  const auto schedule = scheduler::schedule(input);
  if (!schedule) {
    plan.error = schedule.error().message;
    return plan;
  }
  plan.graph = schedule->graph_xml;
  plan.summary = std::to_string(schedule->summary.resources.size()) + " resource changes, " +
                 std::to_string(schedule->summary.nodes.size()) + " node changes";
  return plan;
}

}  // namespace

int main(int argc, char** argv) {
  runtime::DaemonSpec spec;
  spec.daemon = Daemon::kScheduler;
  spec.summary = "computes what the cluster has to do";
  spec.siblings = {Daemon::kCib};
  spec.uses_cluster = spec.joins_group = spec.needs_cluster = false;
  spec.tasks[std::string(kPlanTask)] = [](const std::string& input) {
    return run_plan_task(input, plan);
  };
  spec.make_core = [](const runtime::StartContext&) -> Result<runtime::Core> {
    return runtime::as_core(std::make_shared<SchedulerService>());
  };
  return runtime::run_daemon(argc, argv, spec);
}
