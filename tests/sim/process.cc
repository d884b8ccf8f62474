#include <algorithm>

#include "machine.h"
#include "messages/launcher.h"
#include "world.h"

namespace quorate::sim {

namespace {

constexpr std::int64_t kMs = 1000;

/// The kind of an event and the beginning of what it says, for the trace of messages.
std::string describe(const Event& event) {
  static constexpr const char* kKinds[] = {
      "started",      "shutdown", "client up", "client",    "client gone", "sibling up",
      "sibling down", "sibling",  "view",      "delivered", "nodes",       "may broadcast",
      "timer",        "file",     "computed",  "process",   "unit"};
  std::string text = kKinds[event.index()];
  std::visit(
      [&](const auto& what) {
        if constexpr (requires { what.daemon; })
          text += " " + std::string(daemon_name(what.daemon));
        if constexpr (requires { what.sender; }) text += " from " + std::to_string(what.sender);
        if constexpr (requires { what.timer; }) text += " " + std::to_string(what.timer);
        if constexpr (requires { what.payload; }) text += ": " + what.payload.substr(0, 1200);
      },
      event);
  return text;
}

}  // namespace

Process::Process(World& world, Machine& machine, Daemon daemon, std::uint64_t number)
    : world_(world), machine_(machine), daemon_(daemon), number_(number) {}

void Process::start() {
  running_ = true;
  // As the shells do (ChildRecord): until now the agents of a process that died were at work.
  if (daemon_ == Daemon::kExecutor || daemon_ == Daemon::kFencer) machine_.end_former(daemon_);
  core_ = make_core(world_, machine_, daemon_, number_);
  if (daemon_ == Daemon::kScheduler) planner_ = make_planner(machine_.planned_for_s);
  post(Started{});
  if (daemon_ == Daemon::kLauncher) post(world_.membership_of(machine_));
  if (has_group(daemon_)) {
    ticket_ = world_.layer->join(machine_.node(), daemon_, [this](Event event) {
      if (running_) post(std::move(event));
    });
  }
}

void Process::kill() {
  if (!running_) return;
  running_ = false;
  if (ticket_ != 0 && machine_.powered()) world_.layer->leave(ticket_);
  inbox_.clear();
  timers_.clear();
  for (auto& [id, client] : clients_) {
    if (client.sibling) {
      if (Process* sibling = machine_.process(*client.sibling)) sibling->sibling_down(daemon_);
    } else if (client.gone) {
      client.gone();
    }
  }
  clients_.clear();
  for (const auto& [daemon, as_client] : siblings_) {
    if (Process* sibling = machine_.process(daemon)) sibling->disconnect(as_client);
  }
  siblings_.clear();
}

void Process::hang() { hung_ = true; }

void Process::resume() {
  hung_ = false;
  const std::size_t waiting = inbox_.size();
  for (std::size_t i = 0; i < waiting; ++i) world_.time.after(0, [this] { handle_next(); });
}

void Process::post(Event event) {
  inbox_.push_back(std::move(event));
  inbox_ready_us_ = std::max(inbox_ready_us_, world_.time.now_us() + world_.random.between(5, 40));
  // What is captured fits into the function itself: this is most of what is ever planned.
  Machine* machine = &machine_;
  const std::uint64_t who = number_ << 8 | static_cast<std::uint64_t>(daemon_);
  world_.time.at(inbox_ready_us_, [machine, who] {
    Process* process = machine->process(static_cast<Daemon>(who & 0xFF));
    if (process != nullptr && process->number() == who >> 8) process->handle_next();
  });
}

void Process::handle_next() {
  if (!running_ || hung_ || inbox_.empty()) return;
  const Event event = std::move(inbox_.front());
  inbox_.pop_front();
  if (world_.tracing_messages()) {
    world_.trace(machine_.name() + " " + std::string(daemon_name(daemon_)) + " <- " +
                 describe(event));
  }
  if (answer_liveness(event)) return;
  Effects effects;
  core_->handle(event, machine_.now(), effects);
  for (Effect& effect : effects) {
    if (!running_) return;
    std::visit([this](auto& what) { apply(what); }, effect);
  }
  if (running_) world_.tell(&Observer::event_handled, machine_, *this);
}

/// The shell's part: whether the launcher asked if the main loop turns.
bool Process::answer_liveness(const Event& event) {
  const auto* message = std::get_if<ClientMessage>(&event);
  if (message == nullptr || !is_liveness_ping(message->payload)) return false;
  const auto ping = decode_liveness_ping(message->payload);
  Reply pong{message->client, encode(LivenessPong{ping ? ping->id : 0})};
  apply(pong);
  return true;
}

// ---- Clients and siblings ---------------------------------------------------------------------

ClientId Process::connect(Client client, PeerCredentials peer) {
  const ClientId id = next_client_++;
  clients_.emplace(id, std::move(client));
  post(ClientConnected{id, std::move(peer)});
  return id;
}

void Process::disconnect(ClientId client) {
  if (clients_.erase(client) > 0 && running_) post(ClientGone{client});
}

void Process::from_client(ClientId client, std::string payload) {
  if (running_ && clients_.contains(client)) post(ClientMessage{client, std::move(payload)});
}

void Process::sibling_up(const Process& sibling, ClientId as_client) {
  siblings_[sibling.daemon()] = as_client;
  post(SiblingUp{sibling.daemon(), static_cast<std::int32_t>(sibling.number())});
}

void Process::sibling_down(Daemon daemon) {
  if (siblings_.erase(daemon) > 0 && running_) post(SiblingDown{daemon});
}

void Process::apply(Reply& effect) {
  const auto found = clients_.find(effect.client);
  if (found == clients_.end()) return;
  if (!found->second.sibling) {
    // It may disconnect, and with that end its own life.
    const auto receive = found->second.receive;
    if (receive) receive(effect.payload);
    return;
  }
  Process* sibling = machine_.process(*found->second.sibling);
  if (sibling != nullptr && sibling->running()) {
    sibling->post(SiblingMessage{daemon_, std::move(effect.payload)});
  }
}

void Process::apply(DisconnectClient& effect) {
  const auto found = clients_.find(effect.client);
  if (found == clients_.end()) return;
  const Client client = found->second;
  clients_.erase(found);
  post(ClientGone{effect.client});
  if (client.sibling) {
    if (Process* sibling = machine_.process(*client.sibling)) sibling->sibling_down(daemon_);
  } else if (client.gone) {
    client.gone();
  }
}

void Process::apply(SendSibling& effect) {
  const auto found = siblings_.find(effect.daemon);
  Process* sibling = found == siblings_.end() ? nullptr : machine_.process(effect.daemon);
  if (sibling != nullptr) sibling->from_client(found->second, std::move(effect.payload));
}

// ---- Cluster, timers, work --------------------------------------------------------------------

void Process::apply(Broadcast& effect) {
  if (ticket_ != 0) world_.layer->broadcast(ticket_, std::move(effect.payload));
}

void Process::apply(SetTimer& effect) {
  const std::uint64_t setting = next_timer_setting_++;
  timers_[effect.timer] = setting;
  const TimerId timer = effect.timer;
  const std::uint64_t number = number_;
  Machine& machine = machine_;
  const Daemon daemon = daemon_;
  world_.time.after(effect.delay_ms * kMs, [&machine, daemon, number, timer, setting] {
    Process* process = machine.process(daemon);
    if (process == nullptr || process->number() != number || !process->running_) return;
    const auto found = process->timers_.find(timer);
    if (found == process->timers_.end() || found->second != setting) return;
    process->timers_.erase(found);
    process->post(TimerFired{timer});
  });
}

void Process::apply(CancelTimer& effect) { timers_.erase(effect.timer); }

void Process::apply(WriteFile& effect) {
  Disk& disk = machine_.disk;
  const bool fails = disk.full || disk.fail_writes > 0;
  if (disk.fail_writes > 0) --disk.fail_writes;
  disk_ready_us_ = std::max(disk_ready_us_, world_.time.now_us()) +
                   world_.random.between(1 * kMs, 15 * kMs) + disk.extra_delay_us;
  const std::uint64_t number = number_;
  Machine& machine = machine_;
  const Daemon daemon = daemon_;
  const int boot = machine.boots();
  if (effect.how == WriteFile::How::kInPlace && !fails) {
    // Any mixture of former and new content is there until it is whole.
    StoredFile& file = disk.files[daemon][effect.name];
    if (file.versions.empty()) file.versions.emplace_back();
    std::string& content = file.versions.front();
    const std::size_t cut = effect.content.size() / 2;
    content = effect.content.substr(0, cut) + (content.size() > cut ? content.substr(cut) : "");
  }
  // Until it is synced a write can be lost with the machine; a killed process takes along what its
  // worker hasn't renamed yet. Both are decided by who is alive when the time has come.
  world_.time.at(
      disk_ready_us_, [&machine, daemon, number, boot, fails, write = std::move(effect)]() mutable {
        if (!machine.powered() || machine.boots() != boot) return;
        Process* process = machine.process(daemon);
        const bool ours = process != nullptr && process->number() == number && process->running();
        if (!ours) return;
        if (!fails) {
          StoredFile& file = machine.disk.files[daemon][write.name];
          if (write.how == WriteFile::How::kInPlace) file.versions.clear();
          file.versions.insert(file.versions.begin(), std::move(write.content));
          file.versions.resize(std::min<std::size_t>(file.versions.size(),
                                                     static_cast<std::size_t>(write.keep) + 1));
        }
        process->post(FileWritten{write.request, !fails, fails ? "No space left on device" : ""});
      });
}

/// Only the scheduler's planner works aside here; its tasks wait for each other.
void Process::apply(ComputeAside& effect) {
  if (!planner_) return post(ComputeDone{effect.request, {}, false});
  const bool plans = effect.task == Planner::kPlanTask;
  const std::int64_t duration =
      plans ? world_.random.between(1 * kMs, 20 * kMs) + world_.extra_compute_us : kMs / 10;
  strand_ready_us_ = std::max(strand_ready_us_, world_.time.now_us()) + duration;
  const std::uint64_t number = number_;
  Machine& machine = machine_;
  const Daemon daemon = daemon_;
  world_.time.at(strand_ready_us_, [&machine, daemon, number, work = std::move(effect)] {
    Process* process = machine.process(daemon);
    if (process == nullptr || process->number() != number || !process->running()) return;
    process->work_aside(work);
  });
}

void Process::work_aside(const ComputeAside& work) {
  Result<std::string> output = planner_->run(work.task, work.input);
  const bool failed = !output;
  post(ComputeDone{work.request, failed ? output.error().message : std::move(*output), failed});
}

void Process::apply(RunProcess& effect) {
  if (daemon_ == Daemon::kLauncher) return machine_.launch(*this, effect);
  world_.run_agent(machine_, *this, effect);
}
void Process::apply(KillProcess& effect) {
  if (daemon_ == Daemon::kLauncher) {
    return machine_.signal_daemon(*this, effect.request, effect.signal);
  }
  world_.kill_agent(machine_, number_, effect.request, effect.signal);
}
void Process::apply(UnitCall& effect) {
  post(UnitCallDone{effect.request, false, "", "no-connection"});
}

void Process::apply(Log& effect) {
  if (world_.tracing()) {
    world_.trace(machine_.name() + " " + std::string(daemon_name(daemon_)) + ": " +
                 effect.record.text);
  }
}

void Process::apply(Exit& effect) {
  world_.trace(machine_.name() + " " + std::string(daemon_name(daemon_)) +
               " exits: " + effect.reason);
  kill();
  machine_.daemon_ended(*this, {ProcessResult::End::kExited, effect.status, {}, {}, false, 0});
}

void Process::apply(PanicNode& effect) {
  world_.trace(machine_.name() + " panics: " + effect.reason);
  world_.machine_lost_power(machine_);
}

}  // namespace quorate::sim
