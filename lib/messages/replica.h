#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "cib/request.h"
#include "messages/core.h"

/// What replicas say to each other over their group, in the agreed order. `round` names the round
/// of settling a message belongs to (members with their incarnations, and a count): one of another
/// round is ignored, since a message sent in one view may be delivered in the next.
namespace quorate {

/// What a member's copy is, sent by each at the start of a round (architecture, "Which copy wins").
struct ReplicaReport {
  std::string round;
  std::uint64_t order = 0;    ///< place of the last change in it
  std::string chain;          ///< stands for the copy and its whole history: equal only if both are
  std::uint64_t lineage = 0;  ///< confirmed: a majority has it on disk
  std::uint64_t proposed = 0;  ///< highest lineage it has heard of
  /// Place of the last change made in a quorate view: what a quorum did beats any number of changes
  /// made without, also if no later quorate view has raised the lineage.
  std::uint64_t quorate_order = 0;
  cib::Version version;
  std::string configuration_digest;
  bool fresh = false;    ///< read from disk and never part of a running cluster: has no status
  bool suspect = false;  ///< known to be wrong or invalid: wins only over others of the kind
};

/// A change, resolved by the node that accepted it: applying reads nothing but this and the
/// document.
struct OrderedRequest {
  std::uint64_t serial = 0;  ///< of the sender's process, for its own bookkeeping
  std::string session;       ///< with `request_id` the name under which it is applied once
  std::uint64_t request_id = 0;
  std::string client;
  std::string user;
  std::vector<std::string> groups;
  bool enforce_access = false;
  std::string node;         ///< name of the sender
  std::string written;      ///< cib-last-written
  std::string feature_set;  ///< newer documents are refused
  /// Names the configuration for which the sender has validated what comes of the request; empty:
  /// none.
  std::string valid_for;
  cib::Request what;
};

/// The DC's word about this view (CibClusterFact), at its place in the order.
struct OrderedFact {
  std::string members;  ///< as in `round`, without the count
  bool quorate = false;
  NodeNumber dc = 0;
  std::uint32_t configured_nodes = 0;
  /// 0: a first word, which proposes the next lineage if quorate. Otherwise: enough nodes have this
  /// proposal on disk, it is the lineage from here on.
  std::uint64_t confirmed = 0;
};

/// A piece of the cluster's copy, at most 64 KiB.
struct StatePiece {
  std::string round;
  bool is_status = false;  ///< of the status part; otherwise of the configuration part
  std::uint32_t index = 0;
  std::uint32_t count = 0;
  std::string content;
};

/// The sender has received and replayed all it needed.
struct InSync {
  std::string round;
};

/// The sender has this place of the order on disk; on the DC's node its controller has seen it.
struct Synced {
  std::string round;
  std::uint64_t order = 0;
};

/// Everyone in sync is to say what it has at this place; and the answers.
struct Checkpoint {
  std::string round;
};
struct CheckAnswer {
  std::string round;
  std::uint64_t order = 0;
  std::string chain;
};

/// A member lost its way (its queue ran full, a part couldn't be read): a new round for all.
struct Resettle {
  std::string round;
};

using ReplicaMessage = std::variant<ReplicaReport, OrderedRequest, OrderedFact, StatePiece, InSync,
                                    Synced, Checkpoint, CheckAnswer, Resettle>;
std::string encode(const ReplicaMessage& message);
/// kInvalid if the text is no such message, kUnsupported for another protocol.
Result<ReplicaMessage> decode_replica_message(std::string_view text);

}  // namespace quorate
