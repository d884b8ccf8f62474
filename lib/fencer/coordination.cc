#include "fencer/coordination.h"

#include <algorithm>

#include "base/text.h"

namespace quorate::fencer {
namespace {

const AgentResult kSuccess{ocf::kOk, ExecutionStatus::kDone, {}};

bool may(const OfferedDevice& device, const std::string& action) {
  if (action == "reboot") return device.may_reboot;
  return action == "on" ? device.may_on && device.supports_on : device.may_off;
}

}  // namespace

Coordination::Coordination(Query query, const Levels* levels, std::set<NodeNumber> peers)
    : query_(std::move(query)),
      action_(query_.operation.action),
      levels_(levels != nullptr ? *levels : Levels{}),
      expected_(std::move(peers)),
      delay_s_(query_.delay_s) {
  std::erase_if(levels_, [](const auto& level) { return level.second.empty(); });
  level_ = levels_.begin();
  if (!has_topology()) return;
  if (level_->first != 1 && delay_s_ > 0) delay_s_ = 0;
  enter_level();
}

// ---- Events -----------------------------------------------------------------------------------

void Coordination::offered(NodeNumber node, const std::string& name,
                           std::vector<OfferedDevice> devices) {
  if (expected_.erase(node) == 0 || devices.empty()) return;
  const std::size_t count = devices.size();
  const auto place = std::find_if(peers_.begin(), peers_.end(),
                                  [&](const Peer& peer) { return peer.devices.size() <= count; });
  peers_.insert(place, Peer{node, name, std::move(devices), false, {}});
}

void Coordination::executed(std::uint64_t attempt, const AgentResult& result) {
  if (!executing_ || executing_->attempt != attempt) return;
  const std::string device = executing_->device;
  executing_.reset();
  if (!result.succeeded()) {
    failed_here(result);
    if (!has_topology() && result.status == ExecutionStatus::kTimedOut) over_ = result;
    return;
  }
  if (!has_topology()) {
    over_ = kSuccess;
    return;
  }
  done_devices_.insert(device);
  next_device();
}

void Coordination::peer_left(NodeNumber node) {
  expected_.erase(node);
  std::erase_if(peers_, [&](const Peer& peer) { return peer.node == node; });
  if (executing_ && executing_->node == node) {
    executing_.reset();
    failed_here({ocf::kError, ExecutionStatus::kNotConnected,
                 "Peer left the cluster before it returned a fence result"});
  }
}

void Coordination::request_timer_expired() {
  if (!executing_) return;
  executing_.reset();
  failed_here(
      {ocf::kError, ExecutionStatus::kTimedOut, "Peer did not return fence result within timeout"});
}

AgentResult Coordination::total_timer_expired() const {
  if (phase_ == Phase::kOn) return kSuccess;
  return {ocf::kError, ExecutionStatus::kTimedOut,
          "Fencing did not complete within a total timeout based on the configured timeout and "
          "retries for any devices attempted"};
}

/// The device or peer tried last didn't do it.
void Coordination::failed_here(const AgentResult& result) {
  last_failure_ = result;
  if (!has_topology()) return;
  if (phase_ == Phase::kOn) {
    notes_.push_back("Ignoring " + devices_[device_] + " 'on' failure (" +
                     (result.reason.empty() ? std::string(execution_status_text(result.status))
                                            : result.reason) +
                     ") targeting " + query_.operation.target + " after successful 'off'");
    next_device();
  } else if (!next_level()) {
    level_ = levels_.end();
  }
}

// ---- Topology ---------------------------------------------------------------------------------

void Coordination::enter_level() {
  devices_ = level_->second;
  device_ = 0;
  phase_ = Phase::kSimple;
  action_ = query_.operation.action;
  if (action_ == "reboot" && devices_.size() > 1) {
    notes_.push_back("Remapping multiple-device reboot targeting " + query_.operation.target +
                     " to 'off'");
    phase_ = Phase::kOff;
    action_ = "off";
  }
}

bool Coordination::next_level() {
  if (phase_ == Phase::kOff) {
    notes_.push_back("Undoing remap of reboot targeting " + query_.operation.target + " for " +
                     query_.operation.client);
  }
  if (level_ == levels_.end() || ++level_ == levels_.end()) return false;
  if (delay_s_ > 0) delay_s_ = 0;
  enter_level();
  return true;
}

void Coordination::next_device() {
  if (++device_ < devices_.size()) return;
  if (action_ == "on" && phase_ == Phase::kSimple) append_required();
  if (device_ < devices_.size()) return;
  if (phase_ == Phase::kOff) {
    enter_on_phase();
    if (device_ < devices_.size()) return;
  }
  over_ = kSuccess;
}

/// Unfencing needs every device that requires it, beyond those of the level (§10.4).
void Coordination::append_required() {
  for (const Peer& peer : peers_) {
    for (const OfferedDevice& device : peer.devices) {
      const bool listed = std::find(devices_.begin(), devices_.end(), device.id) != devices_.end();
      if (device.unfences && !listed && !done_devices_.contains(device.id)) {
        devices_.push_back(device.id);
      }
    }
  }
}

void Coordination::enter_on_phase() {
  notes_.push_back("Remapped 'off' targeting " + query_.operation.target +
                   " complete, remapping to 'on' for " + query_.operation.client);
  phase_ = Phase::kOn;
  action_ = "on";
  std::erase_if(devices_, [&](const std::string& id) {
    for (const Peer& peer : peers_) {
      const OfferedDevice* device = offer_of(peer, id);
      if (device == nullptr) continue;
      const char* why = device->unfences ? "the cluster unfences the node when it is back"
                        : device->stays_off
                            ? "the device is configured to stay off (pcmk_reboot_action='off')"
                        : !device->supports_on ? "the agent doesn't support 'on'"
                                               : nullptr;
      if (why == nullptr) return false;
      notes_.push_back("Not turning " + query_.operation.target + " back on using " + id +
                       " because " + why);
      return true;
    }
    return false;
  });
  device_ = 0;
}

// ---- Choice -----------------------------------------------------------------------------------

bool Coordination::is_target(const Peer& peer) const {
  return iequals(peer.name, query_.operation.target);
}

const OfferedDevice* Coordination::offer_of(const Peer& peer, const std::string& device) const {
  const auto found =
      std::find_if(peer.devices.begin(), peer.devices.end(),
                   [&](const OfferedDevice& offered) { return offered.id == device; });
  return found == peer.devices.end() ? nullptr : &*found;
}

/// Whether it is clear enough who can do it (§11.1).
bool Coordination::enough_offers() const {
  if (!outstanding()) return true;
  if (!has_topology()) {
    return std::any_of(peers_.begin(), peers_.end(), [&](const Peer& peer) {
      return !is_target(peer) &&
             std::any_of(peer.devices.begin(), peer.devices.end(),
                         [&](const OfferedDevice& device) { return can_use(peer, device, true); });
    });
  }
  const bool fences = query_.operation.action != "on";
  for (const auto& [index, devices] : levels_) {
    for (const std::string& id : devices) {
      const bool offered = std::any_of(peers_.begin(), peers_.end(), [&](const Peer& peer) {
        const OfferedDevice* device = offer_of(peer, id);
        return device != nullptr && may(*device, query_.operation.action) &&
               !(fences && is_target(peer));
      });
      if (!offered) return false;
    }
  }
  return true;
}

bool Coordination::can_use(const Peer& peer, const OfferedDevice& device, bool verified) const {
  if (verified && !device.verified) return false;
  if (peer.used.contains({action_, device.id})) return false;
  if (action_ == "on" && !device.supports_on) return false;
  return !has_topology() || may(device, action_);
}

/// The best peer for a device (empty: for any), or null; `wait`: a better one may still answer.
Coordination::Peer* Coordination::pick(const std::string& device, bool& wait) {
  wait = false;
  const auto first = [&](bool target, bool verified) -> Peer* {
    for (Peer& peer : peers_) {
      if (is_target(peer) != target || (device.empty() && peer.tried)) continue;
      for (const OfferedDevice& offered : peer.devices) {
        if ((device.empty() || offered.id == device) && can_use(peer, offered, verified)) {
          return &peer;
        }
      }
    }
    return nullptr;
  };
  if (Peer* peer = first(false, true)) return peer;
  if (outstanding()) {
    wait = true;
    return nullptr;
  }
  if (Peer* peer = first(false, false)) return peer;
  return phase_ == Phase::kOn ? nullptr : first(true, false);
}

Coordination::Step Coordination::next() {
  if (over_) return end(*over_);
  if (executing_) return {};
  if (!began_) {
    if (!enough_offers()) return {};
    if (query_expired_ && peers_.empty()) {
      return end({ocf::kError, ExecutionStatus::kTimedOut,
                  "No capable peers replied to device query within timeout"});
    }
    began_ = true;
  }
  return has_topology() ? choose_from_topology() : choose_any();
}

Coordination::Step Coordination::choose_any() {
  bool wait = false;
  if (Peer* peer = pick({}, wait)) return execute_on(*peer, {});
  return wait ? Step{} : nobody_left();
}

Coordination::Step Coordination::choose_from_topology() {
  while (!over_ && level_ != levels_.end()) {
    bool wait = false;
    if (Peer* peer = pick(devices_[device_], wait)) return execute_on(*peer, devices_[device_]);
    if (wait) return {};
    if (phase_ == Phase::kOn) {
      notes_.push_back("Ignoring " + devices_[device_] +
                       " 'on' failure (no capable peers) targeting " + query_.operation.target);
      next_device();
    } else {
      notes_.push_back("Couldn't find anyone to fence (" + action_ + ") " +
                       query_.operation.target + " using " + devices_[device_]);
      if (!next_level()) level_ = levels_.end();
    }
  }
  return over_ ? end(*over_) : nobody_left();
}

Coordination::Step Coordination::nobody_left() {
  const std::string& target = query_.operation.target;
  if (has_topology()) {
    notes_.push_back("All fencing options targeting " + target + " for client " +
                     query_.operation.client + "@" + query_.operation.origin + " failed");
  } else {
    notes_.push_back("Couldn't find anyone to fence (" + action_ + ") " + target +
                     " using any device");
  }
  if (query_expired_) {
    return end({ocf::kError, ExecutionStatus::kTimedOut,
                "All nodes failed, or are unable, to fence target"});
  }
  if (!tried_) {
    return end({ocf::kError, ExecutionStatus::kNoFenceDevice,
                "No device configured for target '" + target + "'"});
  }
  AgentResult result = last_failure_;
  if (has_topology()) result.status = ExecutionStatus::kNoFenceDevice;
  if (result.exit_code == ocf::kOk) result.exit_code = ocf::kError;
  return end(std::move(result));
}

Coordination::Step Coordination::execute_on(Peer& peer, const std::string& device) {
  if (total_s_ == 0) set_total(&peer);
  const OfferedDevice* offered = device.empty() ? nullptr : offer_of(peer, device);
  std::int64_t wait_s = offered != nullptr ? device_time_s(*offered, action_, true) * 12 / 10
                                           : peer_time_s(peer) * 12 / 10;
  if (delay_s_ > 0) wait_s += delay_s_ * 12 / 10;

  Step step;
  step.what = Step::What::kExecute;
  step.request_timeout_s = std::max<std::int64_t>(1, wait_s);
  step.execute.operation = query_.operation.id;
  step.execute.attempt = ++attempt_;
  step.execute.node = peer.node;
  step.execute.device = device;
  step.execute.action = action_;
  step.execute.timeout_s =
      offered != nullptr ? device_time_s(*offered, action_, false) : query_.timeout_s;
  step.execute.delay_s = delay_s_;
  step.execute.total_s = total_s_;
  const bool last_device = device_ + 1 >= devices_.size();
  step.execute.last = !has_topology() || phase_ == Phase::kOn ||
                      (phase_ == Phase::kSimple && last_device && action_ != "on");
  if (device.empty()) {
    peer.tried = true;
  } else {
    peer.used.insert({action_, device});
  }
  executing_ = Running{peer.node, device, attempt_};
  tried_ = true;
  if (delay_s_ > 0) delay_s_ = 0;
  return step;
}

// ---- Timeouts (§12) ---------------------------------------------------------------------------

std::int64_t Coordination::device_time_s(const OfferedDevice& device, const std::string& action,
                                         bool with_delay) const {
  std::int64_t own = action == "reboot" ? device.reboot_timeout_s
                     : action == "on"   ? device.on_timeout_s
                                        : device.off_timeout_s;
  if (own <= 0) own = query_.timeout_s;
  if (with_delay && action != "on" && query_.delay_s >= 0) {
    own += device.delay_max_s > 0 ? device.delay_max_s : device.delay_base_s;
  }
  return own;
}

std::int64_t Coordination::peer_time_s(const Peer& peer) const {
  std::int64_t sum = 0;
  for (const OfferedDevice& device : peer.devices) {
    if (may(device, action_)) sum += device_time_s(device, action_, true);
  }
  return sum > 0 ? sum : query_.timeout_s;
}

void Coordination::set_total(const Peer* chosen) {
  std::int64_t sum = 0;
  std::set<std::string> counted;
  const auto add_first = [&](const std::string& id, const std::string& action) {
    for (const Peer& peer : peers_) {
      if (const OfferedDevice* device = offer_of(peer, id)) {
        sum += device_time_s(*device, action, true);
        return;
      }
    }
  };
  if (has_topology()) {
    for (const auto& [index, devices] : levels_) {
      const bool remapped = query_.operation.action == "reboot" && devices.size() > 1;
      for (const std::string& id : devices) {
        add_first(id, remapped ? "off" : query_.operation.action);
        counted.insert(id);
      }
    }
    for (const Peer& peer : peers_) {
      for (const OfferedDevice& device : peer.devices) {
        const bool extra = query_.operation.action == "on" && device.unfences;
        if (extra && counted.insert(device.id).second) add_first(device.id, "on");
      }
    }
  } else if (chosen != nullptr) {
    sum = peer_time_s(*chosen);
  }
  if (sum == 0) sum = query_.timeout_s;
  total_s_ = std::max<std::int64_t>(1, (sum + std::max<std::int64_t>(0, query_.delay_s)) * 12 / 10);
}

Coordination::Step Coordination::end(AgentResult result) {
  Step step;
  step.what = Step::What::kEnd;
  step.result = std::move(result);
  return step;
}

}  // namespace quorate::fencer
