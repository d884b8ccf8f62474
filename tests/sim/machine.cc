#include "machine.h"

#include <algorithm>

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
  for (const Daemon daemon : kDaemons) {
    const int boot = boots_;
    world_.time.after(world_.random.between(1, 100) * kMs, [this, daemon, boot] {
      if (powered_ && boots_ == boot) start_daemon(daemon);
    });
  }
}

void Machine::power_off() {
  if (!powered_) return;
  powered_ = false;
  world_.trace(name_ + " loses power");
  world_.layer->node_died(node_);
  for (auto& [daemon, process] : processes_) process->kill();
  processes_.clear();
  agents.clear();
  resources.clear();
  world_.tell(&Observer::powered_off, *this);
}

Process* Machine::process(Daemon daemon) {
  const auto found = processes_.find(daemon);
  return found == processes_.end() ? nullptr : found->second.get();
}

void Machine::start_daemon(Daemon daemon) {
  Process* old = process(daemon);
  if (old != nullptr && old->running()) return;
  auto& slot = processes_[daemon];
  slot = std::make_unique<Process>(world_, *this, daemon, world_.next_process_number());
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
    from.sibling_up(to.daemon(), client);
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

void Machine::daemon_died(Daemon daemon) {
  // The launcher restarts it.
  const int boot = boots_;
  world_.time.after(world_.random.between(20, 300) * kMs, [this, daemon, boot] {
    if (powered_ && boots_ == boot) start_daemon(daemon);
  });
}

}  // namespace quorate::sim
