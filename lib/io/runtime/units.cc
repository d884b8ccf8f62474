#include "io/runtime/units.h"

#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "io/runtime/disk.h"

namespace quorate::runtime {
namespace {

constexpr const char* kService = "org.freedesktop.systemd1";
constexpr const char* kObject = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kUnit = "org.freedesktop.systemd1.Unit";
constexpr const char* kOverrideName = "50-pacemaker.conf";
/// The action as a whole may take this much longer than each of its calls (spec/11 §18.3).
constexpr std::int64_t kExtraMs = 5000;

bool is_job(std::string_view method) { return method.ends_with("Unit"); }

std::string error_of(sd_bus_message* reply) {
  const sd_bus_error* error = sd_bus_message_get_error(reply);
  const std::string_view name = error && error->name ? error->name : "";
  for (const std::string_view missing : {"NoSuchUnit", "LoadFailed", "InvalidName"})
    if (name == std::string(kService) + "." + std::string(missing)) return "not-found";
  if (name == SD_BUS_ERROR_NO_REPLY || name == SD_BUS_ERROR_TIMEOUT) return "timeout";
  return error && error->message ? error->message : std::string(name);
}

}  // namespace

struct Units::Pending {
  Units* units = nullptr;
  UnitCall call;
  std::string job;  ///< object path, while waiting for its end
  sd_bus_slot* slot = nullptr;
  io::Timer timer;
  ~Pending() { sd_bus_slot_unref(slot); }
};

/// What sd-bus calls.
struct Units::Handlers {
  template <void (Units::*kReceive)(std::uint64_t, sd_bus_message*)>
  static int reply(sd_bus_message* message, void* data, sd_bus_error*) {
    auto* pending = static_cast<Pending*>(data);
    (pending->units->*kReceive)(pending->call.request, message);
    return 0;
  }
  static int job_removed(sd_bus_message* message, void* data, sd_bus_error*) {
    std::uint32_t id = 0;
    const char* job = nullptr;
    const char* unit = nullptr;
    const char* result = nullptr;
    if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) >= 0)
      static_cast<Units*>(data)->on_job_removed(job, result);
    return 0;
  }
  static sd_bus_message_handler_t of(Step step) {
    switch (step) {
      case Step::kCall:
        return &reply<&Units::on_call_reply>;
      case Step::kLoad:
        return &reply<&Units::on_loaded>;
      case Step::kProperty:
        break;
    }
    return &reply<&Units::on_property>;
  }
};

Units::Units(io::Loop& loop, Done done, std::string override_root)
    : loop_(loop), done_(std::move(done)), override_root_(std::move(override_root)) {}

Units::~Units() {
  pending_.clear();
  disconnect();
}

bool Units::connect() {
  if (bus_ && sd_bus_is_open(bus_) > 0) return true;
  disconnect();
  if (sd_bus_open_system(&bus_) < 0) {
    bus_ = nullptr;
    return false;
  }
  sd_bus_match_signal_async(bus_, nullptr, kService, kObject, kManager, "JobRemoved",
                            &Handlers::job_removed, nullptr, this);
  sd_bus_call_method_async(bus_, nullptr, kService, kObject, kManager, "Subscribe", nullptr,
                           nullptr, nullptr);
  watch_ = loop_.watch(sd_bus_get_fd(bus_), 0, [this](short) { process(); });
  arm();
  return true;
}

void Units::disconnect() {
  watch_.reset();
  timer_.reset();
  if (bus_) {
    sd_bus_flush_close_unref(bus_);
    bus_ = nullptr;
  }
}

void Units::process() {
  int result = 0;
  while (bus_ && (result = sd_bus_process(bus_, nullptr)) > 0) {
  }
  if (result < 0 || (bus_ && sd_bus_is_open(bus_) <= 0)) {
    // The connection is lost: what is under way can't be answered any more.
    watch_.reset();
    timer_.reset();
    std::vector<std::uint64_t> lost;
    for (const auto& [request, pending] : pending_) lost.push_back(request);
    for (const std::uint64_t request : lost) finish(request, false, {}, "no-connection");
    disconnect();
    return;
  }
  arm();
}

void Units::arm() {
  if (!bus_) return;
  const int events = sd_bus_get_events(bus_);
  if (events >= 0) watch_.set_events(static_cast<short>(events));
  std::uint64_t until_us = 0;
  if (sd_bus_get_timeout(bus_, &until_us) <= 0 || until_us == UINT64_MAX) {
    timer_.reset();
    return;
  }
  const auto until_ms = static_cast<std::int64_t>(until_us / 1000 + (until_us % 1000 ? 1 : 0));
  timer_ =
      loop_.after(until_us == 0 ? 0 : until_ms - io::Loop::monotonic_ms(), [this] { process(); });
}

void Units::call(const UnitCall& call) {
  if (pending_.contains(call.request) || !connect()) {
    const char* error = pending_.contains(call.request) ? "request number in use" : "no-connection";
    loop_.defer([this, request = call.request, error] { done_({request, false, {}, error}); });
    return;
  }
  auto owned = std::make_unique<Pending>();
  Pending& pending = *owned;
  pending.units = this;
  pending.call = call;
  if (call.timeout_ms > 0)
    pending.timer = loop_.after(call.timeout_ms + kExtraMs, [this, request = call.request] {
      finish(request, false, {}, "timeout");
    });
  pending_.emplace(call.request, std::move(owned));
  if (is_job(call.method))
    invoke(pending);
  else
    load(pending);
  arm();
}

