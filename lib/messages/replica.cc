#include "messages/replica.h"

#include "messages/cib_form.h"
#include "messages/codec.h"

namespace quorate::codec {

template <>
struct Form<ReplicaReport> {
  static constexpr std::string_view kName = "replica-report";
  static void describe(auto& archive, auto& m) {
    archive("round", m.round);
    archive("order", m.order);
    archive("chain", m.chain);
    archive("lineage", m.lineage);
    archive("proposed", m.proposed);
    archive("quorate-order", m.quorate_order);
    archive("version", m.version);
    archive("configuration", m.configuration_digest);
    archive("fresh", m.fresh);
    archive("suspect", m.suspect);
  }
};

template <>
struct Form<OrderedRequest> {
  static constexpr std::string_view kName = "replica-request";
  static void describe(auto& archive, auto& m) {
    archive("serial", m.serial);
    archive.exact("session", m.session);
    archive("id", m.request_id);
    archive("client", m.client);
    archive("user", m.user);
    archive("enforce", m.enforce_access);
    archive("node", m.node);
    archive("written", m.written);
    archive("feature-set", m.feature_set);
    archive("valid-for", m.valid_for);
    archive.inlined(m.what);
    archive("group", m.groups);
  }
};

template <>
struct Form<OrderedFact> {
  static constexpr std::string_view kName = "replica-fact";
  static void describe(auto& archive, auto& m) {
    archive("members", m.members);
    archive("quorate", m.quorate);
    archive("dc", m.dc);
    archive("configured", m.configured_nodes);
    archive("confirmed", m.confirmed);
  }
};

template <>
struct Form<StatePiece> {
  static constexpr std::string_view kName = "replica-piece";
  static void describe(auto& archive, auto& m) {
    archive("round", m.round);
    archive("status", m.is_status);
    archive("index", m.index);
    archive("count", m.count);
    archive.raw("content", m.content);
  }
};

template <>
struct Form<InSync> {
  static constexpr std::string_view kName = "replica-in-sync";
  static void describe(auto& archive, auto& m) { archive("round", m.round); }
};

template <>
struct Form<Synced> {
  static constexpr std::string_view kName = "replica-synced";
  static void describe(auto& archive, auto& m) {
    archive("round", m.round);
    archive("order", m.order);
  }
};

template <>
struct Form<Checkpoint> {
  static constexpr std::string_view kName = "replica-checkpoint";
  static void describe(auto& archive, auto& m) { archive("round", m.round); }
};

template <>
struct Form<CheckAnswer> {
  static constexpr std::string_view kName = "replica-answer";
  static void describe(auto& archive, auto& m) {
    archive("round", m.round);
    archive("order", m.order);
    archive("chain", m.chain);
  }
};

template <>
struct Form<Resettle> {
  static constexpr std::string_view kName = "replica-resettle";
  static void describe(auto& archive, auto& m) { archive("round", m.round); }
};

}  // namespace quorate::codec

namespace quorate {

std::string encode(const ReplicaMessage& message) { return codec::encode(message); }

Result<ReplicaMessage> decode_replica_message(std::string_view text) {
  return codec::decode<ReplicaMessage>(text, "one between replicas of the CIB",
                                       codec::kMaxBytesWithDocument);
}

}  // namespace quorate
