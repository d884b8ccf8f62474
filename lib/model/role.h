#pragma once

#include <cstdint>
#include <string_view>

namespace quorate::model {

/// Roles in their order: "active" means above kStopped (spec/03 §1.3).
enum class Role : std::uint8_t { kUnknown, kStopped, kStarted, kUnpromoted, kPromoted };

/// Case-insensitive, with the legacy names Slave and Master; anything else is kUnknown.
Role parse_role(std::string_view text);
/// `Unknown`, `Stopped`, `Started`, `Unpromoted`, `Promoted`.
std::string_view role_name(Role role);

/// What happens after a failure, least severe first (spec/03 §11.10, spec/05 §3.4).
enum class OnFail : std::uint8_t {
  kIgnore,
  kDemote,
  kRestart,
  kResetRemote,
  kRestartContainer,
  kBan,
  kBlock,
  kStop,
  kStandby,
  kFence,
};

/// Whether probes of a resource run on a node; higher values win (spec/04 §1.3).
enum class Discovery : std::uint8_t { kAlways, kNever, kExclusive };

}  // namespace quorate::model
