#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cluster_layer.h"
#include "machine.h"
#include "random.h"
#include "time_line.h"

namespace quorate::sim {

/// A broken invariant ends the run.
struct Violation {
  std::int64_t time_us = 0;
  std::string what;
};

/// How an agent is to misbehave; the next run of it uses this up.
struct AgentFault {
  enum class Kind { kFail, kHang, kSlow, kFlood, kCrash };
  Kind kind = Kind::kFail;
  std::string action;    ///< empty: any
  std::string resource;  ///< empty: any; for fence agents the target
  bool fence = false;
  std::int64_t slow_us = 0;
};

/// Told about everything that matters to an invariant or to the timing of faults, while it happens.
class Observer {
 public:
  virtual ~Observer() = default;
  /// An agent's action begins on a machine (`promote` included).
  virtual void action_begins(const Machine&, const AgentRun&) {}
  /// The truth about a resource on a machine changed.
  virtual void activity_changed(const Machine&, const std::string& /*resource*/) {}
  virtual void action_ended(const Machine&, const AgentRun&, const ProcessResult&) {}
  /// A fence agent took this machine's power away, or confirmed that it is off.
  virtual void fenced(const Machine&) {}
  virtual void powered_off(const Machine&) {}
  /// A daemon handled an event.
  virtual void event_handled(const Machine&, const Process&) {}
  /// A client asks a machine for a change of the configuration.
  virtual void change_asked(const Machine&) {}
  /// A daemon of this machine has just acknowledged as durable what put this id into the CIB.
  virtual void change_durable(const Machine&, const std::string& /*id*/) {}
  /// An agent is about to misbehave as a fault planned.
  virtual void agent_misbehaves(const AgentFault&) {}
};

struct WorldConfig {
  std::uint64_t seed = 1;
  int nodes = 3;
  bool trace = false;
  bool trace_messages = false;
};

/// A whole cluster in one process: machines with daemons, disks and agents, a network with a
/// cluster layer, time. What happens depends on the seed alone.
class World {
 public:
  explicit World(const WorldConfig& config);
  ~World();

  TimeLine time;
  Random random;
  std::unique_ptr<ClusterLayer> layer;
  std::vector<std::unique_ptr<Machine>> machines;
  std::vector<AgentFault> agent_faults;
  std::int64_t extra_compute_us = 0;  ///< planning and transfer take that much longer
  std::vector<Observer*> observers;

  Machine& machine(NodeNumber node) { return *machines[node - 1]; }
  Machine* machine_named(const std::string& name);
  const std::vector<Member>& configured() const { return configured_; }

  template <class... Parameters, class... Arguments>
  void tell(void (Observer::*what)(Parameters...), const Arguments&... arguments) {
    for (Observer* observer : observers) (observer->*what)(arguments...);
  }
  void fail(std::string what);
  const std::vector<Violation>& violations() const { return violations_; }

  void trace(const std::string& line);
  bool tracing() const { return config_.trace; }
  bool tracing_messages() const { return config_.trace && config_.trace_messages; }
  const std::vector<std::string>& log() const { return log_; }

  /// Runs until `end_us` or a violation.
  void run_until(std::int64_t end_us);

  // For Process.
  void run_agent(Machine& machine, Process& process, RunProcess& what);
  void kill_agent(Machine& machine, std::uint64_t process, std::uint64_t request, int signal);
  std::uint64_t next_process_number() { return next_process_++; }
  void machine_lost_power(Machine& machine);
  /// What the launcher is told of the cluster layer on its machine: that it runs.
  NodeMembership membership_of(const Machine& machine) const;

 private:
  friend class Machine;
  void agent_ended(Machine& machine, std::uint64_t run, ProcessResult result);
  void run_resource_agent(Machine& machine, AgentRun& run);
  void run_fence_agent(Machine& machine, AgentRun& run);
  std::int64_t take_fault(const AgentRun& run, bool fence, ProcessResult& result, bool& works,
                          std::int64_t duration_us);

  WorldConfig config_;
  std::vector<Member> configured_;
  std::vector<Violation> violations_;
  std::vector<std::string> log_;
  std::uint64_t next_process_ = 1;
  std::uint64_t next_agent_ = 1;
};

/// The siblings a daemon is connected to as a client.
std::vector<Daemon> siblings_of(Daemon daemon);
/// Whether the daemon takes part in a group of its own.
bool has_group(Daemon daemon);

/// A new core of that daemon on that machine, from what its disk holds.
std::unique_ptr<AnyCore> make_core(World& world, Machine& machine, Daemon daemon,
                                   std::uint64_t process_number);
/// The worker of a scheduler daemon. `planned_for`: when it is to plan for, last time.
std::unique_ptr<Planner> make_planner(std::int64_t& planned_for);

inline constexpr std::array kDaemons = {Daemon::kCib,    Daemon::kAttributes, Daemon::kExecutor,
                                        Daemon::kFencer, Daemon::kScheduler,  Daemon::kController};

}  // namespace quorate::sim
