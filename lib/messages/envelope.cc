#include "messages/envelope.h"

#include <charconv>

namespace quorate {
namespace {

constexpr int kProtocol = 1;
constexpr std::size_t kMaxFields = 64;
constexpr std::size_t kMaxNameLength = 64;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

std::size_t name_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && length < kMaxNameLength && is_name_character(text[length])) {
    ++length;
  }
  return length;
}

void append_escaped(std::string& out, std::string_view value) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (byte < 0x20) {
      out += "&#x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
      out += ';';
    } else {
      out += c;
    }
  }
}

/// The text of an attribute value; nullopt-like false if a reference is malformed.
bool unescape(std::string_view value, std::string& out) {
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '&') {
      out += value[i];
      continue;
    }
    const std::size_t end = value.find(';', i);
    if (end == std::string_view::npos) return false;
    const std::string_view name = value.substr(i + 1, end - i - 1);
    if (name == "amp") {
      out += '&';
    } else if (name == "lt") {
      out += '<';
    } else if (name == "gt") {
      out += '>';
    } else if (name == "quot") {
      out += '"';
    } else if (name.substr(0, 2) == "#x") {
      unsigned code = 0;
      const auto [stop, error] =
          std::from_chars(name.data() + 2, name.data() + name.size(), code, 16);
      if (error != std::errc{} || stop != name.data() + name.size() || code > 0x7f) return false;
      out += static_cast<char>(code);
    } else {
      return false;
    }
    i = end;
  }
  return true;
}

tl::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorKind::kInvalid, "message refused: " + std::string(what));
}

template <class T>
T parse_number(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : T{};
}

}  // namespace

std::string_view message_name(std::string_view message) {
  if (message.empty() || message[0] != '<') return {};
  return message.substr(1, name_length(message.substr(1)));
}

EnvelopeWriter::EnvelopeWriter(std::string_view name) : name_(name) {
  text_ = '<';
  text_ += name;
  put_number("protocol", kProtocol);
}

EnvelopeWriter& EnvelopeWriter::put(std::string_view field, std::string_view value) {
  if (value.empty()) return *this;
  text_ += ' ';
  text_ += field;
  text_ += "=\"";
  append_escaped(text_, value);
  text_ += '"';
  return *this;
}
EnvelopeWriter& EnvelopeWriter::put_number(std::string_view field, std::int64_t value) {
  return value == 0 ? *this : put(field, std::to_string(value));
}
EnvelopeWriter& EnvelopeWriter::put_unsigned(std::string_view field, std::uint64_t value) {
  return value == 0 ? *this : put(field, std::to_string(value));
}
EnvelopeWriter& EnvelopeWriter::put_flag(std::string_view field, bool value) {
  return value ? put(field, "1") : *this;
}

std::string EnvelopeWriter::finish(std::string_view body) {
  if (body.empty()) {
    text_ += "/>";
  } else {
    text_.reserve(text_.size() + body.size() + name_.size() + 4);
    text_ += '>';
    text_ += body;
    text_ += "</";
    text_ += name_;
    text_ += '>';
  }
  return std::move(text_);
}

Result<Envelope> Envelope::open(std::string_view message) {
  Envelope envelope;
  envelope.name_ = message_name(message);
  if (envelope.name_.empty()) return malformed("it doesn't begin with an element");
  std::size_t at = 1 + envelope.name_.size();
  for (;;) {
    while (at < message.size() && message[at] == ' ') ++at;
    const std::size_t length = name_length(message.substr(at));
    if (length == 0) break;
    const std::string_view field = message.substr(at, length);
    at += length;
    if (message.substr(at, 2) != "=\"") return malformed("a field has no value");
    at += 2;
    const std::size_t end = message.find('"', at);
    if (end == std::string_view::npos) return malformed("a field's value has no end");
    std::string value;
    if (!unescape(message.substr(at, end - at), value)) {
      return malformed("a field has a bad reference");
    }
    if (envelope.fields_.size() == kMaxFields) return malformed("it has too many fields");
    envelope.fields_.emplace_back(field, std::move(value));
    at = end + 1;
  }
  if (message.substr(at) != "/>") {
    const std::string closing = "</" + std::string(envelope.name_) + ">";
    if (at >= message.size() || message[at] != '>' || message.size() - at - 1 < closing.size() ||
        message.substr(message.size() - closing.size()) != closing) {
      return malformed("it isn't one complete element");
    }
    envelope.body_ = message.substr(at + 1, message.size() - closing.size() - at - 1);
  }
  if (envelope.number("protocol") != kProtocol) {
    return fail(ErrorKind::kUnsupported, "message '" + std::string(envelope.name_) +
                                             "' refused: protocol '" + envelope.text("protocol") +
                                             "', this program speaks " + std::to_string(kProtocol));
  }
  return envelope;
}

bool Envelope::has(std::string_view field) const {
  for (const auto& [name, value] : fields_) {
    if (name == field) return true;
  }
  return false;
}

std::string Envelope::text(std::string_view field) const {
  for (const auto& [name, value] : fields_) {
    if (name == field) return value;
  }
  return {};
}
std::int64_t Envelope::number(std::string_view field) const {
  return parse_number<std::int64_t>(text(field));
}
std::uint64_t Envelope::unsigned_number(std::string_view field) const {
  return parse_number<std::uint64_t>(text(field));
}
bool Envelope::flag(std::string_view field) const { return text(field) == "1"; }

}  // namespace quorate
