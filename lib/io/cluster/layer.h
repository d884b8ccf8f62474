#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/loop/loop.h"
#include "messages/core.h"

/// The cluster layer: ordered messages, membership, quorum. What it promises is in contract.md.
namespace quorate::cluster {

inline constexpr std::size_t kPieceBytes = 64 * 1024;
inline constexpr std::size_t kMaxPayloadBytes = std::size_t{256} << 20;

/// What a cluster's own configuration says about it.
struct ClusterInfo {
  std::string name;
  /// From the death of a node to its loss, at most.
  std::int64_t token_timeout_ms = 1000;
};

/// What a process hears from the layer, always from the loop.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_view(GroupView view) = 0;
  virtual void on_delivered(NodeNumber sender, std::string payload) = 0;
  virtual void on_nodes(NodeMembership nodes) = 0;
  virtual void on_broadcast_allowed(bool allowed) = 0;
  /// The connection to the layer is lost (contract.md 15).
  virtual void on_lost(const std::string& reason) = 0;
};

/// This process' connection to the cluster layer, with at most one group.
class Layer {
 public:
  virtual ~Layer() = default;

  /// This node's number and name; known before the layer is connected.
  virtual Member local_node() const = 0;
  virtual ClusterInfo cluster() const = 0;
  /// Connects, and stays connected, with these callbacks. Once, before anything below.
  virtual void start(Listener& listener) = 0;
  /// Joins a group, also again after each loss. A view follows.
  virtual void join(std::string group) = 0;
  /// Leaves the group: no view or delivery follows, the others see this member leave.
  virtual void leave() = 0;
  /// Sends to all members of the group, oneself included. kInvalid if it is too long,
  /// kDisconnected if not a member, kTimeout if refused for now (contract.md 12).
  virtual Result<void> broadcast(std::string_view payload) = 0;
  /// This node leaves the cluster on purpose: others needn't wait for the detection time. For the
  /// last process of a node that ends cleanly. Blocks up to 100 ms to have it sent.
  virtual void say_goodbye() = 0;
};

/// The layer that `description` names: `corosync`, also if it is empty; `local:FOLDER` for the
/// local one with its hub in FOLDER. `node` is this node's name on the local layer; corosync knows
/// it. Errors: kUnsupported for an unknown layer, kNotFound for a node that isn't in the cluster's
/// node list, kDisconnected if corosync doesn't run, kIo, kInvalid.
Result<std::unique_ptr<Layer>> open_layer(io::Loop& loop, std::string_view description,
                                          std::string_view node);

}  // namespace quorate::cluster
