#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "messages/core.h"

/// What the processes of one CPG group say to each other below the cores' messages. A letter, the
/// version of this protocol, then fields in little-endian order.
namespace quorate::cluster {

/// A process as CPG names it. A rebooted node's process may have the number of its predecessor.
struct Process {
  NodeNumber node = 0;
  std::uint32_t pid = 0;
  friend auto operator<=>(const Process&, const Process&) = default;
};

/// Members with the number of the view that holds them.
struct Roster {
  std::uint64_t number = 0;
  std::map<Process, Member> members;
  friend bool operator==(const Roster&, const Roster&) = default;
};

/// "I have joined the group": asks for a Welcome. `nonce` is new with each.
struct JoinMessage {
  std::uint64_t nonce = 0;
  std::uint64_t ring = 0;  ///< in which it was sent
  std::string name;
};
/// Answers a JoinMessage: how things stood at its place in the order, the joiner included.
struct WelcomeMessage {
  Process joiner;
  std::uint64_t nonce = 0;
  std::uint64_t changes = 0;
  std::uint64_t merged_ring = 0;
  Roster roster;
};
/// Sent when rings have merged to this one: the view of the sender's side.
struct TableMessage {
  std::uint64_t merged_ring = 0;
  Roster roster;
};
/// A core's message, or the piece `index` of `count` of one.
struct PieceMessage {
  std::uint64_t id = 0;
  std::uint32_t index = 0;
  std::uint32_t count = 1;
  std::string_view content;  ///< into what was decoded
};

/// Several of a core's messages, each whole, in this order: fewer messages cost less.
struct BundleMessage {
  std::uint64_t id = 0;
  std::vector<std::string_view> contents;  ///< into what was decoded
};

using GroupMessage =
    std::variant<JoinMessage, WelcomeMessage, TableMessage, PieceMessage, BundleMessage>;

std::string encode(const JoinMessage& message);
std::string encode(const WelcomeMessage& message);
std::string encode(const TableMessage& message);
std::string encode(const PieceMessage& message);
std::string encode(const BundleMessage& message);
/// The result looks into `bytes`. kInvalid for anything bent, kUnsupported for a later version.
Result<GroupMessage> decode_group_message(std::string_view bytes);

/// What a piece takes on the wire besides its content, at most; likewise a bundle.
inline constexpr std::size_t kPieceHeaderBytes = 32;
/// What each of a bundle's messages takes besides its content.
inline constexpr std::size_t kBundledHeaderBytes = 4;

}  // namespace quorate::cluster
