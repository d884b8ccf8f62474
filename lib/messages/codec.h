#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "messages/reader.h"
#include "messages/writer.h"

/// The one form of all messages between daemons and tools: an XML element with the attribute
/// `protocol`, fields as attributes, lists and bodies as elements in it (markup.h). The fields of
/// each message are described once, by a Form (form.h).
///
///   std::string encode(const Depose& m) { return codec::encode(m); }
///   Result<Depose> decode(std::string_view text) { return codec::decode<Depose>(text); }
///
/// Reading takes any bytes: what isn't such a message is an Error that names the message, the field
/// and what is allowed. Cost: one pass, well under a microsecond for a message of a dozen fields.
namespace quorate::codec {

/// The longest message that is read if nothing else is said; those with a CIB in them can be
/// longer.
inline constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxBytesWithDocument = std::size_t{1} << 30;

/// A message's outline, its size and protocol checked.
Result<Markup> open(std::string_view text, std::size_t max_bytes);
/// The error for a message that isn't `expected` ("a request to the launcher").
tl::unexpected<Error> unknown_message(const Markup& markup, std::string_view expected);

template <Described Message>
std::string encode(const Message& message) {
  return Writer::write(message);
}
template <class... Messages>
std::string encode(const std::variant<Messages...>& message) {
  return std::visit([](const auto& m) { return Writer::write(m); }, message);
}

template <class Message>
struct Decoder {
  static Result<Message> read(const Markup& markup, std::string_view expected) {
    if (markup.elements[0].name == Form<Message>::kName) return Reader::read<Message>(markup);
    return unknown_message(markup, expected);
  }
};
template <class... Messages>
struct Decoder<std::variant<Messages...>> {
  using Variant = std::variant<Messages...>;
  static Result<Variant> read(const Markup& markup, std::string_view expected) {
    Result<Variant> result;
    if ((try_one<Messages>(markup, result) || ...)) return result;
    return unknown_message(markup, expected);
  }
  template <class Message>
  static bool try_one(const Markup& markup, Result<Variant>& result) {
    if (markup.elements[0].name != Form<Message>::kName) return false;
    Result<Message> message = Reader::read<Message>(markup);
    if (message) {
      result = std::move(*message);
    } else {
      result = tl::unexpected<Error>(std::move(message.error()));
    }
    return true;
  }
};

/// A message, or a variant of messages told apart by their names. `expected` says in errors what
/// these are. kInvalid for what is no such message, kUnsupported for another protocol.
template <class Message>
Result<Message> decode(std::string_view text, std::string_view expected,
                       std::size_t max_bytes = kMaxBytes) {
  const Result<Markup> markup = open(text, max_bytes);
  if (!markup) return tl::unexpected(markup.error());
  return Decoder<Message>::read(*markup, expected);
}

}  // namespace quorate::codec
