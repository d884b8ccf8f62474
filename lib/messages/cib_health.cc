#include "messages/cib_health.h"

#include "messages/codec.h"

namespace quorate::codec {

template <>
struct Form<CibHealthQuestion> {
  static constexpr std::string_view kName = "cib-health-question";
  static void describe(auto&, auto&) {}
};

template <>
struct Form<CibHealth> {
  static constexpr std::string_view kName = "cib-health";
  static void describe(auto& archive, auto& m) { archive("concern", m.concerns); }
};

}  // namespace quorate::codec

namespace quorate {

std::string encode(const CibHealthQuestion& question) { return codec::encode(question); }

bool is_cib_health_question(std::string_view text) {
  return codec::message_name(text) == codec::Form<CibHealthQuestion>::kName;
}

std::string encode(const CibHealth& health) { return codec::encode(health); }

Result<CibHealth> decode_cib_health(std::string_view text) {
  return codec::decode<CibHealth>(text, "the health of a copy of the CIB", 64 * 1024);
}

}  // namespace quorate
