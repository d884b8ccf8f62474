#include "messages/replica.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "messages/envelope.h"

namespace quorate {
namespace {

constexpr std::array<std::string_view, 9> kNames = {
    "replica-report", "replica-request",    "replica-fact",   "replica-piece",   "replica-in-sync",
    "replica-synced", "replica-checkpoint", "replica-answer", "replica-resettle"};

template <class T>
EnvelopeWriter begin() {
  return EnvelopeWriter(kNames[ReplicaMessage(T{}).index()]);
}

std::string write(const ReplicaReport& m) {
  return begin<ReplicaReport>()
      .put("round", m.round)
      .put_unsigned("order", m.order)
      .put("chain", m.chain)
      .put_unsigned("lineage", m.lineage)
      .put_unsigned("proposed", m.proposed)
      .put_unsigned("quorate-order", m.quorate_order)
      .put("version", cib::to_text(m.version))
      .put("configuration", m.configuration_digest)
      .put_flag("fresh", m.fresh)
      .put_flag("suspect", m.suspect)
      .finish();
}

std::string write(const OrderedRequest& m) {
  std::string groups;
  for (const std::string& group : m.groups) groups += (groups.empty() ? "" : "\n") + group;
  return begin<OrderedRequest>()
      .put_unsigned("serial", m.serial)
      .put("session", m.session)
      .put_unsigned("id", m.request_id)
      .put("client", m.client)
      .put("user", m.user)
      .put("groups", groups)
      .put_flag("enforce", m.enforce_access)
      .put("node", m.node)
      .put("written", m.written)
      .put("feature-set", m.feature_set)
      .put("operation", cib::operation_name(m.what.operation))
      .put("section", m.what.section)
      .put("options", cib::to_text(m.what.options))
      .finish(m.what.data);
}

std::string write(const OrderedFact& m) {
  return begin<OrderedFact>()
      .put("members", m.members)
      .put_flag("quorate", m.quorate)
      .put_unsigned("dc", m.dc)
      .put_unsigned("configured", m.configured_nodes)
      .put_unsigned("confirmed", m.confirmed)
      .finish();
}

std::string write(const StatePiece& m) {
  return begin<StatePiece>()
      .put("round", m.round)
      .put_flag("status", m.is_status)
      .put_unsigned("index", m.index)
      .put_unsigned("count", m.count)
      .finish(m.content);
}

std::string write(const InSync& m) { return begin<InSync>().put("round", m.round).finish(); }
std::string write(const Synced& m) {
  return begin<Synced>().put("round", m.round).put_unsigned("order", m.order).finish();
}
std::string write(const Checkpoint& m) {
  return begin<Checkpoint>().put("round", m.round).finish();
}
std::string write(const CheckAnswer& m) {
  return begin<CheckAnswer>()
      .put("round", m.round)
      .put_unsigned("order", m.order)
      .put("chain", m.chain)
      .finish();
}
std::string write(const Resettle& m) { return begin<Resettle>().put("round", m.round).finish(); }

std::uint32_t clip(std::uint64_t number) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, 0xffffffff));
}

Result<ReplicaMessage> read_report(const Envelope& e) {
  ReplicaReport m;
  m.round = e.text("round");
  m.order = e.unsigned_number("order");
  m.chain = e.text("chain");
  m.lineage = e.unsigned_number("lineage");
  m.proposed = e.unsigned_number("proposed");
  m.quorate_order = e.unsigned_number("quorate-order");
  m.version = cib::version_from(e.text("version"));
  m.configuration_digest = e.text("configuration");
  m.fresh = e.flag("fresh");
  m.suspect = e.flag("suspect");
  return m;
}

Result<ReplicaMessage> read_request(const Envelope& e) {
  OrderedRequest m;
  const auto operation = cib::operation_from(e.text("operation"));
  if (!operation) {
    return fail(ErrorKind::kUnsupported, "CIB operation '" + e.text("operation") + "' is unknown");
  }
  m.serial = e.unsigned_number("serial");
  m.session = e.text("session");
  m.request_id = e.unsigned_number("id");
  m.client = e.text("client");
  m.user = e.text("user");
  for (const std::string_view group : split_words(e.text("groups"), '\n')) {
    m.groups.emplace_back(group);
  }
  m.enforce_access = e.flag("enforce");
  m.node = e.text("node");
  m.written = e.text("written");
  m.feature_set = e.text("feature-set");
  m.what.operation = *operation;
  m.what.section = e.text("section");
  m.what.options = cib::options_from(e.text("options"));
  m.what.data = std::string(e.body());
  return m;
}

Result<ReplicaMessage> read_piece(const Envelope& e) {
  StatePiece m;
  m.round = e.text("round");
  m.is_status = e.flag("status");
  m.index = clip(e.unsigned_number("index"));
  m.count = clip(e.unsigned_number("count"));
  m.content = std::string(e.body());
  return m;
}

}  // namespace

std::string encode(const ReplicaMessage& message) {
  return std::visit([](const auto& m) { return write(m); }, message);
}

Result<ReplicaMessage> decode_replica_message(std::string_view text) {
  const Result<Envelope> opened = Envelope::open(text);
  if (!opened) return tl::unexpected(opened.error());
  const Envelope& e = *opened;
  const auto found = std::find(kNames.begin(), kNames.end(), e.name());
  switch (found - kNames.begin()) {
    case 0:
      return read_report(e);
    case 1:
      return read_request(e);
    case 2:
      return OrderedFact{e.text("members"), e.flag("quorate"), clip(e.unsigned_number("dc")),
                         clip(e.unsigned_number("configured")), e.unsigned_number("confirmed")};
    case 3:
      return read_piece(e);
    case 4:
      return InSync{e.text("round")};
    case 5:
      return Synced{e.text("round"), e.unsigned_number("order")};
    case 6:
      return Checkpoint{e.text("round")};
    case 7:
      return CheckAnswer{e.text("round"), e.unsigned_number("order"), e.text("chain")};
    case 8:
      return Resettle{e.text("round")};
    default:
      return fail(ErrorKind::kInvalid,
                  "message of unknown kind '" + std::string(e.name()) + "' refused");
  }
}

}  // namespace quorate