void Units::send(Pending& pending, sd_bus_message* message, Step step) {
  const std::uint64_t timeout_us =
      pending.call.timeout_ms > 0 ? static_cast<std::uint64_t>(pending.call.timeout_ms) * 1000 : 0;
  pending.slot = sd_bus_slot_unref(pending.slot);
  const int sent =
      sd_bus_call_async(bus_, &pending.slot, message, Handlers::of(step), &pending, timeout_us);
  if (sent < 0)
    pending.timer = loop_.after(0, [this, request = pending.call.request, sent] {
      finish(request, false, {}, std::strerror(-sent));
    });
}

void Units::invoke(Pending& pending) {
  const UnitCall& call = pending.call;
  if (call.method == "StartUnit") {
    if (!write_override(call.unit)) {
      pending.timer = loop_.after(
          0, [this, request = call.request] { finish(request, false, {}, "override-file"); });
      return;
    }
    reload_manager();
  } else if (call.method == "StopUnit" && remove_override(call.unit)) {
    reload_manager();
  }
  sd_bus_message* message = nullptr;
  sd_bus_message_new_method_call(bus_, &message, kService, kObject, kManager, call.method.c_str());
  sd_bus_message_append(message, "ss", call.unit.c_str(), "replace");
  send(pending, message, Step::kCall);
  sd_bus_message_unref(message);
}

void Units::load(Pending& pending) {
  sd_bus_message* message = nullptr;
  sd_bus_message_new_method_call(bus_, &message, kService, kObject, kManager, "LoadUnit");
  sd_bus_message_append(message, "s", pending.call.unit.c_str());
  send(pending, message, Step::kLoad);
  sd_bus_message_unref(message);
}

void Units::on_call_reply(std::uint64_t request, sd_bus_message* reply) {
  Pending& pending = *pending_.at(request);
  const char* job = nullptr;
  if (sd_bus_message_is_method_error(reply, nullptr) > 0 ||
      sd_bus_message_read(reply, "o", &job) < 0)
    return finish(request, false, {}, error_of(reply));
  // A restart is a success when accepted; a start and a stop when their job has ended.
  if (pending.call.method == "RestartUnit") return finish(request, true, {}, {});
  pending.job = job;
}

void Units::on_job_removed(const std::string& job, const std::string& result) {
  for (const auto& [request, pending] : pending_) {
    if (pending->job != job) continue;
    const bool done = result == "done";
    return finish(request, done, {}, done ? std::string() : result);
  }
}

void Units::on_loaded(std::uint64_t request, sd_bus_message* reply) {
  Pending& pending = *pending_.at(request);
  const char* object = nullptr;
  if (sd_bus_message_is_method_error(reply, nullptr) > 0 ||
      sd_bus_message_read(reply, "o", &object) < 0)
    return finish(request, false, {}, error_of(reply));
  sd_bus_message* message = nullptr;
  sd_bus_message_new_method_call(bus_, &message, kService, object,
                                 "org.freedesktop.DBus.Properties", "Get");
  sd_bus_message_append(message, "ss", kUnit, pending.call.method.c_str());
  send(pending, message, Step::kProperty);
  sd_bus_message_unref(message);
}

void Units::on_property(std::uint64_t request, sd_bus_message* reply) {
  const char* value = nullptr;
  if (sd_bus_message_is_method_error(reply, nullptr) > 0 ||
      sd_bus_message_read(reply, "v", "s", &value) < 0)
    return finish(request, false, {}, error_of(reply));
  finish(request, true, value, {});
}

void Units::finish(std::uint64_t request, bool ok, std::string state, std::string error) {
  // The slot of a reply being handled stays alive in sd-bus until its callback returns.
  pending_.erase(request);
  done_({request, ok, std::move(state), std::move(error)});
}

bool Units::write_override(const std::string& unit) {
  if (!is_plain_name(unit)) return false;
  std::string text = "[Unit]\nDescription=Cluster Controlled " + unit +
                     "\nBefore=pacemaker.service pacemaker_remote.service\n";
  if (unit.ends_with(".service")) text += "\n[Service]\nRestart=no\n";
  const std::string path = override_root_ + "/" + unit + ".d";
  if (!make_folder(path, 0755)) return false;
  FILE* file = std::fopen((path + "/" + kOverrideName).c_str(), "we");
  if (!file) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fclose(file) == 0 && written;
}

bool Units::remove_override(const std::string& unit) {
  if (!is_plain_name(unit)) return false;
  const std::string path = override_root_ + "/" + unit + ".d";
  const bool removed = unlink((path + "/" + kOverrideName).c_str()) == 0;
  if (removed) rmdir(path.c_str());
  return removed;
}

void Units::reload_manager() {
  sd_bus_call_method_async(bus_, nullptr, kService, kObject, kManager, "Reload", nullptr, nullptr,
                           nullptr);
}

}  // namespace quorate::runtime
