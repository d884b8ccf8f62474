#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "messages/core.h"

/// What a process of a group heard of the cluster layer, as a recorder wrote it down, and whether
/// the model of the layer (tests/sim/cluster_layer.h) could have told it so. The simulator is worth
/// what its model is: traces of real corosync under cuts and kills (tests/lab) and of the model
/// itself are held to the same rules.
namespace quorate::traces {

/// A message that a recorder sent: its process' run and a number counting from 1.
struct TracedMessage {
  NodeNumber node = 0;
  std::string run;
  std::uint64_t number = 0;
  friend auto operator<=>(const TracedMessage&, const TracedMessage&) = default;
};

/// What one process heard between two views.
struct TracedView {
  GroupView view;
  std::vector<TracedMessage> delivered;
};

/// One membership of a process: from joining to loss, end, or the end of the recording.
struct TracedMembership {
  NodeNumber node = 0;
  std::string run;
  std::vector<TracedView> views;
  std::vector<std::uint64_t> sent;  ///< numbers accepted, in order
  std::vector<NodeMembership> nodes;
  std::string name() const { return std::to_string(node) + "/" + run; }
};

/// Lines of a recorder:
///   run NODE RUN                      a process begins (again after `lost`, with another RUN)
///   sent NUMBER                       a broadcast was accepted
///   view VIEW RING MEMBERS JOINED LEFT
///   got NODE RUN NUMBER
///   nodes RING QUORATE MEMBERS CONFIGURED
/// MEMBERS: `1:INCARNATION,2:INCARNATION`; lists of numbers `1,2`; `-` is an empty list. A last
/// line without its newline is dropped: its writer was killed. kInvalid names the line.
Result<std::vector<TracedMembership>> read_trace(std::istream& lines, const std::string& name);

/// Why the model couldn't have told these processes what they heard; empty if it could.
std::vector<std::string> judge(const std::vector<TracedMembership>& traces);

}  // namespace quorate::traces
