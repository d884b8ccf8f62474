// A daemon with a core of no use, under the name of each real one: what shells, launcher and
// cluster layer do is tested with it, whatever the cores do. It joins its group, tells clients who
// is in it, and passes on what they say.
#include <filesystem>
#include <string>

#include "io/runtime/daemon.h"

namespace {

using namespace quorate;

constexpr Daemon kDaemons[] = {Daemon::kCib,       Daemon::kFencer,     Daemon::kExecutor,
                               Daemon::kScheduler, Daemon::kAttributes, Daemon::kController};

/// "members" is answered with the names in the view; "exit N" ends it; anything
/// else is broadcast, and what is delivered goes to all clients.
class StandIn {
 public:
  void handle(const Event& event, Now, Effects& effects) {
    if (const auto* view = std::get_if<GroupView>(&event)) {
      members_.clear();
      for (const Member& member : view->members)
        members_ += (members_.empty() ? "" : " ") + member.name;
    } else if (const auto* connected = std::get_if<ClientConnected>(&event)) {
      clients_.push_back(connected->client);
    } else if (const auto* delivered = std::get_if<Delivered>(&event)) {
      for (const ClientId client : clients_)
        effects.push_back(Reply{client, "delivered " + delivered->payload, false});
    } else if (const auto* message = std::get_if<ClientMessage>(&event)) {
      obey(*message, effects);
    } else if (std::holds_alternative<ShutdownRequested>(event)) {
      effects.push_back(Exit{0, "asked to"});
    }
  }

 private:
  void obey(const ClientMessage& message, Effects& effects) {
    if (message.payload == "members") {
      effects.push_back(Reply{message.client, members_, false});
    } else if (message.payload.starts_with("exit ")) {
      effects.push_back(Exit{std::stoi(message.payload.substr(5)), "told to"});
    } else {
      effects.push_back(Broadcast{message.payload});
    }
  }
  std::string members_;
  std::vector<ClientId> clients_;
};

}  // namespace

int main(int argc, char** argv) {
  runtime::DaemonSpec spec;
  const std::string name = std::filesystem::path(argv[0]).filename().string();
  for (const Daemon daemon : kDaemons)
    if (daemon_name(daemon) == name) spec.daemon = daemon;
  spec.summary = "stand-in of a daemon, for tests";
  const bool alone = spec.daemon == Daemon::kScheduler || spec.daemon == Daemon::kExecutor;
  spec.uses_cluster = spec.joins_group = spec.needs_cluster = !alone;
  spec.make_core = [](const runtime::StartContext&) -> Result<runtime::Core> {
    return runtime::as_core(std::make_shared<StandIn>());
  };
  return runtime::run_daemon(argc, argv, spec);
}
