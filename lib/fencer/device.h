#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/fence_parameters.h"
#include "agents/metadata.h"

namespace quorate::fencer {

/// A configured instance of a fence agent (spec/12 §3, §4), with what has been learnt about it.
struct Device {
  std::string id;
  std::string agent;
  agents::FenceParameters parameters;
  bool unfencing = false;  ///< meta-attribute provides=unfencing
  bool from_cib = false;
  bool by_request = false;  ///< "started": may be monitored
  bool verified = false;    ///< successful monitor, list or status since registration

  // From the parameters:
  std::vector<std::string> host_list;
  std::map<std::string, std::string> host_map;  ///< lower-case node to port

  // Learnt:
  std::vector<std::string> listed;  ///< targets of the last successful `list`
  bool has_listed = false;
  bool list_failed = false;  ///< the last `list` failed
  std::int64_t listed_until_ms = 0;
  bool switched_to_status = false;

  Device() = default;
  Device(std::string id, std::string agent, agents::FenceParameters parameters, bool unfencing);

  /// What the agent calls the target: its port from the host map, else its name.
  std::string port_of(std::string_view target) const;
  /// Same agent and parameters, as far as they matter (spec/12 §4).
  bool same_definition(const Device& other) const;
};

/// What a device's agent can do; null metadata: nothing known (spec/12 §5).
bool supports(const agents::Metadata* metadata, std::string_view action);
bool requires_unfencing(const Device& device, const agents::Metadata* metadata);
/// Parameter that receives the target: plug before port; empty if there is none.
std::string default_host_argument(const agents::Metadata* metadata);
/// The action that is run for a requested one: off for a reboot the agent can't do (spec/12 §7.2).
std::string effective_action(const agents::Metadata* metadata, std::string_view action);

/// Whether this node may run an action (off, on, reboot) of the device on a target (spec/12 §6.1).
bool may_execute(const agents::Metadata* metadata, std::string_view action, std::string_view target,
                 std::string_view local_node, bool allow_self_fencing);

enum class Verdict { kYes, kNo, kAskList, kAskStatus };
struct Eligibility {
  Verdict verdict = Verdict::kNo;
  std::string why;  ///< host check or what speaks against it, for the log
};
/// Whether the device can do the action on the target, as far as can be said without running its
/// agent (spec/12 §6).
Eligibility check_eligibility(const Device& device, const agents::Metadata* metadata,
                              std::string_view action, std::string_view target,
                              std::string_view local_node, bool allow_self_fencing,
                              std::int64_t now_ms);

}  // namespace quorate::fencer
