#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "messages/core.h"

/// Transient node attributes (spec/10): clients to their node's attribute manager, and attribute
/// managers to each other in the agreed order.
namespace quorate {

inline constexpr std::size_t kMaxAttributeMessageBytes = 16U << 20;

/// When the client of a change is answered (spec/10 §12).
enum class AttributeWait { kNo, kLocal, kCluster };

struct AttributeRequest {
  enum class Kind {
    kUpdate,         ///< value for a node; dampening only if this creates the attribute
    kUpdateBoth,     ///< value and dampening
    kUpdateDelay,    ///< dampening of a known attribute
    kDelete,         ///< the node's value becomes unset
    kQuery,          ///< value for one node, or with `all_nodes` for each with an entry
    kRefresh,        ///< write all to the CIB now
    kClearFailures,  ///< spec/10 §13.2
    kPurge,          ///< forget all values of `node`; with `forget_node` also its name
  };
  std::uint64_t id = 0;  ///< chosen by the client, comes back in the reply
  Kind kind = Kind::kQuery;
  std::string client;   ///< the tool's name, for the log
  std::string name;     ///< exact name, or
  std::string pattern;  ///< POSIX extended regular expression of known names
  /// More (name, value) pairs set together with the first, for the same node: kUpdate only.
  std::vector<std::pair<std::string, std::string>> more;
  std::optional<std::string> value;  ///< kUpdate without one: delete
  std::string node;                  ///< empty: this node
  std::string node_id;               ///< cluster layer's number if known
  bool node_is_remote = false;
  bool all_nodes = false;  ///< kQuery
  std::string dampening;   ///< as given by the user; empty: none given
  std::string set_type;    ///< empty, instance_attributes or utilization
  std::string set_id;
  bool is_private = false;
  std::string user;  ///< on behalf of; root and the cluster user only
  AttributeWait wait = AttributeWait::kNo;
  std::string resource;          ///< kClearFailures
  std::string operation;         ///< kClearFailures
  std::int64_t interval_ms = 0;  ///< kClearFailures
  bool forget_node = false;      ///< kPurge
  bool unless_member = false;    ///< kPurge: without effect if the node's manager is a member then
};

struct AttributeValueOf {
  std::string node;
  std::optional<std::string> value;
};

struct AttributeReply {
  std::uint64_t id = 0;
  bool ok = true;
  ErrorKind error = ErrorKind::kInternal;  ///< kNotFound: unknown name; kTimeout: wait gave up
  std::string message;
  std::string name;                      ///< kQuery
  std::vector<AttributeValueOf> values;  ///< kQuery
};

std::string encode(const AttributeRequest& request);
Result<AttributeRequest> decode_attribute_request(std::string_view text);
std::string encode(const AttributeReply& reply);
Result<AttributeReply> decode_attribute_reply(std::string_view text);

// ---- Between attribute managers -----------------------------------------------------------------

/// What is fixed when an attribute is created, and its dampening (spec/10 §2).
struct AttributeTraits {
  std::string set_type = "instance_attributes";
  std::string set_id;
  bool is_private = false;
  std::string user;
  std::int64_t dampening_ms = 0;
  friend bool operator==(const AttributeTraits&, const AttributeTraits&) = default;
};

/// One change in the agreed order: patterns, increments and the node are resolved.
struct AttributeChange {
  struct Part {
    std::string name;
    bool sets_value = false;
    std::optional<std::string> value;  ///< with sets_value: nothing means unset
    bool sets_dampening = false;       ///< also if the attribute exists
    bool creates = false;              ///< whether an unknown attribute is created
    AttributeTraits traits;            ///< used when created; dampening when sets_dampening
  };
  std::uint64_t request = 0;  ///< of the sender, for AttributeSeen
  bool confirm = false;       ///< every manager answers with AttributeSeen
  std::string node;           ///< empty in a clear of failures: every node
  std::string node_id;        ///< if known
  bool node_is_remote = false;
  std::vector<Part> parts;
};

/// The sender has applied the change `request` of `origin`.
struct AttributeSeen {
  NodeNumber origin = 0;
  std::uint64_t request = 0;
};

/// All values of a node are forgotten.
struct AttributePurge {
  std::string node;
  bool forget_node = false;
  bool unless_member = false;  ///< without effect if the node's manager is a member then
  std::string cause;
};

/// A manager's part of a merged state after a view with new members: its own node's values, and if
/// it is the first of those that shared one state, also those of all nodes whose managers don't
/// share it; of these, values of members that aren't fresh don't count.
struct AttributeSync {
  struct Value {
    std::string name;
    std::string node;
    std::string node_id;
    bool node_is_remote = false;
    std::optional<std::string> value;
  };
  std::uint64_t view = 0;
  std::uint32_t part = 0;  ///< pieces count from 0
  bool last = true;
  bool speaks_for_others = false;
  bool fresh = false;  ///< the sender knows nothing yet: others speak for its node
  std::vector<std::pair<std::string, AttributeTraits>> attributes;
  std::vector<Value> values;
};

using AttributeMessage =
    std::variant<AttributeChange, AttributeSeen, AttributePurge, AttributeSync>;

std::string encode(const AttributeMessage& message);
Result<AttributeMessage> decode_attribute_message(std::string_view text);

}  // namespace quorate
