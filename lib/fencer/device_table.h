#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fencer/context.h"
#include "fencer/device.h"
#include "fencer/device_runner.h"
#include "fencer/metadata_cache.h"

namespace quorate::fencer {

/// The devices of this node (spec/12 §4), and which of them can fence whom (spec/12 §6).
class DeviceTable {
 public:
  explicit DeviceTable(const FencerConfig& config)
      : config_(config), metadata_(config), runner_(config, metadata_) {}

  enum class Source { kCib, kRequest };
  enum class Change { kNone, kAdded, kReplaced };

  /// Registers a device for one source; the same definition again changes nothing else.
  Change add(Context& context, Device device, Source source);
  /// True if the device is gone now; a device stays while the other source holds it.
  bool remove(Context& context, const std::string& id, Source source);
  const std::map<std::string, Device>& devices() const { return devices_; }
  const agents::Metadata* metadata_of(const Device& device) const {
    return metadata_.find(device.agent);
  }

  struct Search {
    std::string action;
    std::string target;
    std::int64_t timeout_s = 60;  ///< base timeout for list and status
    bool allow_self_fencing = true;
  };
  using Found = std::function<void(Context&, const std::vector<std::string>& devices)>;
  /// Finds the devices that can do it, running agents where needed; those whose answer is known at
  /// once come first, in the order of ids. May call back at once.
  void search(Context& context, const Search& search, Found found);

  /// Runs an action with a device; unknown ones fail (`done` is then called at once). Successful
  /// monitor, list and status make it verified.
  void run(Context& context, Job job, DeviceRunner::Done done);

  bool handle(Context& context, const ProcessEnded& event);
  bool handle(Context& context, const TimerFired& event);

 private:
  struct PendingSearch {
    Search search;
    Found found;
    std::vector<std::string> devices;
    std::size_t outstanding = 0;
  };

  void examine(Context& context, std::uint64_t search, const std::string& device);
  void judged(Context& context, std::uint64_t search, const std::string& device, bool eligible,
              const std::string& why);
  void listed(Context& context, const std::string& device, const AgentResult& result,
              const std::string& output);

  const FencerConfig& config_;
  MetadataCache metadata_;
  DeviceRunner runner_;
  std::map<std::string, Device> devices_;
  std::map<std::uint64_t, PendingSearch> searches_;
  std::map<std::string, std::vector<std::uint64_t>> waiting_for_list_;  ///< searches by device
};

}  // namespace quorate::fencer
