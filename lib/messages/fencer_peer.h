#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "messages/core.h"
#include "messages/fencer.h"

/// What fencers say to each other, broadcast in the agreed order of their group, so that all of
/// them keep the same history (spec/12 §9, §20; design/architecture.md "Start-up and fencing").
namespace quorate::fencer {

/// A new operation. Its `origin` coordinates it; every fencer answers with an Offer. A fencer that
/// isn't the origin sends this when asked to fence its own node.
struct Query {
  Operation operation;
  std::int64_t timeout_s = 0;
  std::int64_t delay_s = 0;
  bool allow_self_fencing = false;
};

/// A device that can do an operation's action on its target, as seen by the sender.
struct OfferedDevice {
  std::string id;
  bool verified = false;  ///< has had a successful monitor, list or status there
  bool unfences = false;  ///< must be run for `on` (spec/12 §17)
  bool supports_on = false;
  bool stays_off = false;  ///< pcmk_reboot_action=off
  bool may_reboot = true;  ///< the sender isn't barred from the action (spec/12 §6.1)
  bool may_off = true;
  bool may_on = true;
  std::int64_t reboot_timeout_s = 0;  ///< pcmk_ACTION_timeout; 0: the base timeout
  std::int64_t off_timeout_s = 0;
  std::int64_t on_timeout_s = 0;
  std::int64_t delay_base_s = 0;
  std::int64_t delay_max_s = 0;
};
struct Offer {
  std::string operation;
  std::vector<OfferedDevice> devices;
};

/// The coordinator has chosen who executes.
struct Execute {
  std::string operation;
  std::uint64_t attempt = 0;  ///< counts within the operation
  NodeNumber node = 0;
  std::string device;  ///< empty: any that can
  std::string action;
  std::int64_t timeout_s = 0;
  std::int64_t delay_s = 0;
  std::int64_t total_s = 0;  ///< total timeout of the operation
  bool last = false;         ///< its success is the operation's success
};
struct Executed {
  std::string operation;
  std::uint64_t attempt = 0;
  AgentResult result;
};

/// The operation is over.
struct Ended {
  Operation operation;
};

/// What the sender knows, for those that joined; merged by everyone alike. `asked_for`: sent
/// because of a GetHistory with synchronise.
struct HistoryShare {
  std::vector<Operation> operations;
  bool asked_for = false;
};
/// Everyone is to send its HistoryShare.
struct HistoryWanted {};
/// Everyone removes ended operations; target empty: all.
struct HistoryCleaned {
  std::string target;
};

using PeerMessage = std::variant<Query, Offer, Execute, Executed, Ended, HistoryShare,
                                 HistoryWanted, HistoryCleaned>;

std::string encode(const PeerMessage& message);
Result<PeerMessage> decode_peer_message(std::string_view payload);

}  // namespace quorate::fencer
