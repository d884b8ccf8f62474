#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "io/loop/loop.h"
#include "messages/core.h"

struct sd_bus;
struct sd_bus_message;

namespace quorate::runtime {

/// systemd over the system D-Bus, asynchronously, as UnitCall effects ask for it (spec/11 §18). The
/// connection is opened with the first call and again after a loss; without a bus each call ends
/// with `no-connection`.
class Units {
 public:
  using Done = std::function<void(UnitCallDone)>;

  /// Override files go to `override_root`/UNIT.d (spec/11 §18.4).
  Units(io::Loop& loop, Done done, std::string override_root = "/run/systemd/system");
  ~Units();
  Units(const Units&) = delete;
  Units& operator=(const Units&) = delete;

  /// Carries a call out; its end is reported from the loop, once.
  void call(const UnitCall& call);

 private:
  struct Pending;
  struct Handlers;
  bool connect();
  void disconnect();
  void process();
  void arm();
  void invoke(Pending& pending);
  void load(Pending& pending);
  void on_call_reply(std::uint64_t request, sd_bus_message* reply);
  void on_loaded(std::uint64_t request, sd_bus_message* reply);
  void on_property(std::uint64_t request, sd_bus_message* reply);
  void on_job_removed(const std::string& job, const std::string& result);
  void finish(std::uint64_t request, bool ok, std::string state, std::string error);
  enum class Step { kCall, kLoad, kProperty };
  void send(Pending& pending, sd_bus_message* message, Step step);
  bool write_override(const std::string& unit);
  bool remove_override(const std::string& unit);
  void reload_manager();

  io::Loop& loop_;
  Done done_;
  std::string override_root_;
  sd_bus* bus_ = nullptr;
  io::Watch watch_;
  io::Timer timer_;
  std::map<std::uint64_t, std::unique_ptr<Pending>> pending_;
};

}  // namespace quorate::runtime
