#include "machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "world.h"

namespace quorate::sim {

namespace {
constexpr std::int64_t kMs = 1000;
}

Machine::Machine(World& world, NodeNumber node, std::string name)
    : world_(world), node_(node), name_(std::move(name)) {}

Now Machine::now() const {
  // 2026-01-01T00:00:00Z and a monotonic clock that differs from machine to machine.
  constexpr std::int64_t kStartMs = 1'767'225'600'000;
  const std::int64_t elapsed_ms = world_.time.now_us() / 1000;
  return {elapsed_ms + 1'000'000 * static_cast<std::int64_t>(node_),
          kStartMs + elapsed_ms + clock_offset_ms_};
}

void Machine::boot() {
  if (powered_) return;
  powered_ = true;
  ++boots_;
  world_.trace(name_ + " boots");
  world_.layer->node_started(node_);
  boot_launcher(world_.random.between(1, 50) * kMs);
}

/// The machine's init starts the launcher, which does the rest.
void Machine::boot_launcher(std::int64_t delay_us) {
  const int boot = boots_;
  world_.time.after(delay_us, [this, boot] {
    if (powered_ && boots_ == boot) start_daemon(Daemon::kLauncher, world_.next_process_number());
  });
}

void Machine::power_off() {
  if (!powered_) return;
  powered_ = false;
  world_.trace(name_ + " loses power");
  world_.layer->node_died(node_);
  for (auto& [daemon, process] : processes_) process->kill();
  processes_.clear();
  forked_.clear();
  watched_.clear();
  agents.clear();
  resources.clear();
  world_.tell(&Observer::powered_off, *this);
}

void Machine::end_former(Daemon daemon) {
  std::erase_if(agents, [&](const auto& entry) {
    const AgentRun& run = entry.second;
    if (run.daemon != daemon || run.process == process(daemon)->number()) return false;
    world_.trace(fmt::format("{} of {} on {} dies: a new {} begins", run.action,
                             run.target.empty() ? run.resource : run.target, name_,
                             daemon_name(daemon)));
    return true;
  });
}

Process* Machine::process(Daemon daemon) {
  const auto found = processes_.find(daemon);
  return found == processes_.end() ? nullptr : found->second.get();
}

void Machine::start_daemon(Daemon daemon, std::uint64_t number) {
  Process* old = process(daemon);
  if (old != nullptr && old->running()) {
    return world_.fail(
        fmt::format("{} is started on {} where it is running", daemon_name(daemon), name_));
  }
  auto& slot = processes_[daemon];
  slot = std::make_unique<Process>(world_, *this, daemon, number);
  slot->start();
  // Connections to and from siblings that run already; shells keep trying, so both directions are
  // made as soon as both ends are there.
  const auto connect = [this](Process& from, Process& to) {
    PeerCredentials peer;
    peer.user = "hacluster";
    peer.uid = 189;
    peer.pid = static_cast<std::int32_t>(from.number());
    peer.privileged = true;
    const ClientId client = to.connect(Client{from.daemon(), nullptr, nullptr}, peer);
    from.sibling_up(to, client);
  };
  for (auto& [other, process] : processes_) {
    if (!process->running() || other == daemon) continue;
    const auto wanted = siblings_of(daemon);
    if (std::find(wanted.begin(), wanted.end(), other) != wanted.end()) connect(*slot, *process);
    const auto wanted_by = siblings_of(other);
    if (std::find(wanted_by.begin(), wanted_by.end(), daemon) != wanted_by.end()) {
      connect(*process, *slot);
    }
  }
}

// ---- The launcher's children ------------------------------------------------------------------

std::map<Daemon, std::uint64_t> Machine::daemons_running() const {
  std::map<Daemon, std::uint64_t> running = forked_;
  for (const auto& [daemon, process] : processes_) {
    if (process->running() && daemon != Daemon::kLauncher) running[daemon] = process->number();
  }
  return running;
}

void Machine::launch(const Process& launcher, const RunProcess& what) {
  if (what.adopt_pid > 0) {
    watched_[static_cast<std::uint64_t>(what.adopt_pid)] = {launcher.number(), what.request};
    return;
  }
  const auto daemon = std::find_if(kDaemons.begin(), kDaemons.end(), [&](Daemon each) {
    return what.program.ends_with(daemon_name(each));
  });
  if (daemon == kDaemons.end()) return world_.fail("no such program: " + what.program);
  if (daemons_running().contains(*daemon)) {
    return world_.fail(
        fmt::format("the launcher of {} starts a second {}", name_, daemon_name(*daemon)));
  }
  const std::uint64_t number = world_.next_process_number();
  forked_[*daemon] = number;
  watched_[number] = {launcher.number(), what.request};
  world_.time.after(world_.random.between(20, 200) * kMs, [this, which = *daemon, number] {
    const auto forked = forked_.find(which);
    if (forked == forked_.end() || forked->second != number) return;
    forked_.erase(forked);
    start_daemon(which, number);
  });
}

void Machine::signal_daemon(const Process& launcher, std::uint64_t request, int signal) {
  const auto watch = std::find_if(watched_.begin(), watched_.end(), [&](const auto& entry) {
    return entry.second.launcher == launcher.number() && entry.second.request == request;
  });
  if (watch == watched_.end()) return;
  const std::uint64_t number = watch->first;
  for (auto& [daemon, process] : processes_) {
    if (process->number() != number || !process->running()) continue;
    if (signal == SIGTERM) return process->post(ShutdownRequested{});
    world_.trace(fmt::format("{} kills {}", name_, daemon_name(daemon)));
    process->kill();
    return daemon_ended(*process, {ProcessResult::End::kSignalled, signal, {}, {}, false, 0});
  }
  if (std::erase_if(forked_, [&](const auto& entry) { return entry.second == number; }) > 0) {
    tell_launcher(number, {ProcessResult::End::kSignalled, signal, {}, {}, false, 0});
  }
}

void Machine::daemon_ended(const Process& process, ProcessResult result) {
  if (process.daemon() != Daemon::kLauncher) return tell_launcher(process.number(), result);
  // What mustn't run here is for a person to start again.
  const bool refused = result.end == ProcessResult::End::kExited && result.status == 100;
  boot_launcher(refused ? world_.random.between(20'000, 60'000) * kMs
                        : world_.random.between(200, 2'000) * kMs);
}

void Machine::tell_launcher(std::uint64_t number, ProcessResult result) {
  const auto watch = watched_.find(number);
  if (watch == watched_.end()) return;
  const Watch told = watch->second;
  watched_.erase(watch);
  Process* launcher = process(Daemon::kLauncher);
  if (launcher != nullptr && launcher->running() && launcher->number() == told.launcher) {
    launcher->post(ProcessEnded{told.request, std::move(result)});
  }
}

}  // namespace quorate::sim
