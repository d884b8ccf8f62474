#include "fencer/device_table.h"

#include "base/text.h"

namespace quorate::fencer {
namespace {

constexpr std::int64_t kListValidMs = 60'000;

}  // namespace

DeviceTable::Change DeviceTable::add(Context& context, Device device, Source source) {
  const auto known = devices_.find(device.id);
  const std::string id = device.id;
  bool& flag = source == Source::kCib ? device.from_cib : device.by_request;
  flag = true;
  if (known != devices_.end()) {
    if (known->second.same_definition(device)) {
      (source == Source::kCib ? known->second.from_cib : known->second.by_request) = true;
      if (source == Source::kCib) known->second.unfencing = device.unfencing;
      return Change::kNone;
    }
    const bool inherits = source == Source::kCib && known->second.by_request;
    device.by_request = device.by_request || known->second.by_request;
    device.from_cib = device.from_cib || (source == Source::kRequest && known->second.from_cib);
    known->second = std::move(device);
    if (inherits) {
      runner_.device_replaced(known->second);
    } else {
      runner_.device_removed(context, id);
    }
  } else {
    devices_.emplace(id, std::move(device));
  }
  metadata_.when_settled(context, devices_.at(id).agent, [](Context&) {});
  context.log(LogLevel::kNotice, "Added '" + id + "' to device list (" +
                                     std::to_string(devices_.size()) + " active devices)");
  return Change::kAdded;
}

bool DeviceTable::remove(Context& context, const std::string& id, Source source) {
  const auto known = devices_.find(id);
  if (known == devices_.end()) return false;
  (source == Source::kCib ? known->second.from_cib : known->second.by_request) = false;
  if (source == Source::kRequest) known->second.verified = false;
  if (known->second.from_cib || known->second.by_request) return false;
  devices_.erase(known);
  context.log(LogLevel::kInfo, "Removed '" + id + "' from device list (" +
                                   std::to_string(devices_.size()) + " active devices)");
  runner_.device_removed(context, id);
  return true;
}

void DeviceTable::search(Context& context, const Search& search, Found found) {
  const std::uint64_t id = context.new_id();
  PendingSearch& pending = searches_[id];
  pending.search = search;
  pending.found = std::move(found);
  // One more than there are devices, so that it can't be over before all have been looked at.
  pending.outstanding = devices_.size() + 1;
  std::vector<std::pair<std::string, std::string>> known;
  for (const auto& [device, entry] : devices_) known.emplace_back(device, entry.agent);
  for (const auto& [device, agent] : known) {
    metadata_.when_settled(context, agent, [this, id, device = device](Context& later) {
      examine(later, id, device);
    });
  }
  judged(context, id, {}, false, {});
}

void DeviceTable::examine(Context& context, std::uint64_t search, const std::string& id) {
  const auto pending = searches_.find(search);
  if (pending == searches_.end()) return;
  const auto device = devices_.find(id);
  if (device == devices_.end()) {
    judged(context, search, id, false, "it has been removed");
    return;
  }
  const Search& what = pending->second.search;
  const Eligibility eligibility =
      check_eligibility(device->second, metadata_of(device->second), what.action, what.target,
                        config_.node_name, what.allow_self_fencing, context.now.monotonic_ms);
  switch (eligibility.verdict) {
    case Verdict::kYes:
      judged(context, search, id, true, eligibility.why);
      return;
    case Verdict::kNo:
      judged(context, search, id, false, eligibility.why);
      return;
    case Verdict::kAskList: {
      std::vector<std::uint64_t>& waiting = waiting_for_list_[id];
      waiting.push_back(search);
      if (waiting.size() > 1) return;
      run(context, {id, "list", {}, what.timeout_s, 0},
          [this, id](Context& later, const AgentResult& result, const std::string& output) {
            listed(later, id, result, output);
          });
      return;
    }
    case Verdict::kAskStatus:
      run(context, {id, "status", what.target, what.timeout_s, 0},
          [this, search, id](Context& later, const AgentResult& result, const std::string&) {
            const bool answered = result.status == ExecutionStatus::kDone &&
                                  result.exit_code >= 0 && result.exit_code <= 2;
            if (!answered) {
              later.log(LogLevel::kWarning,
                        "Cannot tell what '" + id +
                            "' can fence, since its status failed: " + result.reason);
            }
            judged(later, search, id, answered && result.exit_code != 1, "status");
          });
      return;
  }
}

/// `list` has ended: its targets are kept for a while; a failure falls back on the last ones.
void DeviceTable::listed(Context& context, const std::string& id, const AgentResult& result,
                         const std::string& output) {
  const auto waiting = std::exchange(waiting_for_list_[id], {});
  waiting_for_list_.erase(id);
  const auto device = devices_.find(id);
  if (device != devices_.end()) {
    Device& entry = device->second;
    if (result.succeeded()) {
      entry.listed = agents::parse_host_list(output);
      entry.has_listed = true;
      entry.listed_until_ms = context.now.monotonic_ms + kListValidMs;
    } else if (entry.has_listed) {
      context.log(LogLevel::kInfo, "Reusing most recent target list for " + id + " because " +
                                       (result.reason.empty() ? "list failed" : result.reason));
    } else {
      context.log(LogLevel::kWarning, "Cannot tell what '" + id +
                                          "' can fence, since its list failed: " + result.reason);
      entry.switched_to_status = !entry.parameters.contains("pcmk_host_check");
    }
  }
  for (const std::uint64_t search : waiting) {
    const auto pending = searches_.find(search);
    bool eligible = false;
    if (pending != searches_.end() && device != devices_.end()) {
      const std::string port = device->second.port_of(pending->second.search.target);
      for (const std::string& target : device->second.listed) {
        eligible = eligible || iequals(target, port);
      }
    }
    judged(context, search, id, eligible, "dynamic-list");
  }
}

void DeviceTable::judged(Context& context, std::uint64_t search, const std::string& device,
                         bool eligible, const std::string& why) {
  const auto pending = searches_.find(search);
  if (pending == searches_.end()) return;
  PendingSearch& entry = pending->second;
  if (!device.empty() && !entry.search.target.empty()) {
    context.log(LogLevel::kInfo, device + " is" + (eligible ? "" : " not") +
                                     " eligible to fence (" + entry.search.action + ") " +
                                     entry.search.target + ": " + why);
  }
  if (eligible) entry.devices.push_back(device);
  if (--entry.outstanding > 0) return;
  const Found found = std::move(entry.found);
  const std::vector<std::string> devices = std::move(entry.devices);
  searches_.erase(pending);
  found(context, devices);
}

void DeviceTable::run(Context& context, Job job, DeviceRunner::Done done) {
  const auto device = devices_.find(job.device);
  if (device == devices_.end()) {
    done(context, {ocf::kError, ExecutionStatus::kNoFenceDevice, "'" + job.device + "' not found"},
         {});
    return;
  }
  const std::string id = job.device;
  const std::string action = job.action;
  runner_.run(context, device->second, std::move(job),
              [this, id, action, done = std::move(done)](Context& later, const AgentResult& result,
                                                         const std::string& output) {
                const bool checks = action == "monitor" || action == "list" || action == "status";
                const auto known = devices_.find(id);
                if (checks && result.succeeded() && known != devices_.end()) {
                  known->second.verified = true;
                }
                done(later, result, output);
              });
}

bool DeviceTable::handle(Context& context, const ProcessEnded& event) {
  return runner_.handle(context, event) || metadata_.handle(context, event);
}

bool DeviceTable::handle(Context& context, const TimerFired& event) {
  return runner_.handle(context, event) || metadata_.handle(context, event);
}

}  // namespace quorate::fencer
