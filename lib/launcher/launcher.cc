#include "launcher/launcher.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

#include "base/planted.h"

namespace quorate {
namespace {

constexpr std::int64_t kTickMs = 1000;
constexpr std::int64_t kAnswerLimitMs = 10'000;
constexpr std::int64_t kQuickEndMs = 10'000;
constexpr std::int64_t kMaxRestarts = 100;
constexpr std::int64_t kFirstDelayMs = 100;
constexpr std::int64_t kMaxDelayMs = 5000;
constexpr std::int64_t kStopLimitMs = 180'000;
constexpr std::int64_t kStopCheckMs = 30'000;
constexpr std::int64_t kCoreDumpMs = 30'000;

constexpr int kExitFatal = 100;
constexpr int kExitPanic = 101;

constexpr TimerId kTickTimer = 1;
constexpr TimerId kStopTimer = 2;
constexpr TimerId kRestartTimers = 100;  ///< plus the daemon

/// In the order of their start; the order of stopping is kStopOrder.
constexpr std::array<Daemon, 6> kStartOrder = {Daemon::kCib,       Daemon::kFencer,
                                               Daemon::kExecutor,  Daemon::kAttributes,
                                               Daemon::kScheduler, Daemon::kController};
constexpr std::array<Daemon, 6> kStopOrder = {Daemon::kController, Daemon::kScheduler,
                                              Daemon::kAttributes, Daemon::kExecutor,
                                              Daemon::kFencer,     Daemon::kCib};

bool needs_cluster(Daemon daemon) {
  return daemon != Daemon::kScheduler && daemon != Daemon::kExecutor;
}

std::string name_of(Daemon daemon) { return std::string(daemon_name(daemon)); }

std::string describe_end(const ProcessResult& result, bool killed) {
  switch (result.end) {
    case ProcessResult::End::kCouldNotStart:
      return std::string("could not be started: ") + strerror(result.status);
    case ProcessResult::End::kSignalled:
      return killed ? "was killed: it did not answer for 10 s"
                    : "was ended by signal " + std::to_string(result.status);
    case ProcessResult::End::kTimedOut:
      break;
    case ProcessResult::End::kExited:
      break;
  }
  if (result.status == -1) return "ended with an unknown status";
  return "ended with status " + std::to_string(result.status);
}

}  // namespace

Launcher::Launcher(LauncherOptions options) : options_(std::move(options)) {
  for (const Daemon daemon : kStartOrder) {
    Child child;
    child.daemon = daemon;
    children_.push_back(child);
  }
}

void Launcher::handle(const Event& event, Now now, Effects& effects) {
  now_ = now;
  effects_ = &effects;
  if (std::holds_alternative<Started>(event)) {
    on_started();
  } else if (std::holds_alternative<ShutdownRequested>(event)) {
    begin_stop(0, "shutdown was requested");
  } else if (const auto* connected = std::get_if<ClientConnected>(&event)) {
    privileged_[connected->client] = connected->peer.privileged;
  } else if (const auto* gone = std::get_if<ClientGone>(&event)) {
    privileged_.erase(gone->client);
  } else if (const auto* message = std::get_if<ClientMessage>(&event)) {
    on_message(*message);
  } else if (const auto* up = std::get_if<SiblingUp>(&event)) {
    on_sibling(up->daemon, true, up->pid);
  } else if (const auto* down = std::get_if<SiblingDown>(&event)) {
    on_sibling(down->daemon, false, 0);
  } else if (const auto* answer = std::get_if<SiblingMessage>(&event)) {
    if (Child* child = find(answer->daemon); child && decode_liveness_pong(answer->payload))
      child->answered_ms = now_.monotonic_ms;
  } else if (const auto* nodes = std::get_if<NodeMembership>(&event)) {
    on_membership(*nodes);
  } else if (const auto* timer = std::get_if<TimerFired>(&event)) {
    on_timer(timer->timer);
  } else if (const auto* ended = std::get_if<ProcessEnded>(&event)) {
    on_ended(*ended);
  }
  effects_ = nullptr;
}

void Launcher::on_started() {
  state_since_s_ = now_.wall_seconds();
  last_tick_ms_ = now_.monotonic_ms;
  effects_->push_back(SetTimer{kTickTimer, kTickMs});
  set_state(LauncherState::kStartingDaemons);
  for (Child& child : children_) {
    const auto running = options_.running.find(child.daemon);
    if (running == options_.running.end() || planted("daemons-not-adopted")) {
      start_when_possible(child);
      continue;
    }
    child.phase = Phase::kStarting;
    child.request = next_request_++;
    child.pid = running->second;
    child.started_ms = child.answered_ms = now_.monotonic_ms;
    RunProcess adopt;
    adopt.request = child.request;
    adopt.adopt_pid = child.pid;
    adopt.describe = name_of(child.daemon);
    effects_->push_back(adopt);
    log(LogLevel::kNotice, name_of(child.daemon) + " is already running as process " +
                               std::to_string(child.pid) + "; watching it");
  }
}

void Launcher::start_when_possible(Child& child) {
  if (needs_cluster(child.daemon) && !cluster_up_) {
    child.phase = Phase::kWaitsForCluster;
    log(LogLevel::kInfo, name_of(child.daemon) + " starts when the cluster layer is there");
    return;
  }
  start(child);
}

void Launcher::start(Child& child) {
  child.phase = Phase::kStarting;
  child.request = next_request_++;
  child.pid = 0;
  child.killed = false;
  child.started_ms = child.answered_ms = now_.monotonic_ms;
  RunProcess run;
  run.request = child.request;
  run.program = options_.program_dir + "/" + name_of(child.daemon);
  run.env = options_.environment;
  run.describe = name_of(child.daemon);
  run.daemon = true;
  effects_->push_back(run);
  log(LogLevel::kInfo, "starting " + name_of(child.daemon));
}

void Launcher::on_membership(const NodeMembership& nodes) {
  const bool was_up = cluster_up_;
  cluster_up_ = !nodes.members.empty();
  if (was_up && !cluster_up_)
    log(LogLevel::kWarning,
        "the cluster layer is lost: daemons that need it start again when it is back");
  if (!cluster_up_ || state_ == LauncherState::kShuttingDown) return;
  for (Child& child : children_)
    if (child.phase == Phase::kWaitsForCluster) start(child);
}

void Launcher::on_sibling(Daemon daemon, bool up, std::int32_t pid) {
  Child* child = find(daemon);
  if (!child) return;
  child->up = up;
  if (!up) return;
  child->pid = pid;
  child->answered_ms = now_.monotonic_ms;
  if (child->phase == Phase::kStarting) child->phase = Phase::kRunning;
  update_state();
}

void Launcher::on_timer(TimerId timer) {
  if (timer == kTickTimer) {
    effects_->push_back(SetTimer{kTickTimer, kTickMs});
    check_liveness();
  } else if (timer == kStopTimer) {
    on_stop_timer();
  } else if (timer >= kRestartTimers) {
    Child* child = find(static_cast<Daemon>(timer - kRestartTimers));
    if (child && child->phase == Phase::kWaitsToRestart) start_when_possible(*child);
  }
}

void Launcher::check_liveness() {
  // If this process itself was held up (a suspended machine), the others' answers are on their way.
  const bool late = now_.monotonic_ms - last_tick_ms_ > 3 * kTickMs;
  last_tick_ms_ = now_.monotonic_ms;
  for (Child& child : children_) {
    if (child.request == 0) continue;
    if (child.phase != Phase::kRunning && child.phase != Phase::kStarting) continue;
    if (late) child.answered_ms = now_.monotonic_ms;
    if (now_.monotonic_ms - child.started_ms >= kQuickEndMs) child.quick_ends = 0;
    const bool silent = now_.monotonic_ms - child.answered_ms >= kAnswerLimitMs;
    if (!child.killed && silent && !planted("hung-daemon-stays")) {
      child.killed = true;
      log(LogLevel::kError, name_of(child.daemon) + " has not answered for 10 s: killing it");
      effects_->push_back(KillProcess{child.request, SIGKILL});
    } else if (child.up) {
      effects_->push_back(SendSibling{child.daemon, encode(LivenessPing{next_ping_++})});
    }
  }
}

void Launcher::on_ended(const ProcessEnded& ended) {
  Child* child = find_request(ended.request);
  if (!child) return;
  const bool stopping = child->phase == Phase::kStopping;
  child->request = 0;
  child->pid = 0;
  child->up = false;
  child->last_end = describe_end(ended.result, child->killed);
  const bool exited = ended.result.end == ProcessResult::End::kExited;
  if (exited && ended.result.status == kExitPanic) {
    effects_->push_back(PanicNode{name_of(child->daemon) + " asks for it (status 101)"});
    return;
  }
  if (state_ == LauncherState::kShuttingDown) {
    child->phase = Phase::kStopped;
    log(stopping ? LogLevel::kInfo : LogLevel::kWarning,
        name_of(child->daemon) + " " + child->last_end + " during shutdown");
    stop_next();
    return;
  }
  if (exited && ended.result.status == kExitFatal) {
    child->phase = Phase::kStopped;
    begin_stop(kExitFatal, name_of(child->daemon) + " ended with status 100: it must not run here");
    return;
  }
  if (options_.fail_fast) {
    effects_->push_back(
        PanicNode{name_of(child->daemon) + " " + child->last_end + ", and PCMK_fail_fast is set"});
    return;
  }
  on_unexpected_end(*child);
}

void Launcher::on_unexpected_end(Child& child) {
  if (now_.monotonic_ms - child.started_ms >= kQuickEndMs) child.quick_ends = 0;
  if (child.quick_ends >= kMaxRestarts) {
    child.phase = Phase::kGivenUp;
    log(LogLevel::kCritical, name_of(child.daemon) + " " + child.last_end +
                                 ", 100 times in a row: given up; see its log");
    return;
  }
  ++child.restarts;
  std::int64_t delay_ms = 0;
  if (child.quick_ends > 0)
    delay_ms = std::min(kMaxDelayMs, kFirstDelayMs << std::min<std::int64_t>(child.quick_ends, 10));
  ++child.quick_ends;
  log(LogLevel::kError, name_of(child.daemon) + " " + child.last_end + "; starting it again" +
                            (delay_ms > 0 ? " in " + std::to_string(delay_ms) + " ms" : ""));
  if (delay_ms == 0) {
    start_when_possible(child);
  } else {
    child.phase = Phase::kWaitsToRestart;
    effects_->push_back(SetTimer{kRestartTimers + static_cast<TimerId>(child.daemon), delay_ms});
  }
}

void Launcher::begin_stop(int status, const std::string& reason) {
  if (state_ == LauncherState::kShuttingDown || state_ == LauncherState::kShutdownComplete) return;
  log(LogLevel::kNotice, "stopping all daemons of this node: " + reason);
  exit_status_ = status;
  set_state(LauncherState::kShuttingDown);
  for (Child& child : children_)
    if (child.request == 0) child.phase = Phase::kStopped;
  stop_next();
}

/// Stops the first of the stop order that still has a process; one after the other.
void Launcher::stop_next() {
  for (const Daemon daemon : kStopOrder) {
    Child* child = find(daemon);
    if (child->request == 0) continue;
    if (child->phase == Phase::kStopping) return;
    child->phase = Phase::kStopping;
    stop_sent_ms_ = now_.monotonic_ms;
    stop_signals_ = 0;
    log(LogLevel::kInfo, "stopping " + name_of(daemon));
    effects_->push_back(KillProcess{child->request, SIGTERM});
    effects_->push_back(SetTimer{kStopTimer, kStopCheckMs});
    return;
  }
  effects_->push_back(CancelTimer{kStopTimer});
  set_state(LauncherState::kShutdownComplete);
  effects_->push_back(Exit{exit_status_, exit_status_ == 0 ? "" : "a daemon must not run here"});
}

void Launcher::on_stop_timer() {
  const auto stopping = std::find_if(children_.begin(), children_.end(), [](const Child& child) {
    return child.phase == Phase::kStopping && child.request != 0;
  });
  if (stopping == children_.end()) return;
  const std::int64_t waited_ms = now_.monotonic_ms - stop_sent_ms_;
  log(LogLevel::kNotice, "still waiting for " + name_of(stopping->daemon) + " to end");
  if (stopping->daemon != Daemon::kController) {
    if (stop_signals_ == 0 && waited_ms >= kStopLimitMs) {
      ++stop_signals_;
      log(LogLevel::kError, name_of(stopping->daemon) + " does not end: forcing a core dump");
      effects_->push_back(KillProcess{stopping->request, SIGSEGV});
    } else if (stop_signals_ == 1 && waited_ms >= kStopLimitMs + kCoreDumpMs) {
      ++stop_signals_;
      effects_->push_back(KillProcess{stopping->request, SIGKILL});
    }
  }
  effects_->push_back(SetTimer{kStopTimer, kStopCheckMs});
}

void Launcher::on_message(const ClientMessage& message) {
  const auto request = decode_launcher_request(message.payload);
  LauncherReply reply = describe();
  if (!request) {
    reply.error = request.error().message;
  } else if (const auto* status = std::get_if<LauncherStatusRequest>(&*request)) {
    reply.id = status->id;
  } else {
    reply.id = std::get<LauncherStopRequest>(*request).id;
    if (privileged_[message.client])
      begin_stop(0, "a tool asked for it");
    else
      reply.error = "only root and the cluster's own user may stop the node";
    reply.state = state_;
  }
  // Ahead of what begin_stop may have added: the tool hears before the node goes down.
  effects_->insert(effects_->begin(), Reply{message.client, encode(reply)});
}

void Launcher::update_state() {
  if (state_ != LauncherState::kStartingDaemons) return;
  const bool all = std::all_of(children_.begin(), children_.end(),
                               [](const Child& c) { return c.phase == Phase::kRunning; });
  if (all) set_state(LauncherState::kRunning);
}

void Launcher::set_state(LauncherState state) {
  state_ = state;
  state_since_s_ = now_.wall_seconds();
  if (state == LauncherState::kRunning) log(LogLevel::kNotice, "all daemons of this node are up");
}

LauncherReply Launcher::describe() const {
  LauncherReply reply;
  reply.state = state_;
  reply.last_updated = state_since_s_;
  for (const Child& child : children_) {
    DaemonStatus status;
    status.daemon = child.daemon;
    switch (child.phase) {
      case Phase::kStopped:
        status.state = "stopped";
        break;
      case Phase::kWaitsForCluster:
      case Phase::kStarting:
        status.state = "starting";
        break;
      case Phase::kRunning:
        status.state = child.up ? "running" : "starting";
        break;
      case Phase::kWaitsToRestart:
        status.state = "restarting";
        break;
      case Phase::kStopping:
        status.state = "stopping";
        break;
      case Phase::kGivenUp:
        status.state = "given-up";
        break;
    }
    status.pid = child.pid;
    status.restarts = child.restarts;
    status.last_end = child.last_end;
    reply.daemons.push_back(std::move(status));
  }
  return reply;
}

Launcher::Child* Launcher::find(Daemon daemon) {
  for (Child& child : children_)
    if (child.daemon == daemon) return &child;
  return nullptr;
}

Launcher::Child* Launcher::find_request(std::uint64_t request) {
  for (Child& child : children_)
    if (request != 0 && child.request == request) return &child;
  return nullptr;
}

void Launcher::log(LogLevel level, std::string text) {
  effects_->push_back(Log{{level, std::move(text)}});
}

}  // namespace quorate
