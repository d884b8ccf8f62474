#include "cores.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "attributes/attributes.h"
#include "controller/controller.h"
#include "executor/executor.h"
#include "fencer/fencer.h"
#include "launcher/launcher.h"
#include "replica/disk.h"
#include "replica/replica.h"
#include "replica_probe.h"
#include "scheduler/schedule.h"
#include "scheduler_service/planner.h"
#include "scheduler_service/scheduler_service.h"
#include "world.h"

namespace quorate::sim {

std::vector<Daemon> siblings_of(Daemon daemon) {
  switch (daemon) {
    case Daemon::kController:
      return {Daemon::kCib, Daemon::kAttributes, Daemon::kScheduler, Daemon::kExecutor,
              Daemon::kFencer};
    case Daemon::kAttributes:
      return {Daemon::kCib};
    case Daemon::kScheduler:
      return {Daemon::kCib};
    case Daemon::kExecutor:
      return {Daemon::kFencer};
    case Daemon::kFencer:
      return {Daemon::kCib};
    case Daemon::kLauncher:
      return {kDaemons.begin(), kDaemons.end()};
    default:
      return {};
  }
}

bool has_group(Daemon daemon) {
  return daemon == Daemon::kCib || daemon == Daemon::kAttributes || daemon == Daemon::kController ||
         daemon == Daemon::kFencer;
}

namespace {

std::unique_ptr<AnyCore> make_controller(const Machine& machine, std::uint64_t process) {
  ControllerConfig config;
  config.node = machine.node();
  config.name = machine.name();
  config.uuid = fmt::format("{:08x}-0000-4000-8000-{:012x}", machine.node(), process);
  config.token_timeout_ms = 1'000;
  return std::make_unique<Held<Controller>>(config);
}

std::unique_ptr<AnyCore> make_executor(const Machine& machine) {
  executor::ExecutorConfig config;
  config.node_name = machine.name();
  return std::make_unique<Held<executor::Executor>>(config);
}

std::unique_ptr<AnyCore> make_fencer(const Machine& machine, std::uint64_t process) {
  fencer::FencerConfig config;
  config.node_name = machine.name();
  config.node = machine.node();
  config.random_seed = process;
  return std::make_unique<Held<fencer::Fencer>>(config);
}

std::unique_ptr<AnyCore> make_launcher(const Machine& machine) {
  LauncherOptions options;
  for (const auto& [daemon, process] : machine.daemons_running()) {
    options.running[daemon] = static_cast<std::int32_t>(process);
  }
  return std::make_unique<Held<Launcher>>(std::move(options));
}

/// With at most so many versions of each.
std::vector<replica::StoredFile> replica_files(const Machine& machine, std::size_t versions) {
  std::vector<replica::StoredFile> files;
  const auto folder = machine.disk.files.find(Daemon::kCib);
  if (folder != machine.disk.files.end()) {
    for (const auto& [name, file] : folder->second) {
      for (std::size_t i = 0; i < std::min(versions, file.versions.size()); ++i) {
        files.push_back({i == 0 ? name : fmt::format("{}.{}", name, i), file.versions[i]});
      }
    }
  }
  return files;
}
constexpr std::size_t kAllVersions = std::numeric_limits<std::size_t>::max();

/// A replica starts with what the disk holds. Schemas aren't part of the simulation: validating is
/// pure and has tests of its own, and would take most of a run's time.
std::unique_ptr<AnyCore> make_replica(const Machine& machine) {
  replica::ReplicaConfig config;
  config.node = machine.node();
  config.node_name = machine.name();
  config.files = replica_files(machine, kAllVersions);
  config.long_patch_bytes = 2'000;   // so that there are long ones
  config.large_copy_elements = 400;  // likewise
  return std::make_unique<Held<replica::Replica>>(std::move(config));
}

Plan plan(xml::Element cib, const ScheduleRequest& request) {
  scheduler::Input input;
  input.cib = cib;
  input.now_seconds = request.now_seconds;
  input.transition_id = request.graph_number;
  const auto schedule = scheduler::schedule(input);
  if (!schedule) return {"", "", schedule.error().message};
  return {schedule->graph_xml, "planned", ""};
}

}  // namespace

std::unique_ptr<Planner> make_planner(std::int64_t& planned_for) {
  return std::make_unique<Planner>([&](xml::Element cib, const ScheduleRequest& request) {
    planned_for = request.now_seconds;
    return plan(cib, request);
  });
}

std::unique_ptr<AnyCore> make_core(World&, Machine& machine, Daemon daemon,
                                   std::uint64_t process_number) {
  switch (daemon) {
    case Daemon::kController:
      return make_controller(machine, process_number);
    case Daemon::kAttributes:
      return std::make_unique<Held<Attributes>>(AttributesConfig{machine.node(), machine.name()});
    case Daemon::kExecutor:
      return make_executor(machine);
    case Daemon::kFencer:
      return make_fencer(machine, process_number);
    case Daemon::kScheduler:
      return std::make_unique<Held<SchedulerService>>();
    case Daemon::kCib:
      return make_replica(machine);
    case Daemon::kLauncher:
      return make_launcher(machine);
  }
  return nullptr;
}

namespace {
const Controller& controller_of(const AnyCore& core) { return *core_as<Controller>(core); }
}  // namespace

bool is_dc(const AnyCore& core) { return controller_of(core).is_dc(); }

bool is_joining(const AnyCore& core) {
  const std::string_view state = controller_of(core).state();
  return state == "S_PENDING" || state == "S_STARTING" || state == "S_INTEGRATION" ||
         state == "S_FINALIZE_JOIN";
}

bool is_planning(const AnyCore& core) { return controller_of(core).state() == "S_POLICY_ENGINE"; }

bool is_idle(const AnyCore& core) {
  const Controller& controller = controller_of(core);
  return controller.is_dc() ? controller.idle() : controller.state() == "S_NOT_DC";
}

std::string dc_of(const AnyCore& core) {
  const controller::Membership& membership = controller_of(core).membership();
  return membership.dc() == 0 ? std::string() : membership.name_of(membership.dc());
}

bool is_transferring(const AnyCore& core) {
  return core_as<replica::Replica>(core)->is_transferring();
}

std::string attributes_of(const AnyCore& core) {
  std::string text;
  for (const auto& [name, attribute] : core_as<Attributes>(core)->table().attributes()) {
    for (const auto& [node, value] : attribute.values) {
      if (value.value) text += fmt::format("{} of {} is {}; ", name, node, *value.value);
    }
  }
  return text;
}

std::string document_of(const AnyCore& core) {
  return core_as<replica::Replica>(core)->cib().to_string();
}

ReplicaOnDisk replica_on_disk(const Machine& machine) {
  // Mostly what was written last is in place, and nothing has to be parsed to tell.
  const std::vector<replica::StoredFile> present = replica_files(machine, 1);
  if (const auto newest = replica::newest_in_place(present)) {
    return {std::string(newest->document), newest->proposed};
  }
  const replica::Loaded loaded = replica::load(replica_files(machine, kAllVersions));
  return {loaded.cib ? loaded.cib->to_string() : std::string(), loaded.proposed};
}

std::optional<ReplicaState> replica_state(const AnyCore& core) {
  const auto& replica = *core_as<replica::Replica>(core);
  if (!replica.in_sync()) return std::nullopt;
  return ReplicaState{replica.round(), replica.order(), replica.chain(), replica.lineage()};
}

}  // namespace quorate::sim
