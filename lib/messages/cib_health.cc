#include "messages/cib_health.h"

#include "messages/envelope.h"
#include "messages/xml_form.h"

namespace quorate {
namespace {

constexpr std::string_view kQuestion = "cib-health-question";
constexpr std::string_view kHealth = "cib-health";
constexpr std::size_t kMaxBytes = 64 * 1024;

}  // namespace

std::string encode(const CibHealthQuestion&) { return EnvelopeWriter(kQuestion).finish(); }

bool is_cib_health_question(std::string_view text) { return message_name(text) == kQuestion; }

std::string encode(const CibHealth& health) {
  const xml::Document document = form::begin(kHealth);
  for (const std::string& concern : health.concerns) {
    form::put(document.root().add("concern"), "text", concern);
  }
  return document.root().to_string();
}

Result<CibHealth> decode_cib_health(std::string_view text) {
  const auto document = form::open(text, {kHealth}, kMaxBytes);
  if (!document) return tl::unexpected(document.error());
  CibHealth health;
  for (const xml::Element element : xml::children(document->root(), "concern")) {
    health.concerns.push_back(form::text(element, "text"));
  }
  return health;
}

}  // namespace quorate
