#include "messages/cib.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "messages/envelope.h"

namespace quorate {
namespace {

constexpr std::string_view kRequest = "cib-request";
constexpr std::string_view kSubscribe = "cib-subscribe";
constexpr std::string_view kUnsubscribe = "cib-unsubscribe";
constexpr std::string_view kSeen = "cib-seen";
constexpr std::string_view kFact = "cib-cluster-fact";
constexpr std::string_view kReply = "cib-reply";
constexpr std::string_view kSnapshot = "cib-snapshot";
constexpr std::string_view kChange = "cib-change";
constexpr std::string_view kResync = "cib-resync";
constexpr std::string_view kView = "cib-view";
constexpr std::size_t kMaxMembers = 1024;

std::string join(const std::vector<NodeNumber>& nodes) {
  std::string text;
  for (const NodeNumber node : nodes) {
    if (!text.empty()) text += ' ';
    text += std::to_string(node);
  }
  return text;
}

std::vector<NodeNumber> split_nodes(std::string_view text) {
  std::vector<NodeNumber> nodes;
  for (const std::string_view word : split_words(text)) {
    NodeNumber node = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), node);
    if (error == std::errc{} && node != 0 && nodes.size() < kMaxMembers) nodes.push_back(node);
  }
  return nodes;
}

template <class T>
T clip(std::uint64_t number) {
  return static_cast<T>(std::min<std::uint64_t>(number, static_cast<T>(-1)));
}

Result<CibClientMessage> read_request(const Envelope& envelope) {
  CibRequest message;
  message.id = envelope.unsigned_number("id");
  message.session = envelope.text("session");
  message.client = envelope.text("client");
  message.user = envelope.text("user");
  const std::string operation = envelope.text("operation");
  const auto known = cib::operation_from(operation);
  if (!known) {
    return fail(ErrorKind::kUnsupported, "CIB operation '" + operation + "' is unknown");
  }
  if (message.id == 0) return fail(ErrorKind::kInvalid, "CIB request without an id");
  message.what.operation = *known;
  message.what.section = envelope.text("section");
  message.what.options = cib::options_from(envelope.text("options"));
  message.what.data = std::string(envelope.body());
  return message;
}

Result<CibServerMessage> read_reply(const Envelope& envelope) {
  CibReply message;
  message.id = envelope.unsigned_number("id");
  const std::uint64_t code = envelope.unsigned_number("code");
  message.code = code <= static_cast<std::uint64_t>(cib::Code::kInternal)
                     ? static_cast<cib::Code>(code)
                     : cib::Code::kInternal;
  message.position = envelope.unsigned_number("position");
  message.version = cib::version_from(envelope.text("version"));
  message.durability = static_cast<Durability>(std::min<std::uint64_t>(
      envelope.unsigned_number("durability"), static_cast<std::uint64_t>(Durability::kNotStored)));
  message.message = envelope.text("message");
  message.data = std::string(envelope.body());
  return message;
}

Result<CibServerMessage> read_change(const Envelope& envelope) {
  CibChange message;
  message.position = envelope.unsigned_number("position");
  message.version = cib::version_from(envelope.text("version"));
  message.operation = envelope.text("operation");
  message.client = envelope.text("client");
  message.user = envelope.text("user");
  message.node = envelope.text("node");
  message.request_id = envelope.unsigned_number("request");
  message.session = envelope.text("session");
  message.configuration_changed = envelope.flag("configuration-changed");
  message.patch = std::string(envelope.body());
  return message;
}

tl::unexpected<Error> unknown(const Envelope& envelope) {
  return fail(ErrorKind::kInvalid,
              "message of unknown kind '" + std::string(envelope.name()) + "' refused");
}

}  // namespace

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

std::string encode(const CibRequest& message) {
  return EnvelopeWriter(kRequest)
      .put_unsigned("id", message.id)
      .put("session", message.session)
      .put("client", message.client)
      .put("user", message.user)
      .put("operation", cib::operation_name(message.what.operation))
      .put("section", message.what.section)
      .put("options", cib::to_text(message.what.options))
      .finish(message.what.data);
}

