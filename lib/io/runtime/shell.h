#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "io/cluster/layer.h"
#include "io/ipc/client.h"
#include "io/ipc/server.h"
#include "io/loop/loop.h"
#include "io/runtime/input_guard.h"
#include "io/runtime/log_sink.h"
#include "io/runtime/processes.h"
#include "io/runtime/settings.h"
#include "io/runtime/units.h"
#include "io/runtime/workers.h"
#include "messages/core.h"

namespace quorate::runtime {

/// A core, whatever its class: `handle` of lib/messages/core.h.
using Core = std::function<void(const Event&, Now, Effects&)>;

/// A pure function for ComputeAside; it may throw, which fails the task. Called in worker threads,
/// several at a time.
using Task = std::function<std::string(const std::string& input)>;

/// Tasks of one thread: they run one at a time, in the order they were asked for, and may share a
/// state nobody else touches.
struct Strand {
  std::set<std::string, std::less<>> tasks;
  /// Errors and exceptions fail the task.
  std::function<Result<std::string>(const std::string& task, const std::string& input)> run;
  /// What tells this work from other work, also after a restart of the daemon, for the InputGuard;
  /// nullopt: its input does.
  std::function<std::optional<std::string>(const std::string& task)> identity;
};

/// The strand of an object with run() and identity().
template <class Worker, class Names>
Strand strand_of(std::shared_ptr<Worker> worker, const Names& tasks) {
  Strand strand;
  for (const auto& name : tasks) strand.tasks.emplace(name);
  strand.run = [worker](const std::string& task, const std::string& input) {
    return worker->run(task, input);
  };
  strand.identity = [worker](const std::string& task) { return worker->identity(task); };
  return strand;
}

struct ShellParts {
  Daemon daemon{};
  Settings settings;
  std::vector<Daemon> siblings;           ///< daemons this one is a client of
  bool joins_group = false;               ///< takes part in the cluster as a group of its own name
  bool needs_cluster = true;              ///< losing the layer ends the daemon (spec/09 §21.1)
  std::unique_ptr<cluster::Layer> layer;  ///< null: no cluster
  std::map<std::string, Task> tasks;
  Strand strand;                ///< of other names than `tasks`
  bool says_goodbye = false;    ///< the node leaves the cluster with this daemon
  bool adopts_orphans = false;  ///< Processes::adopt_orphans
  /// What PanicNode does, after this process' children were killed; it may return.
  std::function<void(const std::string& reason)> panic;
};

/// Runs one core: turns main loop, IPC, cluster layer, children, D-Bus and disk into its events and
/// carries its effects out, in order. Holds no policy. Events are handled one at a time; what an
/// effect causes at once comes as a later event.
///
/// Beyond that it answers LivenessPing itself, and keeps an input that brought the daemon down
/// twice away from the core (InputGuard): a client that sends it is disconnected, a compute task
/// fails.
class Shell {
 public:
  /// kExists if another instance runs: its lock or socket is taken.
  static Result<std::unique_ptr<Shell>> create(io::Loop& loop, LogSink& log, ShellParts parts);
  ~Shell();
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  /// Gives the core Started and runs until it exits; the exit status. SIGTERM and SIGINT become
  /// ShutdownRequested.
  int run(Core core);
  /// As run() without the loop and signals, for tests: done() says when it is over.
  void start(Core core);
  bool done() const { return done_; }
  int status() const { return status_; }
  /// Puts an event behind those that wait.
  void post(Event event);

 private:
  Shell(io::Loop& loop, LogSink& log, ShellParts parts);
  Result<void> open();
  struct Carrier;
  class GroupListener;

  void post_pending();
  void handle_waiting();
  void handle(const Event& event);
  bool is_refused(const Event& event, std::uint64_t mark);
  void carry_out(Effects& effects);
  void on_client_message(ClientId client, std::string payload);
  void connect_sibling(Daemon daemon);
  void write_file(WriteFile file);
  void compute_aside(ComputeAside work);
  void compute_in_strand(ComputeAside work);
  ComputeDone guarded(const ComputeAside& work, std::uint64_t mark,
                      const std::function<Result<std::string>()>& run);
  std::size_t take_slot();
  void return_slot(std::size_t slot);
  void broadcast(std::string payload);
  void flush_broadcasts();
  void set_timer(const SetTimer& timer);
  void drop_timer(TimerId timer);
  void panic(const std::string& reason);
  void finish(int status, const std::string& reason);

  io::Loop& loop_;
  LogSink& log_;
  ShellParts parts_;
  Core core_;
  InputGuard guard_;
  Processes processes_;
  Units units_;
  std::unique_ptr<ipc::Server> server_;
  std::map<Daemon, std::unique_ptr<ipc::Client>> siblings_;
  std::unique_ptr<GroupListener> listener_;
  std::map<TimerId, io::Timer> timers_;
  std::deque<Event> waiting_;
  std::deque<std::string> unsent_;  ///< broadcasts accepted from the core while refused
  std::mutex slots_mutex_;
  std::vector<std::size_t> free_slots_;  ///< of the guard, for workers
  std::uint64_t position_ = 0;
  bool handling_scheduled_ = false;
  bool broadcast_allowed_ = true;
  bool member_ = false;
  bool started_ = false;
  bool done_ = false;
  int status_ = 0;
  // Last: their threads end before what they use.
  Workers disk_;
  Workers compute_;
  Workers strand_;
};

}  // namespace quorate::runtime
