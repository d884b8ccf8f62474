// quorate-scheduler: CIB in, transition graph out (lib/scheduler_service, lib/scheduler).
#include <bzlib.h>

#include <algorithm>
#include <ctime>
#include <stdexcept>

#include "base/text.h"
#include "cib/upgrade.h"
#include "io/runtime/daemon.h"
#include "scheduler/schedule.h"
#include "scheduler_service/planner.h"
#include "scheduler_service/scheduler_service.h"

namespace {

using namespace quorate;

std::int32_t local_offset(std::int64_t seconds) {
  const auto when = static_cast<std::time_t>(seconds);
  std::tm local{};
  localtime_r(&when, &local);
  return static_cast<std::int32_t>(local.tm_gmtoff);
}

/// Under which series an input is filed, by what the scheduler had to say about it (spec/03 §2).
void choose_series(const model::Snapshot& snapshot, Plan& plan) {
  using model::MessageClass;
  const auto has = [&](MessageClass one, MessageClass other) {
    for (const model::Message& message : snapshot.messages)
      if (message.level == one || message.level == other) return true;
    return false;
  };
  if (has(MessageClass::kConfigError, MessageClass::kProcessingError))
    plan.series = "error";
  else if (has(MessageClass::kConfigWarning, MessageClass::kProcessingWarning))
    plan.series = "warn";
  const auto limit = snapshot.option_values.get("pe-" + plan.series + "-series-max");
  const std::int64_t fallback = plan.series == "error" ? -1 : plan.series == "warn" ? 5000 : 4000;
  plan.series_max = limit ? to_integer(*limit).value_or(fallback) : fallback;
}

/// The content of a saved input. For a worker: a large CIB takes a while.
std::string compressed(const std::string& text) {
  auto size = static_cast<unsigned int>(text.size() + text.size() / 100 + 600);
  std::string packed(size, '\0');
  // In units of 100 kB: larger ones than the text needs only take time to be set up.
  const int blocks = static_cast<int>(std::min<std::size_t>(text.size() / 100'000 + 1, 5));
  std::string from = text;
  if (BZ2_bzBuffToBuffCompress(packed.data(), &size, from.data(),
                               static_cast<unsigned int>(from.size()), blocks, 0, 0) != BZ_OK)
    throw std::runtime_error("compression failed");
  packed.resize(size);
  return packed;
}

/// Where the series stood when this daemon last ran.
InputArchive archive_of(const runtime::StartContext& context) {
  std::map<std::string, std::uint64_t, std::less<>> next;
  for (const char* series : {"input", "warn", "error"}) {
    const auto text = context.read_state(series_file(series));
    const auto number = text ? to_integer(trim(*text)) : std::nullopt;
    if (number && *number > 0) next[series] = static_cast<std::uint64_t>(*number);
  }
  return {context.state_folder, std::move(next)};
}

/// Plans for a CIB, upgraded before if its schema is too old to be used as it is (spec/01 §16.2).
Plan plan(xml::Element root, const ScheduleRequest& request) {
  thread_local cib::Schemas schemas;
  Plan plan;
  xml::Document upgraded;
  cib::UpgradeReport report;
  if (!cib::is_usable(root)) {
    upgraded = xml::Document::copy_of(root);
    auto made = cib::make_usable(upgraded, schemas);
    if (!made) {
      plan.series = "error";
      plan.series_max = -1;
      plan.error = made.error().message;
      return plan;
    }
    report = std::move(*made);
    root = upgraded.root();
  }
  scheduler::Input input;
  input.cib = root;
  input.now_seconds = request.now_seconds;
  input.now_offset_seconds = input.local_offset_seconds = local_offset(request.now_seconds);
  input.transition_id = request.graph_number;
  const auto schedule = scheduler::schedule(input);
  if (!schedule) {
    plan.error = schedule.error().message;
    return plan;
  }
  choose_series(*schedule->snapshot, plan);
  plan.graph = schedule->graph_xml;
  plan.summary = std::to_string(schedule->summary.resources.size()) + " resource changes, " +
                 std::to_string(schedule->summary.nodes.size()) + " node changes";
  if (const std::string upgrade = cib::describe(report); !upgrade.empty()) {
    plan.summary += ". " + upgrade + ". Make it last with cibadmin --upgrade";
  }
  return plan;
}

}  // namespace

int main(int argc, char** argv) {
  runtime::DaemonSpec spec;
  spec.daemon = Daemon::kScheduler;
  spec.summary = "computes what the cluster has to do";
  spec.siblings = {Daemon::kCib};
  spec.uses_cluster = spec.joins_group = spec.needs_cluster = false;
  spec.strand = runtime::strand_of(std::make_shared<Planner>(plan, InputArchive::kMaxInputBytes),
                                   Planner::kTasks);
  spec.tasks[std::string(kSaveTask)] = compressed;
  spec.make_core = [](const runtime::StartContext& context) -> Result<runtime::Core> {
    return runtime::as_core(std::make_shared<SchedulerService>(archive_of(context)));
  };
  return runtime::run_daemon(argc, argv, spec);
}