std::string encode(const CibSubscribe& message) {
  return EnvelopeWriter(kSubscribe)
      .put("client", message.client)
      .put_flag("controller", message.controller)
      .finish();
}

std::string encode(const CibUnsubscribe&) { return EnvelopeWriter(kUnsubscribe).finish(); }

std::string encode(const CibSeen& message) {
  return EnvelopeWriter(kSeen).put_unsigned("position", message.position).finish();
}

std::string encode(const CibClusterFact& message) {
  return EnvelopeWriter(kFact)
      .put_unsigned("view", message.view)
      .put_flag("quorate", message.quorate)
      .put_unsigned("dc", message.dc)
      .put_unsigned("configured-nodes", message.configured_nodes)
      .finish();
}

std::string encode(const CibReply& message) {
  return EnvelopeWriter(kReply)
      .put_unsigned("id", message.id)
      .put_number("code", static_cast<int>(message.code))
      .put_unsigned("position", message.position)
      .put("version", cib::to_text(message.version))
      .put_number("durability", static_cast<int>(message.durability))
      .put("message", message.message)
      .finish(message.data);
}

std::string encode(const CibSnapshot& message) {
  return EnvelopeWriter(kSnapshot)
      .put_unsigned("position", message.position)
      .put("version", cib::to_text(message.version))
      .finish(message.document);
}

std::string encode(const CibChange& message) {
  return EnvelopeWriter(kChange)
      .put_unsigned("position", message.position)
      .put("version", cib::to_text(message.version))
      .put("operation", message.operation)
      .put("client", message.client)
      .put("user", message.user)
      .put("node", message.node)
      .put_unsigned("request", message.request_id)
      .put("session", message.session)
      .put_flag("configuration-changed", message.configuration_changed)
      .finish(message.patch);
}

std::string encode(const CibResync& message) {
  return EnvelopeWriter(kResync).put_unsigned("position", message.position).finish();
}

std::string encode(const CibView& message) {
  return EnvelopeWriter(kView)
      .put_unsigned("view", message.view)
      .put_unsigned("ring", message.ring)
      .put("members", join(message.members))
      .put_flag("in-sync", message.in_sync)
      .finish();
}

Result<CibClientMessage> decode_cib_client_message(std::string_view text) {
  const Result<Envelope> envelope = Envelope::open(text);
  if (!envelope) return tl::unexpected(envelope.error());
  if (envelope->name() == kRequest) return read_request(*envelope);
  if (envelope->name() == kSubscribe) {
    return CibSubscribe{envelope->text("client"), envelope->flag("controller")};
  }
  if (envelope->name() == kUnsubscribe) return CibUnsubscribe{};
  if (envelope->name() == kSeen) return CibSeen{envelope->unsigned_number("position")};
  if (envelope->name() == kFact) {
    return CibClusterFact{envelope->unsigned_number("view"), envelope->flag("quorate"),
                          clip<NodeNumber>(envelope->unsigned_number("dc")),
                          clip<std::uint32_t>(envelope->unsigned_number("configured-nodes"))};
  }
  return unknown(*envelope);
}

Result<CibServerMessage> decode_cib_server_message(std::string_view text) {
  const Result<Envelope> envelope = Envelope::open(text);
  if (!envelope) return tl::unexpected(envelope.error());
  if (envelope->name() == kReply) return read_reply(*envelope);
  if (envelope->name() == kChange) return read_change(*envelope);
  if (envelope->name() == kSnapshot) {
    return CibSnapshot{envelope->unsigned_number("position"),
                       cib::version_from(envelope->text("version")), std::string(envelope->body())};
  }
  if (envelope->name() == kResync) return CibResync{envelope->unsigned_number("position")};
  if (envelope->name() == kView) {
    return CibView{envelope->unsigned_number("view"), envelope->unsigned_number("ring"),
                   split_nodes(envelope->text("members")), envelope->flag("in-sync")};
  }
  return unknown(*envelope);
}

}  // namespace quorate
