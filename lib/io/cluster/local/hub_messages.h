#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "messages/core.h"

/// What processes and the hub of a local cluster say to each other: a letter, then fields (numbers
/// of eight bytes, strings with their length). Both ends are of one build on one host.
namespace quorate::cluster::hub {

// Process to hub. Hello is the first.
struct Hello {
  std::string node;
  friend bool operator==(const Hello&, const Hello&) = default;
};
struct Join {
  std::string group;
};
struct Leave {};
struct Send {
  std::string payload;
};
/// This node leaves on purpose.
struct Goodbye {};
/// For tests and demonstrations (Hub::command).
struct Command {
  std::string text;
};

// Hub to process.
struct Deliver {
  NodeNumber sender = 0;
  std::string payload;
};
/// Answers Leave: what was sent before belongs to the membership that has ended.
struct Left {};
struct CommandDone {
  std::string text;
};
/// This process is told to go away: its hello was wrong.
struct Refuse {
  std::string reason;
};

using ToHub = std::variant<Hello, Join, Leave, Send, Goodbye, Command>;
using ToProcess = std::variant<GroupView, Deliver, NodeMembership, Left, CommandDone, Refuse>;

std::string encode(const ToHub& message);
std::string encode(const ToProcess& message);
Result<ToHub> decode_to_hub(std::string_view bytes);
Result<ToProcess> decode_to_process(std::string_view bytes);
/// A Send without copying the payload twice.
std::string encode_send(std::string_view payload);
std::string encode_deliver(NodeNumber sender, std::string_view payload);

}  // namespace quorate::cluster::hub
