#include "messages/cib.h"

#include "messages/cib_form.h"
#include "messages/codec.h"

namespace quorate::codec {

template <>
struct Form<CibRequest> {
  static constexpr std::string_view kName = "cib-request";
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive.exact("session", m.session);
    archive("client", m.client);
    archive("user", m.user);
    archive.inlined(m.what);
    archive.require(m.id != 0, "id", "0 or missing; from 1 are allowed");
  }
};

template <>
struct Names<CibPart> {
  static constexpr std::string_view kNames[] = {"whole", "configuration", "nothing", "history",
                                                "fencing"};
};

template <>
struct Names<LongChanges> {
  static constexpr std::string_view kNames[] = {"patch", "beginning", "request"};
};

template <>
struct Form<CibSubscribe> {
  static constexpr std::string_view kName = "cib-subscribe";
  static void describe(auto& archive, auto& m) {
    archive("client", m.client);
    archive("controller", m.controller);
    archive("part", m.part);
    archive("long-changes", m.long_changes);
    archive("without-results", m.without_results);
  }
};

template <>
struct Form<CibUnsubscribe> {
  static constexpr std::string_view kName = "cib-unsubscribe";
  static void describe(auto&, auto&) {}
};

template <>
struct Form<CibSeen> {
  static constexpr std::string_view kName = "cib-seen";
  static void describe(auto& archive, auto& m) { archive("position", m.position); }
};

template <>
struct Form<CibClusterFact> {
  static constexpr std::string_view kName = "cib-cluster-fact";
  static void describe(auto& archive, auto& m) {
    archive("view", m.view);
    archive("quorate", m.quorate);
    archive("dc", m.dc);
    archive("configured-nodes", m.configured_nodes);
  }
};

template <>
struct Form<CibReply> {
  static constexpr std::string_view kName = "cib-reply";
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive.numbered("code", m.code, cib::Code::kInternal);
    archive("position", m.position);
    archive("version", m.version);
    archive.numbered("durability", m.durability, Durability::kNotStored);
    archive("message", m.message);
    archive.raw("data", m.data);
  }
};

template <>
struct Form<CibSnapshot> {
  static constexpr std::string_view kName = "cib-snapshot";
  static void describe(auto& archive, auto& m) {
    archive("position", m.position);
    archive("version", m.version);
    archive.raw("document", m.document);
  }
};

template <>
struct Form<CibChange> {
  static constexpr std::string_view kName = "cib-change";
  static void describe(auto& archive, auto& m) {
    archive("position", m.position);
    archive("version", m.version);
    archive("operation", m.operation);
    archive("client", m.client);
    archive("user", m.user);
    archive("node", m.node);
    archive("request", m.request_id);
    archive.exact("session", m.session);
    archive("configuration-changed", m.configuration_changed);
    archive.raw("patch", m.patch);
    archive.raw("request", m.request);
    archive("changed", m.sections);
  }
};

template <>
struct Form<CibResync> {
  static constexpr std::string_view kName = "cib-resync";
  static void describe(auto& archive, auto& m) { archive("position", m.position); }
};

template <>
struct Form<CibView> {
  static constexpr std::string_view kName = "cib-view";
  static void describe(auto& archive, auto& m) {
    archive("view", m.view);
    archive("ring", m.ring);
    archive("members", m.members);
    archive("in-sync", m.in_sync);
  }
};

}  // namespace quorate::codec

namespace quorate {

std::string_view to_text(Durability durability) {
  switch (durability) {
    case Durability::kDurable:
      return "durable";
    case Durability::kApplied:
      return "applied";
    case Durability::kUnknown:
      return "unknown";
    case Durability::kNotStored:
      return "not-stored";
  }
  return "unknown";
}

std::string encode(const CibRequest& message) { return codec::encode(message); }
std::string encode(const CibSubscribe& message) { return codec::encode(message); }
std::string encode(const CibUnsubscribe& message) { return codec::encode(message); }
std::string encode(const CibSeen& message) { return codec::encode(message); }
std::string encode(const CibClusterFact& message) { return codec::encode(message); }
std::string encode(const CibReply& message) { return codec::encode(message); }
std::string encode(const CibSnapshot& message) { return codec::encode(message); }
std::string encode(const CibChange& message) { return codec::encode(message); }
std::string encode(const CibResync& message) { return codec::encode(message); }
std::string encode(const CibView& message) { return codec::encode(message); }

Result<CibClientMessage> decode_cib_client_message(std::string_view text) {
  return codec::decode<CibClientMessage>(text, "a request to quorate-cib",
                                         codec::kMaxBytesWithDocument);
}

Result<CibServerMessage> decode_cib_server_message(std::string_view text) {
  return codec::decode<CibServerMessage>(text, "an answer of quorate-cib",
                                         codec::kMaxBytesWithDocument);
}

}  // namespace quorate
