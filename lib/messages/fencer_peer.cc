#include "messages/fencer_peer.h"

#include "messages/codec.h"
#include "messages/fencer_form.h"

namespace quorate::codec {

template <>
struct Form<fencer::Query> {
  static constexpr std::string_view kName = "fencer-query";
  static void describe(auto& archive, auto& m) {
    archive("timeout", m.timeout_s, kSeconds);
    archive("delay", m.delay_s, kDelay);
    archive("allow-self-fencing", m.allow_self_fencing);
    archive("operation", m.operation);
  }
};

template <>
struct Form<fencer::OfferedDevice> {
  static void describe(auto& archive, auto& m) {
    archive("id", m.id);
    archive("verified", m.verified);
    archive("unfences", m.unfences);
    archive("supports-on", m.supports_on);
    archive("stays-off", m.stays_off);
    archive("may-reboot", m.may_reboot);
    archive("may-off", m.may_off);
    archive("may-on", m.may_on);
    archive("reboot-timeout", m.reboot_timeout_s, kSeconds);
    archive("off-timeout", m.off_timeout_s, kSeconds);
    archive("on-timeout", m.on_timeout_s, kSeconds);
    archive("delay-base", m.delay_base_s, kSeconds);
    archive("delay-max", m.delay_max_s, kSeconds);
  }
};

template <>
struct Form<fencer::Offer> {
  static constexpr std::string_view kName = "fencer-offer";
  static void describe(auto& archive, auto& m) {
    archive("operation", m.operation);
    archive("device", m.devices);
  }
};

template <>
struct Form<fencer::Execute> {
  static constexpr std::string_view kName = "fencer-execute";
  static void describe(auto& archive, auto& m) {
    archive("operation", m.operation);
    archive("attempt", m.attempt);
    archive("node", m.node);
    archive("device", m.device);
    archive("action", m.action);
    archive("timeout", m.timeout_s, kSeconds);
    archive("delay", m.delay_s, kDelay);
    archive("total", m.total_s, kSeconds);
    archive("last", m.last);
  }
};

template <>
struct Form<fencer::Executed> {
  static constexpr std::string_view kName = "fencer-executed";
  static void describe(auto& archive, auto& m) {
    archive("operation", m.operation);
    archive("attempt", m.attempt);
    archive.inlined(m.result);
  }
};

template <>
struct Form<fencer::Ended> {
  static constexpr std::string_view kName = "fencer-ended";
  static void describe(auto& archive, auto& m) { archive("operation", m.operation); }
};

template <>
struct Form<fencer::HistoryShare> {
  static constexpr std::string_view kName = "fencer-history-share";
  static void describe(auto& archive, auto& m) {
    archive("asked-for", m.asked_for);
    archive("operation", m.operations);
  }
};

template <>
struct Form<fencer::HistoryWanted> {
  static constexpr std::string_view kName = "fencer-history-wanted";
  static void describe(auto&, auto&) {}
};

template <>
struct Form<fencer::HistoryCleaned> {
  static constexpr std::string_view kName = "fencer-history-cleaned";
  static void describe(auto& archive, auto& m) { archive("target", m.target); }
};

}  // namespace quorate::codec

namespace quorate::fencer {

std::string encode(const PeerMessage& message) { return codec::encode(message); }

Result<PeerMessage> decode_peer_message(std::string_view payload) {
  return codec::decode<PeerMessage>(payload, "one between fencers");
}

}  // namespace quorate::fencer
