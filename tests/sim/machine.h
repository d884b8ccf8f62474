#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cluster_layer.h"
#include "messages/core.h"
#include "random.h"
#include "scheduler_service/planner.h"
#include "time_line.h"

namespace quorate::sim {

class World;
class Machine;

/// A core behind one face, so that the world can hold all kinds.
class AnyCore {
 public:
  virtual ~AnyCore() = default;
  virtual void handle(const Event& event, Now now, Effects& effects) = 0;
};

template <class T>
class Held : public AnyCore {
 public:
  template <class... Arguments>
  explicit Held(Arguments&&... arguments) : core(std::forward<Arguments>(arguments)...) {}
  void handle(const Event& event, Now now, Effects& effects) override {
    core.handle(event, now, effects);
  }
  T core;
};

/// The core inside, for the invariant checks; null if it isn't a T.
template <class T>
const T* core_as(const AnyCore& core) {
  const auto* held = dynamic_cast<const Held<T>*>(&core);
  return held == nullptr ? nullptr : &held->core;
}

/// A file of a daemon's state folder with its former versions, all of them synced.
struct StoredFile {
  std::vector<std::string> versions;  ///< newest first
};
/// A machine's disk: daemon -> file name -> contents. Only what was synced is in it.
struct Disk {
  std::map<Daemon, std::map<std::string, StoredFile>> files;
  bool full = false;
  int fail_writes = 0;  ///< so many of the next writes fail
  std::int64_t extra_delay_us = 0;
};

/// What a client of a daemon is: a sibling, or a tool of the test.
struct Client {
  std::optional<Daemon> sibling;
  std::function<void(const std::string&)> receive;  ///< tools
  std::function<void()> gone;
};

/// One daemon process: a core with its timers, clients, connections and children.
class Process {
 public:
  Process(World& world, Machine& machine, Daemon daemon, std::uint64_t number);

  Daemon daemon() const { return daemon_; }
  std::uint64_t number() const { return number_; }
  bool running() const { return running_; }
  const AnyCore& core() const { return *core_; }
  Ticket ticket() const { return ticket_; }

  void start();
  /// The process is gone; nothing of it happens any more. Its children live on unless the machine
  /// dies too.
  void kill();
  /// Stopped (SIGSTOP): events wait. Resuming handles them.
  void hang();
  void resume();
  bool hung() const { return hung_; }

  /// An event reaches the process a moment later, in order.
  void post(Event event);
  ClientId connect(Client client, PeerCredentials peer);
  void disconnect(ClientId client);
  void from_client(ClientId client, std::string payload);
  void sibling_up(const Process& sibling, ClientId as_client);
  void sibling_down(Daemon daemon);

 private:
  void handle_next();
  void work_aside(const ComputeAside& work);
  bool answer_liveness(const Event& event);
  void apply(Reply& effect);
  void apply(DisconnectClient& effect);
  void apply(SendSibling& effect);
  void apply(Broadcast& effect);
  void apply(SetTimer& effect);
  void apply(CancelTimer& effect);
  void apply(WriteFile& effect);
  void apply(ComputeAside& effect);
  void apply(RunProcess& effect);
  void apply(KillProcess& effect);
  void apply(UnitCall& effect);
  void apply(Log& effect);
  void apply(Exit& effect);
  void apply(PanicNode& effect);

  World& world_;
  Machine& machine_;
  Daemon daemon_;
  std::uint64_t number_;
  bool running_ = false;
  bool hung_ = false;
  std::unique_ptr<AnyCore> core_;
  Ticket ticket_ = 0;
  std::deque<Event> inbox_;
  std::int64_t inbox_ready_us_ = 0;
  std::map<TimerId, std::uint64_t> timers_;  ///< to the number of its setting
  std::uint64_t next_timer_setting_ = 1;
  std::map<ClientId, Client> clients_;
  ClientId next_client_ = 1;
  std::map<Daemon, ClientId> siblings_;  ///< connections out, as the other side numbers them
  std::int64_t disk_ready_us_ = 0;
  std::unique_ptr<Planner> planner_;  ///< the scheduler's
  std::int64_t strand_ready_us_ = 0;
};

/// A simulated agent process.
struct AgentRun {
  std::uint64_t number = 0;
  std::uint64_t process = 0;  ///< number of the daemon process that started it
  Daemon daemon{};            ///< which daemon's
  RunProcess what;
  std::string action;
  std::string resource;  ///< OCF agents
  std::string target;    ///< fence agents
};

/// What runs on a machine for a resource, as the world knows it: the truth, not the CIB's view.
struct Activity {
  bool active = false;
  bool promoted = false;
};

class Machine {
 public:
  Machine(World& world, NodeNumber node, std::string name);

  NodeNumber node() const { return node_; }
  const std::string& name() const { return name_; }
  bool powered() const { return powered_; }
  int boots() const { return boots_; }
  Now now() const;
  void step_clock(std::int64_t seconds) { clock_offset_ms_ += seconds * 1000; }

  /// Power on: the daemons start with what the disk holds.
  void boot();
  /// Power off: everything on it is gone, writes under way happen or don't.
  void power_off();
  Process* process(Daemon daemon);
  /// Processes of daemons, also those that have just been started and don't do anything yet.
  std::map<Daemon, std::uint64_t> daemons_running() const;
  /// The process has ended (its core knows nothing of it any more): who watches it is told. The
  /// launcher itself is started again by the machine's init.
  void daemon_ended(const Process& process, ProcessResult result);

  /// A new process of the daemon is about to begin: agents that a former one started are killed.
  void end_former(Daemon daemon);

  // For the launcher's core.
  void launch(const Process& launcher, const RunProcess& what);
  void signal_daemon(const Process& launcher, std::uint64_t request, int signal);

  Disk disk;
  std::map<std::string, Activity> resources;
  std::map<std::uint64_t, AgentRun> agents;  ///< running
  std::int64_t planned_for_s = 0;            ///< the time the scheduler here was last told

 private:
  friend class Process;
  World& world_;
  NodeNumber node_;
  std::string name_;
  bool powered_ = false;
  int boots_ = 0;
  std::int64_t clock_offset_ms_ = 0;
  void start_daemon(Daemon daemon, std::uint64_t number);
  void boot_launcher(std::int64_t delay_us);
  void tell_launcher(std::uint64_t process, ProcessResult result);

  std::map<Daemon, std::unique_ptr<Process>> processes_;
  std::map<Daemon, std::uint64_t> forked_;  ///< numbers of processes that are still starting
  /// Who waits for the end of a process: the launcher's process and the number of its request.
  struct Watch {
    std::uint64_t launcher = 0;
    std::uint64_t request = 0;
  };
  std::map<std::uint64_t, Watch> watched_;
};

}  // namespace quorate::sim
