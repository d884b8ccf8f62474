#include "messages/attributes.h"

#include <algorithm>

#include "messages/codec.h"

namespace quorate::codec {

using RequestKind = AttributeRequest::Kind;

template <>
struct Names<RequestKind> {
  static constexpr std::string_view kNames[] = {"update", "update-both", "update-delay",   "delete",
                                                "query",  "refresh",     "clear-failures", "purge"};
};

template <>
struct Names<AttributeWait> {
  static constexpr std::string_view kNames[] = {"no", "local", "cluster"};
};

template <>
struct Form<AttributeRequest> {
  static constexpr std::string_view kName = "attribute-request";
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("kind", m.kind);
    archive("client", m.client);
    archive("name", m.name);
    archive("pattern", m.pattern);
    archive("value", m.value);
    archive("node", m.node);
    archive("node-id", m.node_id);
    archive("remote", m.node_is_remote);
    archive("all-nodes", m.all_nodes);
    archive("dampening", m.dampening);
    archive("set-type", m.set_type);
    archive("set", m.set_id);
    archive("private", m.is_private);
    archive("user", m.user);
    archive("wait", m.wait);
    archive("resource", m.resource);
    archive("operation", m.operation);
    archive("interval", m.interval_ms);
    archive("forget-node", m.forget_node);
    archive("unless-member", m.unless_member);
    archive("more", m.more);
  }
};

template <>
struct Form<AttributeValueOf> {
  static void describe(auto& archive, auto& m) {
    archive("node", m.node);
    archive("value", m.value);
  }
};

template <>
struct Form<AttributeReply> {
  static constexpr std::string_view kName = "attribute-reply";
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("ok", m.ok);
    archive.numbered("error", m.error, ErrorKind::kInternal, ErrorKind::kInternal);
    archive("message", m.message);
    archive("name", m.name);
    archive("value", m.values);
  }
};

template <>
struct Form<AttributeTraits> {
  static void describe(auto& archive, auto& m) {
    archive("set-type", m.set_type);
    archive("set", m.set_id);
    archive("private", m.is_private);
    archive("user", m.user);
    archive("dampening", m.dampening_ms,
            Between<std::int64_t>{0, std::numeric_limits<std::int64_t>::max()});
    archive.when_read(m, [](auto& read) {
      if (read.set_type != "utilization") read.set_type = "instance_attributes";
    });
  }
};

template <>
struct Form<AttributeChange::Part> {
  static void describe(auto& archive, auto& m) {
    archive("name", m.name);
    archive("sets-value", m.sets_value);
    archive("value", m.value);
    archive("sets-dampening", m.sets_dampening);
    archive("creates", m.creates);
    archive.inlined(m.traits);
  }
};

template <>
struct Form<AttributeChange> {
  static constexpr std::string_view kName = "attribute-change";
  static void describe(auto& archive, auto& m) {
    archive("request", m.request);
    archive("confirm", m.confirm);
    archive("node", m.node);
    archive("node-id", m.node_id);
    archive("remote", m.node_is_remote);
    archive("attribute", m.parts);
    archive.when_read(m, [](auto& read) {
      std::erase_if(read.parts, [](const auto& part) { return part.name.empty(); });
    });
  }
};

template <>
struct Form<AttributeSeen> {
  static constexpr std::string_view kName = "attribute-seen";
  static void describe(auto& archive, auto& m) {
    archive("origin", m.origin);
    archive("request", m.request);
  }
};

template <>
struct Form<AttributePurge> {
  static constexpr std::string_view kName = "attribute-purge";
  static void describe(auto& archive, auto& m) {
    archive("node", m.node);
    archive("forget", m.forget_node);
    archive("unless-member", m.unless_member);
    archive("cause", m.cause);
  }
};

template <>
struct Form<std::pair<std::string, AttributeTraits>> {
  static void describe(auto& archive, auto& m) {
    archive("name", m.first);
    archive.inlined(m.second);
  }
};

template <>
struct Form<AttributeSync::Value> {
  static void describe(auto& archive, auto& m) {
    archive("name", m.name);
    archive("node", m.node);
    archive("node-id", m.node_id);
    archive("remote", m.node_is_remote);
    archive("value", m.value);
  }
};

template <>
struct Form<AttributeSync> {
  static constexpr std::string_view kName = "attribute-sync";
  static void describe(auto& archive, auto& m) {
    archive("view", m.view);
    archive("part", m.part);
    archive("last", m.last);
    archive("others", m.speaks_for_others);
    archive("fresh", m.fresh);
    archive("attribute", m.attributes);
    archive("value", m.values);
    archive.when_read(m, [](auto& read) {
      std::erase_if(read.attributes, [](const auto& entry) { return entry.first.empty(); });
      std::erase_if(read.values, [](const auto& value) { return value.name.empty(); });
    });
  }
};

}  // namespace quorate::codec

namespace quorate {

std::string encode(const AttributeRequest& request) { return codec::encode(request); }

Result<AttributeRequest> decode_attribute_request(std::string_view text) {
  return codec::decode<AttributeRequest>(text, "a request to the attribute manager",
                                         kMaxAttributeMessageBytes);
}

std::string encode(const AttributeReply& reply) { return codec::encode(reply); }

Result<AttributeReply> decode_attribute_reply(std::string_view text) {
  return codec::decode<AttributeReply>(text, "the attribute manager's reply",
                                       kMaxAttributeMessageBytes);
}

std::string encode(const AttributeMessage& message) { return codec::encode(message); }

Result<AttributeMessage> decode_attribute_message(std::string_view text) {
  return codec::decode<AttributeMessage>(text, "one between attribute managers",
                                         kMaxAttributeMessageBytes);
}

}  // namespace quorate
