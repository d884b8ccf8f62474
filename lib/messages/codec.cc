#include "messages/codec.h"

namespace quorate::codec {
namespace {

constexpr std::string_view kProtocol = "1";

std::string_view protocol_of(const Markup& markup) {
  for (std::uint32_t i = 0; i < markup.elements[0].field_count; ++i) {
    if (markup.fields[i].name == "protocol") return markup.fields[i].value;
  }
  return {};
}

}  // namespace

Result<Markup> open(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes) {
    return fail(ErrorKind::kInvalid, "message '" + std::string(message_name(text)) +
                                         "' refused: it has " + std::to_string(text.size()) +
                                         " bytes, " + std::to_string(max_bytes) + " are allowed");
  }
  Result<Markup> markup = Markup::read(text);
  if (markup && protocol_of(*markup) != kProtocol) {
    return fail(ErrorKind::kUnsupported, "message '" + std::string(message_name(text)) +
                                             "' refused: protocol '" +
                                             std::string(protocol_of(*markup).substr(0, 16)) +
                                             "', this program speaks " + std::string(kProtocol));
  }
  return markup;
}

tl::unexpected<Error> unknown_message(const Markup& markup, std::string_view expected) {
  return fail(ErrorKind::kInvalid, "message '" + std::string(markup.elements[0].name) +
                                       "' refused: it isn't " + std::string(expected));
}

}  // namespace quorate::codec
