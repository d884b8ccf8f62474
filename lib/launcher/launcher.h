#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "messages/core.h"
#include "messages/launcher.h"

namespace quorate {

/// What the launcher needs to know about this node.
struct LauncherOptions {
  std::string program_dir;  ///< where the daemons' programs are
  /// The whole environment of the daemons.
  std::vector<std::pair<std::string, std::string>> environment;
  /// Daemons found running when the launcher started, with their process ids: they are adopted.
  std::map<Daemon, std::int32_t> running;
  bool fail_fast = false;  ///< any unexpected end of a daemon stops the node (PCMK_fail_fast)
};

/// The core of `quorated` (spec/09 §20.1, §20.4, §21.3): starts the daemons of this node, watches
/// that they answer, restarts them, and stops them in order.
///
/// - Daemons that need the cluster layer start when it is there. The others start at once.
/// - A daemon that hasn't answered for 10 s is killed.
/// - One that ends is started again: at once, with growing delays if it doesn't live for 10 s, and
///   not after 100 times in a row.
/// - Status 100 stops all daemons and ends the launcher with 100; 101 stops the node (PanicNode).
/// - Shutdown: controller, scheduler, attribute manager, executor, fencer, CIB service, each with
///   SIGTERM; all but the controller get SIGSEGV if they are still there after 3 min, then SIGKILL.
///
/// Its clients ask for LauncherRequest; privileged ones may stop the node.
class Launcher {
 public:
  explicit Launcher(LauncherOptions options);
  void handle(const Event& event, Now now, Effects& effects);

  LauncherState state() const { return state_; }

 private:
  enum class Phase {
    kStopped,
    kWaitsForCluster,
    kStarting,
    kRunning,
    kWaitsToRestart,
    kStopping,
    kGivenUp
  };
  struct Child {
    Daemon daemon{};
    Phase phase = Phase::kStopped;
    std::uint64_t request = 0;  ///< of its RunProcess; 0: no process
    std::int32_t pid = 0;       ///< 0 until it accepts us, unless adopted
    bool up = false;            ///< its socket accepts us
    bool killed = false;        ///< by us, for not answering
    std::int64_t started_ms = 0;
    std::int64_t answered_ms = 0;
    std::int64_t restarts = 0;
    std::int64_t quick_ends = 0;  ///< in a row, each within 10 s of its start
    std::string last_end;
  };

  void on_started();
  void on_ended(const ProcessEnded& ended);
  void on_unexpected_end(Child& child);
  void on_timer(TimerId timer);
  void on_membership(const NodeMembership& nodes);
  void on_sibling(Daemon daemon, bool up, std::int32_t pid);
  void on_message(const ClientMessage& message);
  void start(Child& child);
  void start_when_possible(Child& child);
  void check_liveness();
  void begin_stop(int status, const std::string& reason);
  void stop_next();
  void on_stop_timer();
  void update_state();
  void set_state(LauncherState state);
  LauncherReply describe() const;
  Child* find(Daemon daemon);
  Child* find_request(std::uint64_t request);
  void log(LogLevel level, std::string text);

  LauncherOptions options_;
  std::vector<Child> children_;  ///< in the order of their start
  std::map<ClientId, bool> privileged_;
  LauncherState state_ = LauncherState::kInit;
  std::int64_t state_since_s_ = 0;
  bool cluster_up_ = false;
  std::uint64_t next_request_ = 1;
  std::uint64_t next_ping_ = 1;
  std::int64_t last_tick_ms_ = 0;
  int exit_status_ = 0;
  std::int64_t stop_sent_ms_ = 0;  ///< to the daemon that is stopping now
  int stop_signals_ = 0;
  // Of the event being handled.
  Now now_;
  Effects* effects_ = nullptr;
};

}  // namespace quorate
